"""Commands that move rows between files and the install: import, export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from besace.cli.completion import files, types_of
from besace.cli.verbs import json_option
from besace.texts import Text, joined, translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.transfer.exporting import ExportResult
    from besace.transfer.importing import ImportResult, Problem

_ = translator(__name__)

_TOLD = 20
"""Bad rows that are told one by one; all of them stand in the errors file."""


def import_(state: State) -> click.Command:
    """`besace import FILE --mapping FILE.toml [--dry-run]`."""

    def callback(file: str, mapping: str, dry_run: bool, delimiter: str | None, as_json: bool) -> None:
        from besace.transfer.importing import import_file

        crm = state.crm()
        seen = 0

        def report(problem: Problem) -> None:
            nonlocal seen
            seen += 1
            if seen <= _TOLD:
                print(state.say(problem.sentence), file=sys.stderr)

        with progress_bar(state, _("Importing")) as progress:
            result = import_file(
                crm, file, mapping, user=state.user, language=state.wanted_language, dry_run=dry_run,
                delimiter=delimiter, progress=progress, report=report,
            )  # fmt: skip
        _print(state, result, lambda: _told(result))
        state.exit_code = 1 if result.failed else 0

    return click.Command(
        "import",
        params=[
            click.Argument(["file"], metavar="FILE", shell_complete=files),
            click.Option(
                ["--mapping"], metavar="FILE.toml", shell_complete=files, required=True,
                help=state.say(_("Which columns become which fields.")),
            ),
            click.Option(
                ["--dry-run"], is_flag=True, help=state.say(_("Store nothing, and tell what would be done."))
            ),
            click.Option(
                ["--delimiter"], metavar="CHARACTER",
                help=state.say(_("What separates the columns; found out unless given.")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(
            _("Import a CSV file. Importing it again changes nothing. Bad rows go to FILE.errors.csv.")
        ),
    )  # fmt: skip


def export(state: State) -> click.Command:
    """`besace export TYPE [--where C] FILE`."""

    def callback(type_key: str, file: str, where: str | None, as_json: bool) -> None:
        from besace.transfer.exporting import export_type

        crm = state.crm()
        with progress_bar(state, _("Exporting")) as progress:
            result = export_type(
                crm, type_key.replace("-", "_"), file, where=where, user=state.user,
                language=state.wanted_language, progress=progress,
            )  # fmt: skip
        _print(state, result, lambda: _exported(result))

    return click.Command(
        "export",
        params=[
            click.Argument(["type_key"], metavar="TYPE", shell_complete=types_of(state)),
            click.Argument(["file"], metavar="FILE", shell_complete=files),
            click.Option(["--where"], metavar="CONDITION", help=state.say(_("Only those that meet a condition."))),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Export the entities of a type to a CSV file, with the mapping that imports it beside it.")),
    )


def _print(state: State, result: Any, told: Callable[[], Any]) -> None:
    from besace.cli.output import show_result

    with state.crm().read(door="cli") as work:
        state.speak(work.language)
        text = show_result(state, work, result if state.json else told())
    print(text)


def _told(result: ImportResult) -> list[Any]:
    """What an import did, as a person reads it."""
    from besace.records import Facts, Note

    rows: list[tuple[Text | str, Any]] = [
        (_("Created"), result.created),
        (_("Updated"), result.updated),
        (_("Unchanged"), result.unchanged),
        (_("Failed"), result.failed),
        (_("Links made"), result.linked),
    ]
    template = _("{field}: {n} row", "{field}: {n} rows")
    if result.fallbacks:
        told = [template.format(field=key, n=n) for key, n in result.fallbacks.items()]
        rows.append((_("Fallbacks"), joined(told)))
    if result.unused_columns:
        rows.append((_("Columns not read"), ", ".join(result.unused_columns)))
    laid: list[Any] = [Facts(rows, _("Dry run: nothing is stored.") if result.dry_run else None)]
    if result.errors_file is not None:
        sentence = _("The rows that failed are in {file}. Correct them there, and import it with the same mapping.")
        laid.append(Note(sentence.format(file=result.errors_file)))
    return laid


def _exported(result: ExportResult) -> Text:
    return _(
        "{n} row is in {file}; import it with --mapping {mapping}.",
        "{n} rows are in {file}; import them with --mapping {mapping}.",
    ).format(n=result.rows, file=result.file, mapping=result.mapping)


@contextmanager
def progress_bar(state: State, what: Text) -> Iterator[Callable[[int, int], None] | None]:
    """A bar with rate and time left, on a terminal alone."""
    if not sys.stderr.isatty() or state.json:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with shown:
        task = shown.add_task(state.say(what), total=None, rate="")

        def move(done: int, total: int) -> None:
            elapsed = shown.tasks[0].elapsed or 0
            rate = state.say(_("{n} rows a second").format(n=round(done / elapsed))) if elapsed else ""
            shown.update(task, completed=done, total=total, rate=rate)

        yield move
