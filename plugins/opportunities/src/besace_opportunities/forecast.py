"""What the pipeline may bring: revenue weighted by probability, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace_opportunities.lists import SalesPhase
from besace_opportunities.phases import CERTAIN

if TYPE_CHECKING:
    from besace.types import Source


def weighted_revenue(source: Source) -> sa.ColumnElement[Any]:
    """Expected revenue x effective probability in minor units, rounded half up; empty without a probability.

    The same as `phases.effective_probability` and `phases.weighted` (rule O6). A deal without an expected
    revenue weighs 0.
    """
    phase: Any = SalesPhase.__table__.alias()
    percent = sa.case(
        *((phase.c.outcome == outcome.value, certain) for outcome, certain in CERTAIN.items()),
        else_=sa.func.coalesce(source["probability"], phase.c.probability),
    )
    minor = sa.func.coalesce(source["expected_revenue"], 0)
    # The hundreds apart from the rest: amount x percent may pass 64 bits, where SQLite goes on in floats.
    value = (minor // 100) * percent + ((minor % 100) * percent + 50) // 100
    return sa.select(value).where(phase.c.key == source["phase"]).correlate(source.table).scalar_subquery()
