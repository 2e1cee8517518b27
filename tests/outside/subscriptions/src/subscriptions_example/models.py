"""The subscription."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped

from besace import Entity, Money, Ref, fields, translator

_ = translator(__name__)


class Subscription(Entity, type="subscription", label=_("Subscription"), plural=_("Subscriptions")):
    """What a customer takes for some years and pays every year."""

    title: Mapped[str] = fields.text("Title", names_row=True, help="What is subscribed to.")
    customer: Mapped[Ref] = fields.entity("Customer", types=("organisation",), help="Who takes and pays it.")
    start_date: Mapped[date] = fields.date("Start date", default="today", help="Its first day.")
    years: Mapped[int] = fields.integer("Years", minimum=1, maximum=10, default=1, help="How long it runs.")
    yearly_fee: Mapped[Money] = fields.money("Yearly fee", minimum=0, help="What is paid every year.")
    renewed_on: Mapped[date | None] = fields.date("Renewed on", read_only=True, help="When the next one began.")
