"""What is verified of stored objectives: that what they count is known, and their conditions still fit it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.enabling import owners_of_tables
from besace.errors import BesaceError
from besace.reading import mention
from besace.records import Finding, Verification
from besace.texts import translator
from besace_commercial_actions.models import Objective
from besace_commercial_actions.objectives import check_counted

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def broken_objectives(work: Work) -> Iterator[Finding]:
    """Objectives that cannot be counted, but those on a type whose plugin is disabled: they wait for it (rule E5)."""
    registry, known = work.crm.registry, owners_of_tables(work)
    table: Any = Objective.__table__
    asked = (table.c.counts, table.c.condition, table.c.where, table.c.sum)
    statement = sa.select(table.c.id, table.c.name, table.c.owner_id, *asked).where(table.c.counts.is_not(None))
    for row in work.execute(statement.order_by(table.c.id).execution_options(yield_per=1000)):
        problem: Any = None
        if row.counts not in registry.types:
            if row.counts in known:
                continue
            problem = _('No plugin here ever knew the type "{type}".').format(type=row.counts)
        else:
            try:
                check_counted(dict(row._mapping), registry.types[row.counts], work)
            except BesaceError as error:
                problem = error.message
        if problem is not None:
            yield Finding(
                _("{objective} of the action {action} cannot be counted: {problem}").format(
                    objective=mention(Objective.__label__, row.id, row.name), action=row.owner_id, problem=problem
                ),
                _("Say what it counts: besace objective edit {id} --help").format(id=row.id),
            )


VERIFICATIONS = [Verification("objectives", _("Objectives that can be counted"), broken_objectives)]
