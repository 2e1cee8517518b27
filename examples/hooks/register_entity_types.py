"""Training courses, as entities of their own."""

from sqlalchemy.orm import Mapped

from besace import Entity, Money, fields, hookimpl


class Training(Entity, type="training"):
    """A training course."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    seats: Mapped[int] = fields.integer("Seats", minimum=1)
    price: Mapped[Money | None] = fields.money("Price")


@hookimpl
def register_entity_types():
    return [Training]
