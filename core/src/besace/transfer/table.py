"""The files: CSV read row by row, and the file of the rows that could not be imported."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from besace.errors import NotFound, Refused, UsageError
from besace.texts import translator

_ = translator(__name__)

DELIMITERS = (",", ";", "\t", "|")
ERROR_COLUMN = "error"
OTHER_ERROR_COLUMN = "import_error"
"""The column of the reasons, where the mapping reads one called `error`."""

_LONGEST_CELL = 10_000_000


@dataclass(frozen=True)
class TextRow:
    """One row as it stands in the file; the heading is row 1, as a spreadsheet counts."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A CSV file with a heading: UTF-8, with or without a byte order mark; it is never read whole."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    length: int

    def rows(self) -> Iterator[TextRow]:
        """The rows below the heading; empty lines are passed over, but counted."""
        with _reading(self.path, self.delimiter) as lines:
            for number, cells in enumerate(lines, start=1):
                if number > 1 and cells:
                    yield TextRow(number, cells)


def open_table(path: Path, *, delimiter: str | None, wanted: Sequence[str]) -> Table:
    """Look through a file once, so that one that cannot be read is refused before anything is written.

    Without a `delimiter` the one is taken under which most of the `wanted` columns are there.
    """
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda d: (len(set(wanted) & set(_heading(path, d))), len(_heading(path, d))))
    columns = tuple(_heading(path, delimiter))
    _check_heading(path, columns)
    with _reading(path, delimiter) as lines:
        length = sum(1 for cells in lines if cells) - 1
    return Table(path, delimiter, columns, length)


def _heading(path: Path, delimiter: str) -> list[str]:
    with _reading(path, delimiter) as lines:
        return [name.strip() for name in next(iter(lines), [])]


def _check_heading(path: Path, columns: Sequence[str]) -> None:
    if not any(columns):
        raise Refused(
            _("{file} is empty.").format(file=path.name),
            _("Its first row must hold the names of its columns."),
        )
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise Refused(
            _('{file} has the column "{name}" twice.').format(file=path.name, name=twice[0]),
            _("Give each column a name of its own."),
        )


@contextmanager
def _reading(path: Path, delimiter: str) -> Iterator[Iterator[list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield csv.reader(file, delimiter=delimiter, strict=True)
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=path)) from None
    except UnicodeDecodeError:
        raise Refused(
            _("{file} is not in UTF-8.").format(file=path.name),
            _("Save it as UTF-8 (in a spreadsheet: CSV UTF-8) and import it again."),
        ) from None
    except csv.Error as error:
        raise Refused(_("{file} is not a CSV file: {problem}.").format(file=path.name, problem=str(error))) from None
    except OSError as error:
        raise Refused(
            _("{file} cannot be read: {problem}.").format(file=path, problem=error.strerror or str(error))
        ) from None


def check_delimiter(text: str) -> str:
    """A delimiter as a person writes it; `\\t` or `tab` is the tabulator."""
    delimiter = {"\\t": "\t", "tab": "\t"}.get(text, text)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise UsageError(
            _('"{text}" cannot separate columns.').format(text=text), _("Expected one character, such as ;")
        )
    return delimiter


class ErrorsFile:
    """The rows that could not be imported, as they were, with the reason in a first column.

    The first, so that a row with too few cells keeps them few: filled up, it would be imported as it stands.

    It is made with the first such row, so an import without bad rows leaves no file. Corrected, it can be
    imported with the same mapping: the column of the reasons is passed over.
    """

    def __init__(self, table: Table, used: Sequence[str]) -> None:
        self.table = table
        self.column = OTHER_ERROR_COLUMN if ERROR_COLUMN in used else ERROR_COLUMN
        self.path: Path | None = None
        self._file: IO[str] | None = None
        self._writer: Any = None
        self._passed = [i for i, name in enumerate(table.columns) if name == self.column]

    def add(self, row: TextRow, reason: str) -> None:
        """Write one row."""
        if self._file is None:
            self._open()
        self._writer.writerow([reason, *self._kept(row.cells)])

    def _kept(self, cells: Sequence[str]) -> list[str]:
        return [cell for i, cell in enumerate(cells) if i not in self._passed]

    def _open(self) -> None:
        name = errors_name(self.table.path.name)
        problem = ""
        for folder in (self.table.path.parent, Path()):  # the data may lie in a folder that cannot be written
            try:
                self._file = (folder / name).open("w", encoding="utf-8", newline="")
            except OSError as error:
                problem = error.strerror or str(error)
                continue
            self.path = folder / name
            self._writer = csv.writer(self._file, delimiter=self.table.delimiter)
            self._writer.writerow([self.column, *self._kept(self.table.columns)])
            return
        raise Refused(
            _("The rows that cannot be imported cannot be written to {file}: {problem}.").format(
                file=name, problem=problem
            ),
            _("Go into a folder that can be written. What was imported so far is kept."),
        )

    def __enter__(self) -> ErrorsFile:
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


def errors_name(name: str) -> str:
    """`deals.csv` -> `deals.errors.csv` -> `deals.errors2.csv`: the file that is read is never written."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, "csv"
    again = re.fullmatch(r"(.*\.errors)(\d*)", stem)
    return f"{again[1]}{int(again[2] or 1) + 1}.{suffix}" if again else f"{stem}.errors.{suffix}"
