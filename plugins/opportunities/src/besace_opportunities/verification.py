"""What is verified of stored deals: that each keeps of its end what its outcome wants, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.money import Money
from besace.reading import mention
from besace.records import Finding, Verification
from besace.texts import translator
from besace_opportunities.lists import SalesPhase
from besace_opportunities.models import Opportunity
from besace_opportunities.phases import End, Outcome, broken_promises

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def broken_ends(work: Work) -> Iterator[Finding]:
    """Deals whose closing date, final revenue or loss reason is not what their outcome wants (rule O3)."""
    source = work.crm.registry.type(Opportunity.__key__).source()
    phase: Any = SalesPhase.__table__
    closed, final, reason = source["close_date"], source["final_revenue"], source["loss_reason"]
    is_open, is_won, is_lost = (
        phase.c.outcome == outcome.value for outcome in (Outcome.OPEN, Outcome.WON, Outcome.LOST)
    )
    suspect = sa.or_(
        is_open == closed.is_not(None), is_won == final.is_(None), sa.and_(sa.not_(is_lost), reason.is_not(None))
    )
    statement = (
        sa.select(
            source.id.label("id"), source.entity.c.label, source.entity.c.currency, phase.c.outcome,
            closed.label("closed"), final.label("final"), reason.label("reason"),
        )
        .select_from(source.join.join(phase, phase.c.key == source["phase"]))
        .where(suspect)
        .order_by(source.id)
    )  # fmt: skip
    for row in work.execute(statement.execution_options(yield_per=1000)):
        final_revenue = None if row.final is None else Money.of_minor(row.final, row.currency)
        end = End(Outcome(row.outcome), row.closed, final_revenue, row.reason)
        named = mention(Opportunity.__label__, row.id, row.label)
        for field, problem in broken_promises(end):
            is_lacking = getattr(end, field) is None
            way_on = (
                _("Give it: besace opportunity edit {id} --{option} VALUE")
                if is_lacking
                else _("Empty it: besace opportunity edit {id} --clear {field}")
            )
            yield Finding(
                _("{deal}: {problem}").format(deal=named, problem=problem),
                way_on.format(id=row.id, field=field, option=field.replace("_", "-")),
            )


VERIFICATIONS = [Verification("ends", _("What deals keep of their end"), broken_ends)]
