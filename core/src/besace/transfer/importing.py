"""Importing a file: batch after batch, each a unit of its own, so that a killed one is simply run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from besace.errors import BesaceError, DatabaseUnavailable, InstallError, PluginError, Refused
from besace.texts import Text, translator
from besace.transfer.batch import Again, BadRow, Outcome, write_batch
from besace.transfer.mapping import ImportMapping, read_mapping
from besace.transfer.sources import Columns
from besace.transfer.table import (
    ERROR_COLUMN,
    OTHER_ERROR_COLUMN,
    ErrorsFile,
    Table,
    TextRow,
    check_delimiter,
    open_table,
)

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_ = translator(__name__)

BATCH = 500
"""Rows of one unit: enough to spread the cost of statements, few enough to let other writers in."""

TOLD = 100
"""So many bad rows are kept in a result; all of them are in the errors file."""

_NOT_A_ROWS_FAULT = (DatabaseUnavailable, InstallError, PluginError)


@dataclass(frozen=True)
class Problem:
    """One bad row for a person: where it is, and a sentence."""

    file: str
    row: int
    column: str | None
    value: str | None
    problem: Text

    @property
    def sentence(self) -> Text:
        """`deals.csv, row 318, column close_date: "31/02/2017" is not a date. Expected YYYY-MM-DD.`"""
        template = (
            _("{file}, row {row}: {problem}")
            if self.column is None
            else _("{file}, row {row}, column {column}: {problem}")
        )
        return template.format(file=self.file, row=self.row, column=self.column, problem=self.problem)


@dataclass(frozen=True)
class ImportResult:
    """What an import did with the rows; `linked` counts new or changed links, `fallbacks` per field.

    `errors` holds the first bad rows, `unused_columns` the columns that the mapping does not read. After a
    dry run nothing is stored and no errors file written.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    linked: int = 0
    fallbacks: dict[str, int] = field(default_factory=dict)
    errors_file: str | None = None
    errors: tuple[Problem, ...] = ()
    unused_columns: tuple[str, ...] = ()
    dry_run: bool = False


def import_file(
    crm: Besace,
    file: Path | str,
    mapping: Path | str,
    *,
    user: str | None = None,
    language: str | None = None,
    dry_run: bool = False,
    delimiter: str | None = None,
    batch: int = BATCH,
    progress: Callable[[int, int], None] | None = None,
    report: Callable[[Problem], None] | None = None,
) -> ImportResult:
    """Import a CSV file through a mapping; returns what was done.

    `progress(rows done, rows in all)` is called after each batch, `report` for each bad row. For a file or
    mapping that cannot be read or does not fit the install, BesaceError is raised before anything is written.
    Importing the same file again changes nothing, so what was killed is simply run again.
    """
    with crm.read(user=user, language=language, door="import") as work:
        read = read_mapping(Path(mapping), work.crm.registry)
        speaking = language or work.language
    chosen = check_delimiter(delimiter) if delimiter else read.delimiter
    table = open_table(Path(file), delimiter=chosen, wanted=read.columns)
    columns = read.columns_of(table)
    with ErrorsFile(table, read.columns) as errors:
        run = _Import(crm, read, table, columns, None if dry_run else errors, speaking, report or _tell_nobody)
        options = {"user": user, "language": language, "door": "import"}
        if dry_run:
            _in_one_unit(crm, options, lambda work: run.all(_Trial(work), batch, progress))
        else:
            run.all(_Units(crm, {**options, "reason": table.path.name}), batch, progress)
        return run.result(dry_run, errors.path)


class _Units:
    """Each batch a unit of work of its own."""

    def __init__(self, crm: Besace, options: dict[str, Any]) -> None:
        self.crm = crm
        self.options = options

    def __call__(self, unit: Callable[[Work], Outcome]) -> Outcome:
        return self.crm.write(unit, **self.options)


class _Trial:
    """All batches in one unit that is rolled back at its end; each in a savepoint, as if it were a unit."""

    def __init__(self, work: Work) -> None:
        self.work = work
        # The change row must outlive a savepoint that is rolled back: the unit remembers its id.
        assert work.change_id

    def __call__(self, unit: Callable[[Work], Outcome]) -> Outcome:
        try:
            with self.work.connection().begin_nested():
                return unit(self.work)
        finally:
            self.work.expunge_all()
            for list_key in self.work.crm.registry.lists:
                self.work.forget_items(list_key)


class _TakenBack(Exception):
    """Raised at the end of a dry run, so that its unit is rolled back."""


def _in_one_unit(crm: Besace, options: dict[str, Any], run: Callable[[Work], None]) -> None:
    try:
        with crm.write(**options) as work:
            run(work)
            raise _TakenBack
    except _TakenBack:
        pass


class _Import:
    """One run over a file."""

    def __init__(
        self,
        crm: Besace,
        mapping: ImportMapping,
        table: Table,
        columns: Columns,
        errors: ErrorsFile | None,
        language: str,
        report: Callable[[Problem], None],
    ) -> None:
        self.mapping = mapping
        self.table = table
        self.columns = columns
        self.errors = errors
        self.language = language
        self.report = report
        self.total = Outcome()
        self.failed = 0
        self.problems: list[Problem] = []

    def all(
        self,
        units: Callable[[Callable[[Work], Outcome]], Outcome],
        batch: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        done = 0
        for rows in _batches(self.table.rows(), batch):
            bad = self.write(units, rows)
            for one in sorted(bad, key=lambda b: b.row.number):
                self.tell(one)
            done += len(rows)
            if progress is not None:
                progress(done, self.table.length)

    def write(self, units: Callable[[Callable[[Work], Outcome]], Outcome], rows: Sequence[TextRow]) -> list[BadRow]:
        """Write a batch; returns its bad rows. One that is refused whole is redone by halves, to a row."""
        bad: list[BadRow] = []
        while rows:
            try:
                outcome = units(lambda work: write_batch(work, self.mapping, self.columns, rows))  # noqa: B023
            except Again as again:
                bad += again.bad
                taken = {one.row.number for one in again.bad}
                rows = [row for row in rows if row.number not in taken]
                continue
            except _NOT_A_ROWS_FAULT:
                raise
            except (BesaceError, IntegrityError) as error:
                return bad + self.halves(units, rows, _plain(error))
            self.add(outcome)
            return bad + outcome.bad
        return bad

    def halves(
        self,
        units: Callable[[Callable[[Work], Outcome]], Outcome],
        rows: Sequence[TextRow],
        error: BesaceError,
    ) -> list[BadRow]:
        if len(rows) == 1:
            return [BadRow(rows[0], error)]
        middle = len(rows) // 2
        return self.write(units, rows[:middle]) + self.write(units, rows[middle:])

    def add(self, outcome: Outcome) -> None:
        self.total.created += outcome.created
        self.total.updated += outcome.updated
        self.total.unchanged += outcome.unchanged
        self.total.linked += outcome.linked
        self.total.fallbacks.update(outcome.fallbacks)

    def tell(self, bad: BadRow) -> None:
        self.failed += 1
        error = bad.error
        said = Text("{message} {hint}", "", None, {"message": error.message, "hint": error.hint})
        told = said if error.hint is not None else Text("{message}", "", None, {"message": error.message})
        problem = Problem(self.table.path.name, bad.row.number, bad.column, bad.value, told)
        if len(self.problems) < TOLD:
            self.problems.append(problem)
        if self.errors is not None:
            where = Text("{column}: {told}", "", None, {"column": bad.column, "told": told}) if bad.column else told
            self.errors.add(bad.row, where.in_language(self.language))
        self.report(problem)

    def result(self, dry_run: bool, errors_file: Path | None) -> ImportResult:
        total = self.total
        used = {*self.mapping.columns, ERROR_COLUMN, OTHER_ERROR_COLUMN}
        return ImportResult(
            created=total.created,
            updated=total.updated,
            unchanged=total.unchanged,
            failed=self.failed,
            linked=total.linked,
            fallbacks=dict(sorted(total.fallbacks.items())),
            errors_file=str(errors_file) if errors_file is not None else None,
            errors=tuple(self.problems),
            unused_columns=tuple(name for name in self.table.columns if name not in used),
            dry_run=dry_run,
        )


def _batches(rows: Iterator[TextRow], size: int) -> Iterator[list[TextRow]]:
    while some := list(islice(rows, size)):
        yield some


def _plain(error: BesaceError | IntegrityError) -> BesaceError:
    if isinstance(error, BesaceError):
        return error
    return Refused(_("The database refuses it: {problem}.").format(problem=str(error.orig)))


def _tell_nobody(_problem: Problem) -> None:
    return None
