"""The pipeline: pure rules, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from besace.errors import Refused
from besace.money import Money
from besace.texts import Text, translator

_ = translator(__name__)


class Outcome(StrEnum):
    """What a phase means: rules, counts and reports look at this, never at a label (rule O2)."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Text:
        """The outcome as a person reads it."""
        return OUTCOMES[self]

    @property
    def is_closed(self) -> bool:
        """Whether the moment of a deal is over in such a phase."""
        return self is not Outcome.OPEN


OUTCOMES = {
    Outcome.OPEN: _("Open"),
    Outcome.WON: _("Won"),
    Outcome.LOST: _("Lost"),
    Outcome.CANCELLED: _("Cancelled"),
}

CERTAIN = {Outcome.WON: 100, Outcome.LOST: 0, Outcome.CANCELLED: 0}
"""The probability that an outcome fixes, in percent."""


@dataclass(frozen=True)
class End:
    """How a deal stands and, once it is closed, how it ended: when, for how much, why."""

    outcome: Outcome
    close_date: date | None = None
    final_revenue: Money | None = None
    loss_reason: str | None = None


class OpportunityClosed(Refused):
    """Raised when a closed opportunity would leave its phase: its moment is over (rule O4)."""

    code = "opportunity_closed"

    def __init__(self, named: Text, deal_id: int, was: End, *, phase: object, key: str, opens: bool) -> None:
        way_on = _("Follow it up: besace opportunity follow-up {id}").format(id=deal_id)
        repair = _(
            "Follow it up: besace opportunity follow-up {id}, or correct a mistake: "
            "besace opportunity correct {id} --phase {phase} --reason TEXT"
        ).format(id=deal_id, phase=key)
        sentence = _NO_WAY_BACK[was.outcome] if opens else _NO_OTHER_END[was.outcome]
        super().__init__(sentence.format(deal=named, day=was.close_date, phase=phase), way_on if opens else repair)


_NO_WAY_BACK = {
    Outcome.WON: _('{deal} was won on {day} and cannot go back to "{phase}".'),
    Outcome.LOST: _('{deal} was lost on {day} and cannot go back to "{phase}".'),
    Outcome.CANCELLED: _('{deal} was cancelled on {day} and cannot go back to "{phase}".'),
}

_NO_OTHER_END = {
    Outcome.WON: _('{deal} was won on {day} and cannot go to "{phase}".'),
    Outcome.LOST: _('{deal} was lost on {day} and cannot go to "{phase}".'),
    Outcome.CANCELLED: _('{deal} was cancelled on {day} and cannot go to "{phase}".'),
}


def check_move(named: Text, deal_id: int, was: End, to: Outcome, *, phase: object, key: str = "") -> None:
    """Refuse to move a closed opportunity to another phase (rule O4)."""
    if was.outcome.is_closed:
        raise OpportunityClosed(named, deal_id, was, phase=phase, key=key or to, opens=not to.is_closed)


def settle(was: End | None, now: End, *, expected: Money | None, today: date, reason_required: bool = False) -> End:
    """Complete what a deal keeps of its end, or refuse it (rule O3); `was` is None for a new one."""
    if now.outcome is not Outcome.WON and now.final_revenue is not None and not now.final_revenue.amount:
        now = replace(now, final_revenue=None)  # nothing earned, as other programs write it down
    _refuse_what_cannot_be(now)
    if now.outcome.is_closed:
        now = _with_close_date(was, now, today)
    enters = was is None or was.outcome is not now.outcome
    if now.outcome is Outcome.WON and now.final_revenue is None:
        now = replace(now, final_revenue=_final(expected if enters else None))
    if now.outcome is Outcome.LOST and now.loss_reason is None and reason_required:
        _require_reason(enters or (was is not None and was.loss_reason is not None))
    return now


def _with_close_date(was: End | None, now: End, today: date) -> End:
    if now.close_date is None and was is not None and was.outcome.is_closed:
        raise Refused(_NO_CLOSE_DATE, _("Give it with --close-date."))
    return replace(now, close_date=now.close_date or today)


def _final(expected: Money | None) -> Money:
    if expected is None:
        raise Refused(_NO_FINAL_REVENUE, _("Give it with --final-revenue."))
    return expected


def _require_reason(is_missing: bool) -> None:
    """A deal that was lost before reasons were required may stay without one."""
    if is_missing:
        raise Refused(
            _("A lost opportunity needs a loss reason here."),
            _("Choose one of: besace list show loss_reason"),
        )


def _refuse_what_cannot_be(now: End) -> None:
    for field, problem in broken_promises(now):
        if getattr(now, field) is not None:  # what is missing is completed
            raise Refused(problem, _INSTEAD[field])


_INSTEAD = {
    "close_date": _("Give the day on which it may close with --expected-close-date."),
    "final_revenue": _("Give what it may bring with --expected-revenue."),
    "loss_reason": _("Leave it out, or lose the opportunity."),
}
"""What to do instead of giving a field that the outcome does not have."""

_NO_CLOSE_DATE = _("A closed opportunity keeps its closing date.")
_NO_FINAL_REVENUE = _("A won opportunity needs a final revenue.")


def broken_promises(end: End) -> list[tuple[str, Text]]:
    """The fields that are not as the outcome wants them (rule O3), each with a sentence on what holds instead."""
    is_closed, is_won = end.outcome.is_closed, end.outcome is Outcome.WON
    broken = []
    if (end.close_date is not None) is not is_closed:
        broken.append(("close_date", _NO_CLOSE_DATE if is_closed else _("An open opportunity has no closing date.")))
    if (end.final_revenue is not None) is not is_won:
        broken.append(
            ("final_revenue", _NO_FINAL_REVENUE if is_won else _("Only a won opportunity has a final revenue."))
        )
    if end.loss_reason is not None and end.outcome is not Outcome.LOST:
        broken.append(("loss_reason", _("Only a lost opportunity has a loss reason.")))
    return broken


def corrected(was: End, now: End) -> End:
    """How a deal stands once it is corrected: what was carried over and no longer holds is emptied."""
    if now.close_date == was.close_date and not now.outcome.is_closed:
        now = replace(now, close_date=None)
    if now.final_revenue == was.final_revenue and now.outcome is not Outcome.WON:
        now = replace(now, final_revenue=None)
    if now.loss_reason == was.loss_reason and now.outcome is not Outcome.LOST:
        now = replace(now, loss_reason=None)
    return now


def effective_probability(outcome: Outcome, own: int | None, of_phase: int | None) -> int | None:
    """The probability that counts, in percent, or None (rule O6): an empty one is not 0."""
    if outcome in CERTAIN:
        return CERTAIN[outcome]
    return of_phase if own is None else own


def weighted(minor: int, percent: int) -> int:
    """An amount times a probability in percent, in minor units, a half rounded up (rule O6)."""
    return (minor * percent + 50) // 100
