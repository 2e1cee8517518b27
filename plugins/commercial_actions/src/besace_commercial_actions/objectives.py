"""What an objective may count, sum or leave to the hand (rules C2 and C4); no SQL is run here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from besace.conditions import compile_condition, measure_value
from besace.errors import Refused, unknown
from besace.texts import translator
from besace_commercial_actions.targets import number_of

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import TypeInfo

_ = translator(__name__)

_ASKED = ("counts", "condition", "where", "sum", "counter")
_NAMES = ("condition", "sum", "counter")


def settle(old: Mapping[str, Any] | None, new: dict[str, Any], currency: str, work: Work) -> dict[str, Any]:
    """The values of an objective as they are kept; refuses what cannot be counted or summed.

    What is counted is looked at only when it changes: where its type is disabled, it can still be renamed.
    """
    new = _with_keys(new, _NAMES)
    if old is None or any(old[key] != new[key] for key in _ASKED):
        new["is_amount"] = _check(new, work)
    new["target"] = number_of(new["target"], is_amount=new["is_amount"], currency=currency)
    return new | {"value": _value(old, new)}


def settle_counted(old: Mapping[str, Any] | None, new: dict[str, Any], work: Work) -> dict[str, Any]:
    """The values of a pattern or a step of one, which says what an objective will count; refused as `settle` does."""
    new = _with_keys(new, ("condition",))
    if old is None or any(old[key] != new[key] for key in ("counts", "condition", "where")):
        _check({**new, "sum": None, "counter": None}, work)
    return new


def _with_keys(new: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The values with underscores in the names of what is declared, where dashes may have been typed."""
    return new | {key: new[key].replace("-", "_") for key in names if new[key] is not None}


def is_manual(values: Mapping[str, Any]) -> bool:
    """Whether an objective is kept by hand."""
    return values["counts"] is None and values["counter"] is None


def _value(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> int | None:
    value: int | None = new["value"]
    if is_manual(new):
        return value or 0
    if value is not None and (old is None or value != old["value"]):
        raise Refused(
            _("The value of this objective is counted and cannot be set by hand."),
            _("Link what counts to the action: besace link ENTITY fulfils_goal ACTION"),
        )
    return None


def _check(new: Mapping[str, Any], work: Work) -> bool:
    """Refuse a combination or a name that means nothing; returns whether amounts are summed."""
    narrowing = [key for key in ("condition", "where", "sum") if new[key] is not None]
    if new["counts"] is not None and new["counter"] is not None:
        raise Refused(
            _("An objective counts a type or takes a counter, not both."),
            _("Leave out either the type or the counter."),
        )
    if new["counts"] is None and narrowing:
        raise Refused(
            _("--{option} says more about what is counted, and nothing is.").format(option=narrowing[0]),
            _("Say which type is counted, for example user."),
        )
    if new["counter"] is not None and new["counter"] not in work.crm.registry.counters:
        raise unknown(_('There is no counter "{name}".'), new["counter"], list(work.crm.registry.counters))
    if new["counts"] is None:
        return False
    return check_counted(new, work.crm.registry.type(new["counts"]), work)


def check_counted(new: Mapping[str, Any], info: TypeInfo, work: Work) -> bool:
    """Refuse a condition or measure that the counted type does not have; returns whether amounts are summed."""
    condition, measure = new["condition"], new["sum"]
    if condition is not None and condition not in info.conditions:
        raise unknown(_('{type} has no condition "{name}".'), condition, list(info.conditions), type=info.label)
    if measure is not None and measure not in info.measures:
        raise unknown(_('{type} has no measure "{name}".'), measure, list(info.measures), type=info.label)
    source = info.source()
    for tree in (["is", condition] if condition else None, new["where"]):
        if tree is not None:
            compile_condition(work, tree, source)
    if measure is None:
        return False
    measure_value(work, info.measures[measure], source)
    return info.measures[measure].money
