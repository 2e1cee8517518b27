"""Visits to an organisation, kept under it: they have no life of their own."""

from datetime import date

from sqlalchemy.orm import Mapped

from besace import Part, fields, hookimpl

requires = ("persons",)


class Visit(Part, of="organisation", key="visit", label="Visit", plural="Visits"):
    """A visit to an organisation."""

    day: Mapped[date] = fields.date("Day", default="today")
    note: Mapped[str | None] = fields.text("Note")


@hookimpl
def register_part_types():
    return [Visit]
