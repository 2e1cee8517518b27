"""Killing a process at a statement of its choice, and what an install holds, to compare what comes of it."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from besace import Besace
from besace.verification.runs import run

CHANGING = {"uuid", "at", "created_at", "modified_at", "change_id"}
"""Columns that differ from run to run."""


def is_killed(at: int, act: Callable[[], object]) -> bool:
    """Run `act` in a child that kills itself before its write or commit number `at`; False where it ends before.

    Dying before a statement that only reads leaves what dying before the next write does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has threads; the child uses none of them
        child = os.fork()
    if child == 0:
        _die_at(at, act)
    _child, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _die_at(at: int, act: Callable[[], object]) -> None:
    seen = 0

    def count(*_args: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def count_writes(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0] not in ("SELECT", "PRAGMA", "BEGIN"):
            count()

    try:
        event.listen(sa.Engine, "before_cursor_execute", count_writes)
        event.listen(sa.Engine, "commit", count)
        act()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def wrong(crm: Besace) -> list[str]:
    """What `besace verify` finds wrong, but for the condition of the toy that asks for itself on purpose."""
    found = [verdict for verdict in run(crm) if verdict.key != "conditions"]
    return [f"{verdict.key}: {finding.message}" for verdict in found for finding in verdict.findings]


def contents(crm: Besace) -> dict[str, Any]:
    """Every table of an install, with its columns and rows, but for what differs from run to run."""
    with crm.reader.connect() as connection:
        return {name: _rows(connection, name) for name in sa.inspect(connection).get_table_names()}


def _rows(connection: sa.Connection, table: str) -> tuple[list[str], list[str]]:
    result = connection.execute(sa.select(sa.literal_column("*")).select_from(sa.table(table)))
    columns = list(result.keys())
    ids = {"id"} if table in ("entry", "change") else set()
    kept = [i for i, name in enumerate(columns) if name not in CHANGING | ids]
    rows = [tuple(row[i] for i in kept) for row in result]
    return columns, sorted(repr(row[:1] if table == "install" else row) for row in rows)
