"""The columns of a table: where their values stand, and how wide they are in the room there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from besace.money import Money

_WORD = 32
"""Characters of a word that is not broken, however narrow the terminal."""
_GAP = 3
"""Between two columns."""


class Column:
    """One column: its texts (heading first), and the values that they show.

    `natural` is the width it would like, `least` the one in which its words, numbers and days stay whole.
    """

    def __init__(self, texts: Sequence[str], values: Sequence[Any]) -> None:
        from rich.cells import cell_len

        filled = [v for v in values if v is not None]
        numbers = [v for v in filled if isinstance(v, Money | Decimal | int) and not isinstance(v, bool)]
        is_numeric = len(numbers) * 2 > len(filled)
        is_whole = is_numeric or all(isinstance(v, date) for v in filled)
        lines = [line for text in texts for line in text.splitlines()]
        words = [word for text in (texts if not is_whole else texts[:1]) for word in text.split()]
        self.justify: Literal["left", "right"] = "right" if is_numeric else "left"
        self.natural = max(map(cell_len, lines), default=1)
        self.least = max((min(cell_len(word), _WORD) for word in words), default=1)
        if is_whole:
            self.least = max(self.least, *map(cell_len, texts[1:]), 1)


def widths(columns: Sequence[Column], room: int) -> list[int]:
    """Widths of columns: each has its least, and what is left of the room goes round fairly."""
    given = [column.least for column in columns]
    spare = room - sum(given) - _GAP * (len(columns) - 1)
    wanting = sorted(range(len(columns)), key=lambda place: columns[place].natural - given[place])
    for done, place in enumerate(wanting):
        share = max(0, spare) // (len(wanting) - done)
        more = max(0, min(share, columns[place].natural - given[place]))
        given[place] += more
        spare -= more
    return given
