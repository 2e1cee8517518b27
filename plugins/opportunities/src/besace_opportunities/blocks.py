"""What stands beside the fields: the contacts and phases of an opportunity, the opportunities of a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.lists import ListItem
from besace.model import Ref
from besace.money import Money
from besace.reading import parts_of, visible
from besace.records import Facts, Note, Table
from besace.relations import link_table
from besace.texts import translator
from besace_opportunities.involvement import INVOLVED_IN
from besace_opportunities.lists import ContactRole
from besace_opportunities.models import Opportunity, PhaseChange
from besace_opportunities.phases import Outcome, effective_probability, weighted
from besace_persons.models import Contact

if TYPE_CHECKING:
    from besace.database import Work
    from besace.model import Entity

_ = translator(__name__)

_LATEST = 20
_IN_ROLE = ContactRole.key == link_table.c.attributes["role"].as_string()
_SHOWN = ("id", "label", "phase", "start_date", "close_date", "expected_revenue", "final_revenue")


@dataclass(frozen=True)
class Involved:
    """A contact in a deal, and as what."""

    id: int
    label: str
    role: ListItem | None
    job_title: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True)
class Step:
    """One change of phase, as things stood then."""

    at: date
    from_phase: ListItem | None
    to_phase: ListItem
    by: Ref | None
    amount: Money | None
    probability: int | None
    reason: str | None


@dataclass(frozen=True)
class Deal:
    """An opportunity in the view of its target."""

    id: int
    label: str
    phase: ListItem
    start_date: date
    close_date: date | None
    expected_revenue: Money | None
    final_revenue: Money | None


@dataclass(frozen=True)
class InvolvedIn(Deal):
    """An opportunity in the view of a contact who is involved in it, and as what."""

    role: ListItem | None


@dataclass(frozen=True)
class Deals:
    """The newest opportunities of a target, and how many there are in all."""

    deals: Sequence[Deal]
    count: int


@dataclass(frozen=True)
class Involvements:
    """The newest opportunities in which a contact is involved, and how many there are in all."""

    deals: Sequence[InvolvedIn]
    count: int


@dataclass(frozen=True)
class Forecast:
    """What is to be reckoned with from a deal: empty where no probability is known."""

    probability: int | None
    weighted: Money | None


def forecast_of(_work: Work, deal: Opportunity) -> Forecast:
    """The effective probability of a deal and its weighted revenue (rule O6); no statement."""
    percent = effective_probability(Outcome(deal.phase.outcome), deal.probability, deal.phase.probability)
    expected = deal.expected_revenue
    if percent is None or expected is None:
        return Forecast(percent, None)
    return Forecast(percent, Money.of_minor(weighted(expected.minor, percent), expected.currency))


def lay_out_forecast(_work: Work, forecast: Forecast) -> Facts:
    """The forecast below the fields."""
    probability = _percent(forecast.probability) or _("unknown")
    return Facts(
        [(_("Effective probability"), probability), (_("Weighted revenue"), forecast.weighted)],
        title=_("Forecast"),
    )


def contacts_of(work: Work, deal: Entity) -> list[Involved]:
    """The contacts involved in a deal, by name, each with the role: one statement."""
    contact: Any = Contact
    rows = work.execute(
        visible(work, Contact)
        .add_columns(ContactRole)
        .join(link_table, link_table.c.subject_id == contact.__table__.c.id)
        .outerjoin(ContactRole, _IN_ROLE)
        .where(link_table.c.type == INVOLVED_IN, link_table.c.object_id == deal.id)
        .order_by(contact.label_key, contact.__table__.c.id)
    )
    return [Involved(c.id, c.label, role, c.job_title, c.phone, c.email) for c, role in rows]


def lay_out_contacts(_work: Work, contacts: Sequence[Involved]) -> Table:
    """The contacts as a table."""
    return Table(
        [_("Id"), _("Name"), _("Role"), _("Job title"), _("Phone"), _("E-mail")],
        [[c.id, c.label, c.role, c.job_title, c.phone, c.email] for c in contacts],
        title=_("Contacts"),
        empty=_("No contact is involved yet: besace link contact:NAME involved_in opportunity:NAME"),
    )


def steps_of(work: Work, deal: Entity) -> list[Step]:
    """The phase history of a deal, oldest first; one statement and the list of phases."""
    return [
        Step(c.at, c.from_phase, c.to_phase, c.by, c.amount, c.probability, c.reason)
        for c in parts_of(work, PhaseChange, [deal.id])
    ]


def lay_out_steps(_work: Work, steps: Sequence[Step]) -> Table:
    """The phase history as a table, with a column for reasons where there is one."""
    reasons = any(s.reason for s in steps)
    columns = [_("On"), _("From"), _("To"), _("By"), _("Amount"), _("Probability")]
    rows = [
        [s.at, s.from_phase, s.to_phase, s.by.label if s.by else None, s.amount, _percent(s.probability)] for s in steps
    ]
    if reasons:
        columns.append(_("Reason"))
        rows = [[*row, s.reason] for row, s in zip(rows, steps, strict=True)]
    return Table(columns, rows, title=_("Phases"))


def deals_of(work: Work, target: Entity) -> Deals:
    """The newest opportunities of an organisation or contact: one statement."""
    table: Any = Opportunity.__table__
    rows = work.execute(_newest(visible(work, Opportunity).where(table.c.target_id == target.id))).all()
    return Deals([Deal(**_values(deal)) for deal, _count in rows], rows[0].total if rows else 0)


def lay_out_deals(_work: Work, data: Deals) -> list[Table | Note]:
    """The opportunities of a target as a table, and how many more there are."""
    table = Table(
        [_("Id"), _("Name"), _("Phase"), _("Start"), _("Closed"), _("Expected"), _("Final")],
        [list(_values(deal).values()) for deal in data.deals],
        title=_("Opportunities"),
        empty=_("No opportunity yet."),
    )
    return [table, *_older(data)]


def involvements_of(work: Work, contact: Entity) -> Involvements:
    """The newest opportunities in which a contact is involved, with the roles: one statement."""
    table, link = Opportunity.__table__, link_table.c
    deals = visible(work, Opportunity).join(link_table, link.object_id == table.c.id).outerjoin(ContactRole, _IN_ROLE)
    deals = deals.where(link.type == INVOLVED_IN, link.subject_id == contact.id)
    rows = work.execute(_newest(deals).add_columns(ContactRole)).all()
    found = [InvolvedIn(**_values(deal), role=role) for deal, _count, role in rows]
    return Involvements(found, rows[0].total if rows else 0)


def lay_out_involvements(_work: Work, data: Involvements) -> list[Table | Note]:
    """The opportunities of who is involved as a table, with the role; nothing where there is none."""
    if not data.deals:
        return []
    headings = [_("Id"), _("Name"), _("Role"), _("Phase"), _("Start"), _("Expected"), _("Final")]
    rows = [[d.id, d.label, d.role, d.phase, d.start_date, d.expected_revenue, d.final_revenue] for d in data.deals]
    return [Table(headings, rows, title=_("Involved in")), *_older(data)]


def _percent(value: int | None) -> Any:
    return None if value is None else _("{n} %").format(n=value)


def _newest(deals: sa.Select[Any]) -> sa.Select[Any]:
    """The newest of some opportunities, each with how many there are in all."""
    table: Any = Opportunity.__table__
    return (
        deals.add_columns(sa.func.count().over().label("total"))
        .order_by(table.c.start_date.desc(), table.c.id.desc())
        .limit(_LATEST)
    )


def _values(deal: Opportunity | Deal) -> dict[str, Any]:
    """What a view shows of an opportunity."""
    return {name: getattr(deal, name) for name in _SHOWN}


def _older(data: Deals | Involvements) -> list[Note]:
    more = data.count - len(data.deals)
    return [Note(_("... and {n} older one.", "... and {n} older ones.").format(n=more))] if more else []
