"""The code of a product belongs to it alone, in the trash or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.dialects import among, one_at_a_time
from besace.errors import Refused
from besace.model import entity_table
from besace.reading import mention
from besace.texts import translator
from besace_products.models import Product

if TYPE_CHECKING:
    from besace.database import Work
    from besace.entities import Save

_ = translator(__name__)


def check_codes(work: Work, saves: Sequence[Save]) -> None:
    """Refuse a code that another product has, one of the batch too, or that stands twice in it: one statement."""
    coded = [s for s in saves if "code" in s.changed and s.new["code"] is not None]
    if not coded:
        return
    one_at_a_time(work)
    table: Any = Product.__table__
    taken = {
        code: (other, label)
        for code, other, label in work.execute(
            sa.select(table.c.code, table.c.id, entity_table.c.label)
            .join(entity_table, entity_table.c.id == table.c.id)
            .where(among(work, table.c.code, {s.new["code"] for s in coded}))
        )
    }
    for save in coded:
        code = save.new["code"]
        if code in taken:
            raise Refused(
                _('The code "{code}" is already that of {product}.').format(
                    code=code, product=mention(Product.__label__, *taken[code])
                ),
                _("Choose another one with --code."),
            )
        taken[code] = save.id, save.new["label"]
