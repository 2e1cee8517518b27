"""The marks of a database that is being moved or was: what refuses its writers, and afterwards its readers too.

A mark is a row of the table `install` beside the generation. Setting one raises the generation, which the first
statement of every unit reads: so every process of the install learns of it before it writes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from besace.errors import InstallError, Refused
from besace.schema import meta
from besace.texts import translator

_ = translator(__name__)

MOVE = "move"
"""The key of the mark in the database that is left."""

ARRIVAL = "arrival"
"""The key of the mark in a database that was filled: what came there. A restore takes it away when it is complete."""

MARKS = (MOVE, ARRIVAL)
"""The rows of `install` that speak of a database and not of the install: they are copied nowhere."""


@dataclass(frozen=True)
class Move:
    """A move of an install to another database: where to, its name, and whether it is complete."""

    to: str
    token: str
    done: bool = False

    @classmethod
    def stored(cls, identity: Mapping[str, str]) -> Move | None:
        """The move that the rows of the table `install` tell of."""
        return cls(**json.loads(identity[MOVE])) if MOVE in identity else None

    def check(self, *, writing: bool) -> None:
        """Refuse a unit that would be lost, or would read what is no longer true."""
        if self.done:
            raise InstallError(
                _("This install was moved to {url}; the data here are those of before.").format(url=self.to),
                _(
                    "Start again with the besace.toml as it is now. "
                    "If it still names this database: besace move --to {url}"
                ).format(url=self.to),
            )
        if writing:
            raise Refused(
                _("This install is being moved to {url}: it can be read but not changed.").format(url=self.to),
                _(
                    "Try again when that is done. If it was interrupted, run it again, "
                    "or give it up: besace move --abandon"
                ),
            )


def identity(connection: sa.Connection) -> dict[str, str]:
    """The rows of the table `install`."""
    return {row.key: row.value for row in connection.execute(sa.select(meta))}


def change_move(connection: sa.Connection, change: Callable[[Move | None], Move | None]) -> Move | None:
    """Set the mark of a move, or take it away; waits until the units that write are done. Returns the move now."""
    raised = sa.cast(sa.cast(meta.c.value, sa.Integer) + 1, sa.Text)
    # First the row that every writing unit holds: a unit that waits for it then sees that the generation changed.
    connection.execute(sa.update(meta).where(meta.c.key == "generation").values(value=raised))
    move = change(Move.stored(identity(connection)))
    set_mark(connection, MOVE, None if move is None else json.dumps(asdict(move)))
    return move


def set_mark(connection: sa.Connection, key: str, value: str | None) -> None:
    """Set a mark, or take it away."""
    connection.execute(sa.delete(meta).where(meta.c.key == key))
    if value is not None:
        connection.execute(sa.insert(meta).values(key=key, value=value))


def refuse_changes(connection: sa.Connection) -> None:
    """Refuse to change the schema or the plugins of an install that is being moved, or was."""
    generation = sa.select(meta.c.value).where(meta.c.key == "generation")
    connection.execute(generation.with_for_update(read=True))  # else a mark that is being set would not be seen
    move = Move.stored(identity(connection))
    if move is not None:
        move.check(writing=True)
