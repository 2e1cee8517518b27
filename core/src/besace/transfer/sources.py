"""Sources: how the cells of a row become the text of a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Piece = tuple[str, str | None]
"""A literal text, and the column whose cell follows it."""


@dataclass(frozen=True)
class Cleaning:
    """What is done to a text: some texts stand for nothing, some for another; an empty one has a fallback."""

    values: Mapping[str, str] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()
    fallback: str | None = None

    def clean(self, text: str) -> tuple[str, bool]:
        """The text as it is meant, and whether it is the fallback."""
        text = text.strip()
        if text in self.empty:
            text = ""
        text = self.values.get(text, text)
        return (self.fallback, True) if not text and self.fallback is not None else (text, False)


@dataclass(frozen=True)
class Cells:
    """The cleaned cells of a row by column; those in `fallen` hold the fallback of their column."""

    texts: Mapping[str, str]
    fallen: frozenset[str]


@dataclass(frozen=True)
class Columns:
    """The columns that a mapping uses, with their places in a file and their cleaning."""

    used: tuple[tuple[str, int, Cleaning], ...]
    width: int

    def clean(self, cells: Sequence[str]) -> Cells:
        """The cells of one row."""
        texts: dict[str, str] = {}
        fallen = []
        for name, place, cleaning in self.used:
            texts[name], fell = cleaning.clean(cells[place])
            if fell:
                fallen.append(name)
        return Cells(texts, frozenset(fallen))


@dataclass(frozen=True)
class Source:
    """Where a text comes from: a column, a constant, or a template of both; then it is cleaned once more."""

    pieces: tuple[Piece, ...]
    cleaning: Cleaning = Cleaning()

    @property
    def columns(self) -> list[str]:
        """The columns that it reads."""
        return [column for _literal, column in self.pieces if column is not None]

    @property
    def column(self) -> str | None:
        """The one column, where it is nothing else."""
        if len(self.pieces) == 1 and not self.pieces[0][0]:
            return self.pieces[0][1]
        return None

    def text(self, cells: Cells) -> tuple[str, bool]:
        """The text for a row, and whether it is a fallback. A template of empty cells alone is empty."""
        column = self.column
        if column is not None:
            text, fell = self.cleaning.clean(cells.texts[column])
            return text, fell or column in cells.fallen
        columns = self.columns
        if columns and not any(cells.texts[name] for name in columns):
            return self.cleaning.clean("")
        parts = [literal + (cells.texts[name] if name else "") for literal, name in self.pieces]
        return self.cleaning.clean("".join(parts))
