"""The tree of the steps of a pattern: on what a step may stand, and when it may go (rule C10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.errors import Refused
from besace.texts import translator
from besace_commercial_actions.funnels import closes_circle

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

STEP = "pattern_step"


def check_parent(work: Work, old: Mapping[str, Any] | None, new: Mapping[str, Any], pattern: Mapping[str, Any]) -> None:
    """Refuse a parent of another pattern, and one that stands below the step itself; `pattern` holds its values."""
    parent: int | None = new["parent"]
    if parent is None or (old is not None and parent == old["parent"]):
        return
    table = work.crm.registry.part(STEP).table
    rows = work.execute(sa.select(table.c.id, table.c.parent).where(table.c.owner_id == pattern["id"]))
    parents = {row.id: row.parent for row in rows}
    way_on = _("See its steps with: besace pattern-step list {id}").format(id=pattern["id"])
    if parent not in parents:
        raise Refused(
            _('The pattern "{pattern}" has no step {id} to stand below.').format(pattern=pattern["label"], id=parent),
            way_on,
        )
    if old is not None and parent == old["id"]:
        raise Refused(_('"{name}" cannot stand below itself.').format(name=new["name"]), way_on)
    if old is not None and closes_circle(parents, old["id"], parent):
        raise Refused(
            _('"{name}" cannot stand below step {id}: that one stands below it.').format(name=new["name"], id=parent),
            way_on,
        )


def check_removal(work: Work, step_id: int, name: str) -> None:
    """Refuse to remove a step on which others stand."""
    table = work.crm.registry.part(STEP).table
    statement = sa.select(table.c.id, table.c.name).where(table.c.parent == step_id).order_by(table.c.id).limit(1)
    below = work.execute(statement).first()
    if below is not None:
        raise Refused(
            _('"{name}" cannot be removed: step {id} "{below}" stands below it.').format(
                name=name, id=below.id, below=below.name
            ),
            _("Put that one elsewhere or remove it first: besace pattern-step remove {id}").format(id=below.id),
        )
