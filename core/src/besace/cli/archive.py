"""Commands for the install as a whole: backup, restore, move."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli.transfer import progress_bar
from besace.cli.verbs import json_option
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.transfer.moving import Moved
    from besace.transfer.restoring import Restored

_ = translator(__name__)


def backup(state: State) -> click.Command:
    """`besace backup FILE`."""

    def callback(file: str, force: bool, as_json: bool) -> None:
        from besace.transfer import archive

        crm = state.crm()
        with progress_bar(state, _("Backing up")) as progress:
            made = archive.backup(
                crm, file, force=force, user=state.user, language=state.wanted_language, progress=progress
            )
        sentence = _(
            "{n} row of {tables} tables is in {file}. Make an install of it with: besace restore {file} DIR",
            "{n} rows of {tables} tables are in {file}. Make an install of them with: besace restore {file} DIR",
        )
        told = [sentence.format(n=made.rows, tables=len(made.tables), file=made.file)]
        _print(state, made, [*told, *_with_files(made.files), *_without_files(made.lost)])

    return click.Command(
        "backup",
        params=[
            click.Argument(["file"], metavar="FILE"),
            click.Option(["--force"], is_flag=True, help=state.say(_("Write over a file that is there already."))),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Write the whole install to one file, whatever its database, while people work.")),
    )


def restore(state: State) -> click.Command:
    """`besace restore FILE [DIR] [--database URL] [--without PLUGIN,...]`."""
    from besace.transfer.restoring import DATABASE

    def callback(file: str, given: Path | None, database: str, without: str | None, as_json: bool) -> None:
        from besace.transfer import restoring

        folder = state.new_folder(given)
        names = [n.strip() for n in (without or "").replace("-", "_").split(",") if n.strip()]
        with progress_bar(state, _("Restoring")) as progress:
            made = restoring.restore(
                file, folder, database=database, without=names, plugins=state.plugins, progress=progress
            )
        state.settle(folder)
        _print(state, made, _restored(made))

    return click.Command(
        "restore",
        params=[
            click.Argument(["file"], metavar="FILE"),
            click.Argument(["given"], type=click.Path(path_type=Path), required=False, metavar="[DIR]"),
            click.Option(
                ["--database"], default=DATABASE, metavar="URL",
                help=state.say(_("Where the data are to be kept: an empty database (SQLite in the folder).")),
            ),
            click.Option(
                ["--without"], metavar="PLUGIN,...",
                help=state.say(_("Keep the rows of these plugins, disabled: their code is not needed.")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Make an install in DIR (here) from a backup: the same install, with all that it held.")),
    )  # fmt: skip


def _with_files(n: int) -> list[Text]:
    return [_("{n} file is with it.", "{n} files are with it.").format(n=n)] if n else []


def _without_files(lost: list[str]) -> list[Text]:
    sentence = _(
        "{n} file that rows refer to was missing or altered, and is not in it: besace verify names it.",
        "{n} files that rows refer to were missing or altered, and are not in it: besace verify names them.",
    )
    return [sentence.format(n=len(lost))] if lost else []


def _restored(made: Restored) -> list[Text]:
    told = [
        _(
            "{folder} is the install as it was on {day}: {n} row.",
            "{folder} is the install as it was on {day}: {n} rows.",
        ).format(n=made.rows, folder=made.install, day=made.at[:10]),
        *_with_files(made.files),
        *_without_files(made.lost),
        _("It is the same install and no second one: if the other is still used, go on with one of the two only."),
    ]
    if made.disabled:
        told.append(_("Disabled, with their rows kept: {names}.").format(names=", ".join(made.disabled)))
    if made.older:
        sentence = _("The code is newer than the tables of: {names}. Go on with: besace plugin upgrade")
        told.append(sentence.format(names=", ".join(made.older)))
    return told


def move(state: State) -> click.Command:
    """`besace move --to URL|--abandon`."""

    def callback(url: str | None, abandon: bool, as_json: bool) -> None:
        from besace.transfer import moving

        if abandon == (url is not None):
            raise click.UsageError(state.say(_("Either --to or --abandon.")))
        crm = state.crm()
        if url is None:
            given_up = moving.abandon(crm)
            sentence = _("The move to {url} is given up. What was copied there is of no use.")
            _print(state, {"abandoned": given_up.to}, [sentence.format(url=given_up.to)])
            return
        with progress_bar(state, _("Moving")) as progress:
            moved = moving.move(crm, url, user=state.user, progress=progress)
        _print(state, moved, _moved(moved))

    return click.Command(
        "move",
        params=[
            click.Option(["--to", "url"], metavar="URL", help=state.say(_("An empty database."))),
            click.Option(["--abandon"], is_flag=True, help=state.say(_("Give up a move that was interrupted."))),
            json_option(state),
        ],
        callback=callback,
        help=state.say(
            _("Move the install to another database. Meanwhile it can be read. Interrupted, it is run again.")
        ),
    )


def _moved(moved: Moved) -> list[Text]:
    if moved.rows is None:
        return [_("The rows were in {url} already; the install is there now.").format(url=moved.to)]
    return [
        _(
            "The install is in {url} now: {n} row of {tables} tables, compared one by one.",
            "The install is in {url} now: {n} rows of {tables} tables, compared one by one.",
        ).format(n=moved.rows, url=moved.to, tables=len(moved.tables)),
        _("The old database refuses to be used. Remove it when you have looked at the new one."),
    ]


def _print(state: State, made: Any, sentences: list[Text]) -> None:
    document = dataclasses.asdict(made) if dataclasses.is_dataclass(made) and not isinstance(made, type) else made
    print(json.dumps(document, ensure_ascii=False) if state.json else "\n".join(map(state.say, sentences)))
