"""Short keys for the roles of contacts."""

import sqlalchemy as sa
from alembic import op

from besace.evolving import merge_items, rename_item

revision = "0002"
down_revision = "0001"

_RENAMED = (("technical_adviser", "technical"), ("business_introducer", "introducer"))


def upgrade() -> None:
    for old, new in _RENAMED:
        _move(old, new)


def downgrade() -> None:
    for old, new in _RENAMED:
        _move(new, old)


def _move(old: str, new: str) -> None:
    """Give an item another key; where an administrator already has an item of that key, it becomes that one."""
    roles = sa.table("contact_role", sa.column("key"))
    taken = op.get_bind().execute(sa.select(roles.c.key).where(roles.c.key == new)).first()
    (rename_item if taken is None else merge_items)("contact_role", old, new)
