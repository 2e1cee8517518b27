"""Revenue: what linked entities of any type may bring and brought, by the measures of their types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.conditions import compile_condition, measure_value, measured
from besace.errors import BesaceError
from besace.language import read
from besace.money import Money
from besace.texts import Text, translator
from besace_commercial_actions import figures
from besace_commercial_actions.targets import plain

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Registry, Source, TypeInfo

_ = translator(__name__)

EXPECTED, FINAL, WEIGHTED, UNWEIGHTED = "expected", "final", "weighted", "unweighted"

WON = "won"
"""How the return on what was won is called among the others."""


@dataclass(frozen=True)
class Revenue(Mapping[str, Any]):
    """Revenue in one currency: how many deals, how many of them won, and the sum of each measure by key."""

    currency: str
    deals: int
    won: int
    sums: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> Money:
        """What the won deals brought."""
        final: Money = self.sums[FINAL]
        return final

    def __getitem__(self, key: str) -> Any:
        return self._flat[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat)

    def __len__(self) -> int:
        return len(self._flat)

    @property
    def _flat(self) -> dict[str, Any]:
        return {"currency": self.currency, "deals": self.deals, "won": self.won, **self.sums}


def brings_revenue(info: TypeInfo) -> bool:
    """Whether linked entities of a type are deals to an action: the type has a measure in money."""
    return any(measure.money for measure in info.measures.values())


def fitting(work: Work, where: str) -> set[str]:
    """The types with revenue to which a condition fits; raises ConditionError where it fits none of them."""
    read(where)
    types = [info for info in work.crm.registry.types.values() if brings_revenue(info)]
    found = set()
    problem: BesaceError | None = None
    for info in types:
        try:
            compile_condition(work, where, info.source())
            found.add(info.key)
        except BesaceError as error:
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return found


def sum_in(rows: Sequence[Revenue], currency: str, key: str) -> Decimal:
    """What the rows of one currency come to by a measure in money."""
    return next((row.sums[key].amount for row in rows if row.currency == currency and key in row.sums), Decimal(0))


def returns(registry: Registry, rows: Sequence[Revenue], currency: str, cost: Money | None) -> dict[str, int | None]:
    """The return on a cost in percent, on what was won and on each other measure that came of the deals."""
    bases = {WON: FINAL} | {m.key: m.key for m in registry.measures.values() if m.is_return and m.money}
    spent = cost.amount if cost is not None and cost.currency == currency else None
    return {name: figures.return_percent(sum_in(rows, currency, key), spent) for name, key in bases.items()}


def columns(
    work: Work, source: Source, narrowed: sa.ColumnElement[bool] | None, problems: list[Text]
) -> dict[str, sa.ColumnElement[Any]]:
    """What one statement has to read of a type for its revenue: aggregates by name.

    A measure that is broken is left out, and told in `problems`.
    """

    def counted(condition: sa.ColumnElement[bool] | None) -> sa.ColumnElement[Any]:
        conditions = [c for c in (condition, narrowed) if c is not None]
        return sa.func.count().filter(sa.and_(*conditions)) if conditions else sa.func.count()

    asked: dict[str, sa.ColumnElement[Any]] = {"deals": counted(None)}
    for key, measure in source.info.measures.items():
        try:
            value, belongs = measure_value(work, measure, source), measured(work, measure, source)
        except Exception as error:  # a plugin's mistake must not hide what the others declare
            problems.append(broken(_('The measure "{name}" cannot be read: {problem}').format(name=key), error))
            continue
        total = sa.func.sum(value)
        asked[f"sum:{key}"] = total if narrowed is None else total.filter(narrowed)
        if key == FINAL:
            asked["won"] = counted(belongs)
        if measure.missing is not None:
            asked[f"missing:{measure.missing}"] = counted(value.is_(None))
    return asked


def broken(sentence: Text, error: Exception) -> Text:
    """A sentence with the reason of an error as its `problem`."""
    return sentence.format(problem=error.message if isinstance(error, BesaceError) else str(error))


def added(rows: Iterable[tuple[TypeInfo, str, Mapping[str, Any]]]) -> list[Revenue]:
    """The rows of several types, given as (type, currency, aggregates), as one row for each currency."""
    found: dict[str, dict[str, Any]] = {}
    for info, currency, row in rows:
        if not row["deals"]:
            continue
        start: dict[str, Any] = {key: Money.of_minor(0, currency) for key in (EXPECTED, FINAL, WEIGHTED)}
        total = found.setdefault(currency, {"deals": 0, "won": 0, **start, UNWEIGHTED: 0})
        total["deals"] += row["deals"]
        total["won"] += row.get("won", 0)
        for name, value in row.items():
            sort, _colon, key = name.partition(":")
            if sort == "missing":
                total[key] = total.get(key, 0) + value
            elif sort == "sum" and info.measures[key].money:
                total[key] = total.get(key, Money.of_minor(0, currency)) + Money.of_minor(int(value or 0), currency)
            elif sort == "sum":
                total[key] = plain(total.get(key, 0) + Decimal(value or 0))
    return [Revenue(currency, total.pop("deals"), total.pop("won"), total) for currency, total in sorted(found.items())]
