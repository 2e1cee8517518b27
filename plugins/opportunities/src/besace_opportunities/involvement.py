"""Who is involved in deals, as what, and what these deals bring: in how many, won, for how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa

from besace import kinds
from besace.conditions import compile_condition, measure_value, measured
from besace.dialects import among
from besace.lists import ListItem
from besace.model import entity_table
from besace.money import Money
from besace.reading import Found, rows_of, untrashed
from besace.records import Table
from besace.relations import link_table
from besace.texts import fold, translator
from besace_opportunities.models import Opportunity

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Source

_ = translator(__name__)

INVOLVED_IN = "involved_in"
INTRODUCER = "introducer"


@dataclass(frozen=True)
class Revenue:
    """What deals in one currency may bring and brought."""

    currency: str
    deals: int
    won: int
    expected: Money
    final: Money


@dataclass(frozen=True)
class Sum:
    """So many deals, and their revenue by currency."""

    deals: int
    won: int
    revenue: Sequence[Revenue]


@dataclass(frozen=True)
class Involved(Sum):
    """The deals in which a contact is involved."""

    contact: Found


@dataclass(frozen=True)
class Involvement:
    """The contacts who are involved in some role, and the total, in which each deal is counted once."""

    role: ListItem | None
    contacts: Sequence[Involved]
    total: Sum


def involved(
    work: Work, *, role: Annotated[str | None, kinds.ItemKind("contact_role")] = None, where: str | None = None
) -> Involvement:
    """The contacts who are involved in deals, in a role or in any, with what these bring: two statements.

    `where` narrows the deals. Those with the most won deals come first.
    """
    info = work.crm.registry.type(Opportunity.__key__)
    source, contact = info.source(), entity_table.alias("contact")
    asked = sa.true() if where is None else compile_condition(work, where, source)
    currency = source.entity.c.currency
    rows = work.execute(
        rows_of(work, info, contact.c.id, contact.c.label, currency, *_sums(work, source))
        .join(link_table, link_table.c.object_id == source.id)
        .join(contact, contact.c.id == link_table.c.subject_id)
        .where(*_involving(role), asked)
        .group_by(contact.c.id, contact.c.label, currency)
    )
    by_contact: dict[int, tuple[Found, list[Revenue]]] = {}
    for contact_id, label, code, *sums in rows:
        found = Found(contact_id, "contact", label, code, False)
        by_contact.setdefault(contact_id, (found, []))[1].append(_revenue(code, sums))
    each_once = sa.select(link_table.c.object_id).where(*_involving(role))
    total = work.execute(
        rows_of(work, info, currency, *_sums(work, source)).where(source.id.in_(each_once), asked).group_by(currency)
    )
    contacts = [Involved(*_added(revenue), contact=found) for found, revenue in by_contact.values()]
    contacts.sort(key=lambda c: (-c.won, -c.deals, fold(c.contact.label), c.contact.id))
    item = None if role is None else work.items("contact_role")[role]
    return Involvement(item, contacts, Sum(*_added(_revenue(code, sums) for code, *sums in total)))


def lay_out_involvement(_work: Work, found: Involvement) -> Table:
    """A row for each contact, and the total of all their deals."""

    def figures(row: Sum) -> list[Any]:
        return [row.deals, row.won, [r.expected for r in row.revenue], [r.final for r in row.revenue]]

    return Table(
        [_("Id"), _("Name"), _("Deals"), _("Deals won"), _("Expected"), _("Final")],
        [[c.contact.id, c.contact.label, *map(_single, figures(c))] for c in found.contacts],
        title=_("Contacts involved") if found.role is None else found.role.label,  # type: ignore[arg-type] # a label is said as it is
        total=[None, _("Total"), *map(_single, figures(found.total))],
        empty=_("No contact is involved in such a deal."),
    )


def introducers(work: Work, action_ids: Sequence[int]) -> sa.Select[Any]:
    """Pairs of an action and a contact who introduced a deal that is linked to it, for objectives that count them."""
    goal, made = link_table.alias("goal"), link_table.alias("introduced")
    return (
        sa.select(goal.c.object_id.label("action_id"), made.c.subject_id.label("entity_id"))
        .distinct()
        .join_from(goal, made, made.c.object_id == goal.c.subject_id)
        .where(goal.c.type == "fulfils_goal", goal.c.subject_type == Opportunity.__key__)
        .where(among(work, goal.c.object_id, action_ids), untrashed(goal.c.subject_id))
        .where(made.c.type == INVOLVED_IN, made.c.attributes["role"].as_string() == INTRODUCER)
    )


def _involving(role: str | None) -> list[sa.ColumnElement[bool]]:
    """What holds for the links of contacts out of the trash who are involved in that role, or in any."""
    link = link_table.c
    holds = [link.type == INVOLVED_IN, untrashed(link.subject_id)]
    return holds if role is None else [*holds, link.attributes["role"].as_string() == role]


def _sums(work: Work, source: Source) -> list[sa.ColumnElement[Any]]:
    """How many deals, how many of them won, and the sums of the expected and the final revenue."""
    expected, final = (source.info.measures[key] for key in ("expected", "final"))
    return [
        sa.func.count(),
        sa.func.count().filter(measured(work, final, source)),
        sa.func.sum(measure_value(work, expected, source)),
        sa.func.sum(measure_value(work, final, source)),
    ]


def _revenue(currency: str, sums: Sequence[Any]) -> Revenue:
    deals, won, *amounts = sums
    expected, final = (Money.of_minor(int(minor or 0), currency) for minor in amounts)
    return Revenue(currency, deals, won, expected, final)


def _added(revenue: Iterable[Revenue]) -> tuple[int, int, list[Revenue]]:
    """The deals and the won ones of all currencies, and the revenue by currency."""
    rows = sorted(revenue, key=lambda row: row.currency)
    return sum(row.deals for row in rows), sum(row.won for row in rows), rows


def _single(value: Any) -> Any:
    """An amount that stands alone, so that it is laid out as one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
