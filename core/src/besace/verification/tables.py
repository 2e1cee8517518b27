"""Tables: as their code declares them, undamaged, and with a series of ids beyond every id in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import schema, upkeep
from besace.changes import Entry, entry, record
from besace.discovery import blocked
from besace.model import entity_table
from besace.records import Finding
from besace.texts import Text, translator
from besace.verification.rows import references, type_tables

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def differences(work: Work) -> Iterator[Finding]:
    """How the tables of the core and of each enabled plugin differ from what their code declares."""
    for name, reason in work.crm.host.quarantine.items():
        if name not in blocked():
            yield Finding(
                _('What the plugin "{plugin}" holds cannot be verified: it does not run.').format(plugin=name), reason
            )
    for name in ("core", *work.crm.host.running):
        for one in schema.differences(work.connection(), name, work.crm.registry):
            yield Finding(
                _('The tables of the plugin "{plugin}" are not those of its code: {difference}.').format(
                    plugin=name, difference=worded(one)
                ),
                _(
                    "Undo by hand what was changed by hand; what the code has more, a migration brings: "
                    "besace plugin upgrade"
                ),
            )


_DIFFERENCES = {
    "add_table": _("the table {table} is missing"),
    "remove_table": _("the table {table} is not known to it"),
    "add_column": _("the column {table}.{name} is missing"),
    "remove_column": _("the column {table}.{name} is not known to it"),
    "add_index": _("the index {name} of {table} is missing"),
    "remove_index": _("the index {name} of {table} is not known to it"),
    "add_constraint": _("the constraint {name} of {table} is missing"),
    "remove_constraint": _("the constraint {name} of {table} is not known to it"),
    "add_fk": _("the reference {name} of {table} is missing"),
    "remove_fk": _("the reference {name} of {table} is not known to it"),
    "modify_nullable": _("the column {table}.{name} may be empty where it must not, or the reverse"),
    "modify_type": _("the column {table}.{name} has another type"),
}
"""What Alembic calls a difference, seen from the code."""


def worded(found: tuple[Any, ...]) -> Text:
    """A difference between tables and code in words, from what Alembic calls it."""
    what, thing = found[0], found[-1]
    if what.startswith("modify"):
        table, name = found[2], found[3]
    elif what.endswith("column"):
        table, name = found[2], thing.name
    elif what.endswith("table"):
        table, name = thing.name, thing.name
    else:
        table, name = thing.table.name, thing.name
    return _DIFFERENCES.get(what, Text("{what} {table}.{name}", "")).format(what=what, table=table, name=name)


def damages(work: Work) -> Iterator[Finding]:
    """What the engine itself finds damaged."""
    for problem in upkeep.damages(work.connection()):
        yield Finding(
            _("The database is damaged: {problem}.").format(problem=problem),
            _("Stop working in it, keep a copy as it is, check the disk, and restore a backup."),
        )


def short_series(work: Work) -> Iterator[Finding]:
    """A series of ids that would give an id again which something has, or had: its history is kept by id."""
    last, highest = upkeep.last_id(work.connection()), _highest(work)
    if last < highest:
        yield Finding(
            _("The series of ids is at {last}, and the highest id in use is {highest}.").format(
                last=last, highest=highest
            )
        )


def advance_series(work: Work, _findings: Sequence[Finding]) -> int:
    """Let the series go on behind the highest id in use."""
    last, highest = upkeep.last_id(work.connection()), _highest(work)
    if last >= highest:
        return 0
    upkeep.set_last_id(work.connection(), highest)
    record(work, [Entry("set", about="series:entity", values={"last": [last, highest]})])
    return 1


def _highest(work: Work) -> int:
    """The highest id of an entity, of a part, of a disabled plugin's too, or of what the history tells of."""
    types, parts = type_tables(work), {r.table for r in references(work) if r.column == "owner_id"}
    columns: list[sa.ColumnElement[Any]] = [entity_table.c.id, entry.c.entity_id]
    columns += [sa.table(name, sa.column("id")).c.id for name in sorted((parts | types) - {"entity"})]
    highest = [sa.select(sa.func.coalesce(sa.func.max(column), 0)).scalar_subquery() for column in columns]
    return max(int(n) for n in work.execute(sa.select(*highest)).one())
