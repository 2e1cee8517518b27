"""Renewing: one subscription goes on from another, and only so has a customer two of the same title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from besace import Text, entities, translator
from besace.errors import Refused
from besace.reading import mention, mention_of, visible
from subscriptions_example.models import Subscription

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save
    from besace.relations import Link

_ = translator(__name__)


@dataclass(frozen=True)
class _Term:
    """A subscription from its first day to the day after its last."""

    named: Text
    start: date
    end: date


def end_of(start: date, years: int) -> date:
    """The day after the last one of a subscription."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # it began on 29 February
        return date(start.year + years, 3, 1)


def refuse_second(work: Work, saves: Sequence[Save]) -> None:
    """Refuse a new subscription while its customer has one of that title: one statement for a batch."""
    new = [save for save in saves if save.old is None]
    if not new:
        return
    table: Any = Subscription.__table__
    customers = {save.new["customer"] for save in new}
    known = work.scalars(
        visible(work, Subscription).where(table.c.customer_id.in_(customers), table.c.renewed_on.is_(None))
    )
    running: dict[tuple[int, str], list[_Term]] = {}
    for row in known:
        term = _Term(mention_of(work, row), row.start_date, end_of(row.start_date, row.years))
        running.setdefault((row.customer.id, row.title), []).append(term)
    for save in new:
        values = save.new
        of_title = running.setdefault((values["customer"], values["title"]), [])
        named = mention(save.info.label, save.id, values["label"])
        term = _Term(named, values["start_date"], end_of(values["start_date"], values["years"]))
        _refuse_overlap(of_title, term)
        of_title.append(term)


def note_renewals(work: Work, links: Sequence[Link]) -> None:
    """Set the day of renewal of each older subscription: the start of the newer."""
    renewals = {link.object_id: link.subject_id for link in links if link.type == "renews"}
    if not renewals:
        return
    info = work.crm.registry.type("subscription")
    newer = entities.read_values(work, info, sorted(set(renewals.values())))
    changes = {old: {"renewed_on": newer[new]["start_date"]} for old, new in renewals.items()}
    entities.edit_many(work, "subscription", changes, unlock=("renewed_on",))


def _refuse_overlap(running: Sequence[_Term], new: _Term) -> None:
    for term in running:
        if new.start < term.end and term.start < new.end:
            raise Refused(
                _("{subscription} of the same customer runs until {end}.").format(
                    subscription=term.named, end=term.end
                ),
                _("Let the new one start on {end}, then link them: besace link NEW renews OLD").format(end=term.end),
            )
