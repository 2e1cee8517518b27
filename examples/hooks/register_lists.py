"""Certificates, with a list of levels that an administrator edits."""

from sqlalchemy.orm import Mapped

from besace import Entity, Item, ListItem, fields, hookimpl, translator

_ = translator(__name__)


class Level(
    ListItem,
    list="certificate_level",
    label=_("Levels of certificates"),
    items=[Item("basic", _("Basic"), {"hours": 7}), Item("expert", _("Expert"), {"hours": 35})],
):
    """How much a certificate stands for."""

    hours: Mapped[int | None] = fields.integer("Hours", minimum=1)


class Certificate(Entity, type="certificate"):
    """A certificate."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    level: Mapped[Level] = fields.item("Level", list="certificate_level", default="basic")


@hookimpl
def register_lists():
    return [Level]


@hookimpl
def register_entity_types():
    return [Certificate]
