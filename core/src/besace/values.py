"""Values: what is given for the fields of a row, accepted, checked, compared and stored. No rule of any type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace.errors import BesaceError, InvalidValue, Refused, UsageError, near
from besace.fields import Field
from besace.kinds import BooleanKind, TextKind
from besace.money import Money
from besace.texts import translator

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


def accept(fields: Mapping[str, Field], given: Mapping[str, Any], work: Work) -> dict[str, Any]:
    """The given values in the type of their field; text is read as if typed, "" and None mean empty.

    Raises UsageError for an unknown field, InvalidValue (naming the field) for a value of the wrong form.
    """
    accepted: dict[str, Any] = {}
    for key, value in given.items():
        field = fields.get(key)
        if field is None:
            raise UsageError(
                _('There is no field "{field}" here.').format(field=key),
                near(key, [k for k, f in fields.items() if not f.read_only]),
            )
        accepted[key] = accept_one(field, value, work)
    return accepted


def accept_one(field: Field, value: Any, work: Work) -> Any:
    """One value in the type of its field."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, str):
            check_characters(value)
        return field.kind.accept(value, work)
    except BesaceError as error:
        raise _about(field, error) from None


def check_characters(text: str) -> None:
    """Refuse a text that no database can hold: with a NUL, or with bytes that are not UTF-8."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidValue(_("This text has a character that cannot be stored."), _("Type it anew."))


def check_values(fields: Mapping[str, Field], values: Mapping[str, Any], keys: Iterable[str] | None = None) -> None:
    """Refuse values that a field's own declaration excludes: required, length, bounds. Others are not looked at."""
    for key in fields if keys is None else keys:
        field = fields.get(key)
        if field is None:
            continue
        value = values.get(key)
        if value is None:
            if field.required:
                raise Refused(
                    _("{field} is required.").format(field=field.label),
                    _("Give it with --{option}.").format(option=key.replace("_", "-")),
                )
            continue
        if isinstance(field.kind, TextKind) and field.length is not None and len(value) > field.length:
            raise Refused(
                _("{field}: a text of {length} characters is too long; at most {most} are kept.").format(
                    field=field.label, length=len(value), most=field.length
                )
            )
        try:
            _check_bounds(value, field.minimum, field.maximum)
        except BesaceError as error:
            raise _about(field, error) from None


def _check_bounds(value: Any, minimum: Any, maximum: Any) -> None:
    """Refuse a number, amount or day outside its bounds, naming the bound."""
    compared = value.amount if isinstance(value, Money) else value
    shown = format(value.normalize(), "f") if isinstance(value, Decimal) else value  # as one writes it
    if minimum is not None and compared < minimum:
        raise Refused(_("{value} is below the minimum of {bound}.").format(value=shown, bound=minimum))
    if maximum is not None and compared > maximum:
        raise Refused(_("{value} is above the maximum of {bound}.").format(value=shown, bound=maximum))


def defaults(fields: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of the fields for which nothing is given."""
    return {k: f.default for k, f in fields.items() if f.default is not None and given.get(k) is None}


def with_booleans(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with `no` where a yes-or-no is empty."""
    empty = {k: False for k, f in fields.items() if isinstance(f.kind, BooleanKind) and values.get(k) is None}
    return {**values, **empty}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What changes from one row of values to the other: `{key: (before, after)}`."""
    return {key: (old.get(key), value) for key, value in new.items() if old.get(key) != value}


def stored(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row for these values."""
    return {
        f.column: None if values.get(key) is None else f.kind.store(values[key])
        for key, f in fields.items()
        if not f.system
    }


def loaded(fields: Mapping[str, Field], row: Any, currency: str) -> dict[str, Any]:
    """The values of a row of columns, in an entity of `currency`."""
    return {
        key: None if row[f.column] is None else f.kind.load(row[f.column], currency)
        for key, f in fields.items()
        if f.column in row
    }


def as_json(fields: Mapping[str, Field], changed: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Differences in the form of the history."""
    return {
        key: [None if v is None else fields[key].kind.json(v) for v in pair]
        for key, pair in changed.items()
        if key in fields
    }


def _about(field: Field, error: BesaceError) -> BesaceError:
    return type(error)(_("{field}: {problem}").format(field=field.label, problem=error.message), error.hint)
