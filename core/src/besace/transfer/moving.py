"""Moving an install to another database: readers go on, writers are refused until it is there or given up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.enabling import stored_plugins
from besace.engines import without_password
from besace.errors import InstallError, Refused
from besace.failures import plain_errors
from besace.relocation import Move, change_move, identity
from besace.texts import translator
from besace.transfer.archive import describe
from besace.transfer.arriving import Arrival, arriving, config_text, refuse_unwritable, rewrite_config
from besace.transfer.filling import fill, verify
from besace.transfer.manifest import Held, held
from besace.transfer.portable import Progress, Steps, Tally, count_rows, line_of, reflect, rows_of

if TYPE_CHECKING:
    from besace.app import Besace

_ = translator(__name__)


@dataclass(frozen=True)
class Moved:
    """What a move brought: the address of the new database without its password, and the rows of each table.

    `rows` is None where an earlier run had brought them, and this one only went on from there.
    """

    to: str
    rows: int | None
    tables: dict[str, int]


def move(crm: Besace, url: str, *, user: str | None = None, progress: Progress | None = None) -> Moved:
    """Move an install to an empty database, and let its besace.toml name that one.

    Run again after it was killed, it goes on. Raises BesaceError, and leaves the install where it is, when it cannot.
    """
    config = config_text(crm.folder, url)
    refuse_unwritable(crm.folder)
    with plain_errors(), crm.reader.connect() as connection:
        marks = identity(connection)
    under_way = Move.stored(marks)
    if under_way is not None and under_way.to != without_password(url):
        raise _other(under_way)
    planned = under_way or Move(without_password(url), str(uuid.uuid4()))
    with arriving(url, crm.folder, planned.token, marks["id"]) as arrival:
        is_there = arrival.look()
        if planned.done and not is_there:
            planned.check(writing=False)
        counts = {} if is_there else _copy(crm, arrival, planned, user, progress)
        _leave(crm, planned)
        rewrite_config(crm.folder, config)  # the mark of the new database stays: an older besace.toml may come back
    return Moved(planned.to, None if is_there else sum(counts.values()), counts)


def abandon(crm: Besace) -> Move:
    """Give up a move that is not complete: the install stays where it is. Returns what was given up."""
    given_up: list[Move] = []

    def change(move: Move | None) -> Move | None:
        if move is None:
            raise Refused(_("No move is under way."))
        if move.done:
            move.check(writing=True)
        given_up.append(move)
        return None

    with plain_errors(), crm.writer.begin() as connection:
        change_move(connection, change)
    return given_up[0]


def _other(move: Move) -> Refused:
    if move.done:
        move.check(writing=True)
    return Refused(
        _("This install is being moved to {url} already.").format(url=move.to),
        _("Let that end: besace move --to {url}, or give it up: besace move --abandon").format(url=move.to),
    )


def _copy(crm: Besace, arrival: Arrival, planned: Move, user: str | None, progress: Progress | None) -> dict[str, int]:
    """Bring the rows of a snapshot in which no one writes any more; returns how many of each table."""
    with crm.read(user=user):
        pass  # who acts is known, before anyone is kept from working
    with _no_writers(crm, arrival, planned), crm.read(user=user, door="move") as work:
        source = work.connection()
        known = reflect(source, stored_plugins(source))
        told = describe(source, known, [held(t, 0, "") for t in known.values()], at=work.now, partial=False)
        tallies: dict[str, Tally] = {}

        def rows(table: Held) -> Iterator[Sequence[Any]]:
            tally = tallies[table.name] = Tally()
            for row in rows_of(source, known[table.name]):
                tally.add(line_of(row))
                yield row

        def bring(connection: sa.Connection) -> None:
            steps = Steps(progress, lambda: 2 * sum(count_rows(source, t) for t in known.values()))
            tables = fill(connection, told, rows, crm.installed, steps)
            verify(connection, tables, {n: (t.rows, t.sha256) for n, t in tallies.items()}, steps)

        arrival.fill(bring)
    return {name: tally.rows for name, tally in tallies.items()}


@contextmanager
def _no_writers(crm: Besace, arrival: Arrival, planned: Move) -> Iterator[None]:
    """Refuse all writers from now on; they may go on when this run began the move and nothing came of it."""
    began: list[Move | None] = []

    def begin(move: Move | None) -> Move | None:
        if move is not None and move != planned:
            raise _other(move)
        began.append(move)
        return planned

    with plain_errors(), crm.writer.begin() as connection:
        change_move(connection, begin)
    try:
        yield
    except BaseException:
        if began == [None] and not arrival.has_data:
            with plain_errors(), crm.writer.begin() as connection:
                change_move(connection, lambda move: None if move == planned else move)
        raise


def _leave(crm: Besace, planned: Move) -> None:
    """Say in the old database that the new one counts; refused when the move was given up meanwhile."""

    def change(move: Move | None) -> Move | None:
        if move is None or move.token != planned.token:
            raise InstallError(
                _("This move was given up meanwhile: the install stays where it is."),
                _("What was copied to {url} is of no use; empty that database.").format(url=planned.to),
            )
        return replace(move, done=True)

    with plain_errors(), crm.writer.begin() as connection:
        change_move(connection, change)
