"""An opportunity, one attempt to sell something to someone at a given moment; and its phase changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from besace import fields
from besace.model import Entity, Part, Ref
from besace.money import Money
from besace.reading import mention
from besace.texts import translator
from besace_opportunities.lists import LossReason, Origin, SalesPhase, first_phase
from besace_opportunities.phases import End, Outcome, check_move, corrected, settle

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


class Opportunity(Entity, type="opportunity", label=_("Opportunity"), plural=_("Opportunities"), status="phase"):
    """One attempt to sell something, to someone precise, at a given moment."""

    name: Mapped[str] = fields.text("Name", names_row=True, help="What one tries to sell, in a few words.")
    target: Mapped[Ref] = fields.entity(
        "Target", types=("organisation", "contact"), help="To whom one tries to sell it."
    )
    phase: Mapped[SalesPhase] = fields.item(
        "Phase",
        list="sales_phase",
        completed=True,
        help="Where it stands; the first open phase unless given.",
    )
    start_date: Mapped[date] = fields.date("Start date", default="today", help="When the attempt began.")
    expected_close_date: Mapped[date | None] = fields.date("Expected closing date", help="When it may be decided.")
    close_date: Mapped[date | None] = fields.date(
        "Closing date", help="When it was won, lost or cancelled; today unless given."
    )
    expected_revenue: Mapped[Money | None] = fields.money("Expected revenue", minimum=0, help="What it may bring.")
    final_revenue: Mapped[Money | None] = fields.money(
        "Final revenue", minimum=0, help="What it brought, once it is won; the expected revenue unless given."
    )
    probability: Mapped[int | None] = fields.integer(
        "Probability",
        minimum=0,
        maximum=100,
        help="Its own, in percent; left empty, that of its phase counts.",
    )
    loss_reason: Mapped[LossReason | None] = fields.item("Loss reason", list="loss_reason", help="Why it was lost.")
    origin: Mapped[Origin | None] = fields.item("Origin", list="origin", help="Where it came from.")
    description: Mapped[str | None] = fields.long_text("Description", help="What there is to know about it.")
    corrections: Mapped[int | None] = fields.integer(
        "Corrections", read_only=True, help="How often its outcome was corrected."
    )
    correction_reason: Mapped[str | None] = fields.text(
        "Reason of the correction", length=1000, read_only=True, help="Why its outcome was last corrected."
    )

    if TYPE_CHECKING:
        target_id: Mapped[int]
        phase_key: Mapped[str]
        loss_reason_key: Mapped[str | None]

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
        """Rules O3 and O4: where it stands, and what it keeps of its end."""
        if old is None and new["phase"] is None:
            new["phase"] = first_phase(work, Outcome.OPEN).key
        if new["phase"] is None:
            return new  # a required field, and refused as such
        phase = work.items("sales_phase")[new["phase"]]
        was, now = None if old is None else _end(old, work), _end(new, work)
        if old is not None and was is not None:
            if is_correction(old, new):
                now = corrected(was, now)
            elif new["phase"] != old["phase"]:
                named = mention(cls.__label__, old["id"], old["label"])
                check_move(named, old["id"], was, now.outcome, phase=phase.label, key=new["phase"])
        now = settle(
            was,
            now,
            expected=new["expected_revenue"],
            today=work.today,
            reason_required=work.setting("require_loss_reason"),
        )
        return new | {
            "close_date": now.close_date,
            "final_revenue": now.final_revenue,
            "loss_reason": now.loss_reason,
        }


class PhaseChange(
    Part,
    of="opportunity",
    key="phase_change",
    label=_("Phase change"),
    plural=_("Phase changes"),
    editable=False,
):
    """One change of the phase of an opportunity, as things stood then."""

    from_phase: Mapped[SalesPhase | None] = fields.item(
        "From", list="sales_phase", help="The phase before; empty where the opportunity began."
    )
    to_phase: Mapped[SalesPhase] = fields.item("To", list="sales_phase", help="The phase since then.")
    at: Mapped[date] = fields.date("On", help="The day of the change; for an end, the closing date.")
    by: Mapped[Ref | None] = fields.entity("By", types=("user",), help="Who changed it.")
    amount: Mapped[Money | None] = fields.money("Amount", help="The revenue then: expected, or final where it was won.")
    probability: Mapped[int | None] = fields.integer("Probability", help="The effective probability then, in percent.")
    reason: Mapped[str | None] = fields.text("Reason", length=1000, help="Why the outcome was corrected, where it was.")

    if TYPE_CHECKING:
        from_phase_key: Mapped[str | None]
        to_phase_key: Mapped[str]


def outcome_of(work: Work, phase_key: str) -> Outcome:
    """The outcome of a phase."""
    phase: Any = work.items("sales_phase")[phase_key]
    return Outcome(phase.outcome)


def is_correction(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> bool:
    """Whether a save is a correction of the outcome: that operation alone counts one more."""
    return old is not None and (new["corrections"] or 0) > (old["corrections"] or 0)


def _end(values: Mapping[str, Any], work: Work) -> End:
    return End(
        outcome_of(work, values["phase"]),
        values["close_date"],
        values["final_revenue"],
        values["loss_reason"],
    )
