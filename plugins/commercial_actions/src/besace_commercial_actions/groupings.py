"""Groupings: by what actions can be gathered, the same in Python and in SQL."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.model import Ref
from besace.texts import Text, fold, translator
from besace_commercial_actions.lists import SEGMENT

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import Source
    from besace_commercial_actions.models import CommercialAction

_ = translator(__name__)


@dataclass(frozen=True)
class Grouping:
    """What makes groups: the `key` of an action, equal to what `column` gives in SQL, and what is `shown` of it.

    `list` is that of the items whose keys these are.
    """

    label: Text
    key: Callable[[CommercialAction], Hashable]
    column: Callable[[Source], sa.ColumnElement[Any]]
    shown: Callable[[CommercialAction], Any]
    list: str | None = None

    def place(self, work: Work, shown: Any) -> tuple[bool, Any]:
        """Where a group stands: users by name, items as in their list, years in their order; empty last."""
        if shown is None:
            return True, 0
        if self.list is not None:
            return False, list(work.items(self.list)).index(shown)
        return False, fold(shown.label) if isinstance(shown, Ref) else shown

    def name(self, work: Work, shown: Any) -> Any:
        """What names a group to a person."""
        if shown is None:
            return _("(empty)")
        return work.items(self.list)[shown].label if self.list is not None else getattr(shown, "label", str(shown))


def _year(source: Source) -> sa.ColumnElement[Any]:
    return sa.cast(sa.extract("year", source["start_date"]), sa.Integer)


GROUPINGS: Mapping[str, Grouping] = {
    "owner": Grouping(_("Owner"), lambda a: a.owner_id, lambda source: source["owner"], lambda a: a.owner),
    "action_type": Grouping(
        _("Type"),
        lambda a: a.action_type_key,
        lambda source: source["action_type"],
        lambda a: a.action_type_key,
        "action_type",
    ),
    "segment": Grouping(
        _("Segment"), lambda a: a.segment_key, lambda source: source["segment"], lambda a: a.segment_key, SEGMENT
    ),
    "year": Grouping(_("Year"), lambda a: a.start_date.year, _year, lambda a: a.start_date.year),
}
"""The groupings by key; the year is that of the start."""
