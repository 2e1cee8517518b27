"""Operations: from the signature of a function to parameters, and from what a person gave to a call."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from besace import kinds
from besace.errors import Refused, UsageError
from besace.fields import Field
from besace.money import Money
from besace.records import Operation, Parameter
from besace.texts import Text, translator
from besace.values import accept_one

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_KINDS: dict[Any, kinds.Kind] = {
    str: kinds.TextKind(),
    int: kinds.IntegerKind(),
    bool: kinds.BooleanKind(),
    Decimal: kinds.DecimalKind(),
    Money: kinds.MoneyKind(),
    date: kinds.DateKind(),
    datetime: kinds.DateTimeKind(),
    Path: kinds.PathKind(),
}


def parameters_of(operation: Operation, fields: Mapping[str, Field]) -> tuple[Parameter, ...]:
    """The parameters of an operation: those it states, else the keyword-only ones of its function.

    A `str` named like a field of the type is read as that field. Raises TypeError for a type with no kind.
    """
    if operation.parameters is not None:
        return operation.parameters
    signature = inspect.signature(operation.run).parameters.values()
    options = [p for p in signature if p.kind is inspect.Parameter.KEYWORD_ONLY]
    # Only the options' hints: those of the work and the entity may be imported for type checkers alone.
    holder = type("Options", (), {"__annotations__": {p.name: p.annotation for p in options}})
    hints = typing.get_type_hints(holder, vars(inspect.getmodule(operation.run)), include_extras=True)
    return tuple(_parameter(operation, p, hints[p.name], fields) for p in options)


def _parameter(operation: Operation, parameter: inspect.Parameter, hint: Any, fields: Mapping[str, Field]) -> Parameter:
    kind, multiple = _kind_of(operation, parameter.name, hint)
    named = fields.get(parameter.name)
    if named is not None and type(kind) is kinds.TextKind:
        kind = named.kind
    told: Text | None = operation.options.get(parameter.name)
    if told is None and named is not None:
        told = named.help or named.label  # type: ignore[assignment]
    required = parameter.default is inspect.Parameter.empty
    return Parameter(
        parameter.name,
        kind,
        required=required,
        default=None if required else parameter.default,
        help=told,
        positional=parameter.name in operation.positional,
        multiple=multiple,
    )


def _kind_of(operation: Operation, name: str, hint: Any) -> tuple[kinds.Kind, bool]:
    """The kind of a type hint, looking through `Annotated`, `| None` and `list[...]`."""
    if get_origin(hint) is Annotated:
        given = [m for m in hint.__metadata__ if isinstance(m, kinds.Kind)]
        inner, multiple = _kind_of(operation, name, get_args(hint)[0]) if not given else (given[0], False)
        return inner, multiple or get_origin(get_args(hint)[0]) in (list, tuple, Sequence)
    if get_origin(hint) in (typing.Union, types.UnionType):
        (only,) = [a for a in get_args(hint) if a is not type(None)] or [None]
        return _kind_of(operation, name, only)
    if get_origin(hint) is list:
        return _kind_of(operation, name, get_args(hint)[0])[0], True
    if hint not in _KINDS:
        raise TypeError(f'the parameter "{name}" of the operation "{operation.key}" has the type {hint}, of no kind')
    return _KINDS[hint], False


def run(
    work: Work,
    operation: Operation,
    fields: Mapping[str, Field],
    targets: Sequence[Any],
    given: Mapping[str, Any],
) -> Any:
    """Run an operation on its targets (entities or parts) with what a person or a program gave.

    Text is read by the kind of its parameter, in the currency of the target. Raises UsageError for a parameter
    that is missing or unknown.
    """
    if operation.writes and not work.writing:
        raise Refused(_("{operation} writes, and this unit of work only reads.").format(operation=operation.label))
    parameters = {p.name: p for p in parameters_of(operation, fields)}
    for name in given:
        if name not in parameters:
            raise UsageError(_('{operation} has no option "{name}".').format(operation=operation.label, name=name))
    values: dict[str, Any] = {}
    with work.amounts_in(targets[0].currency if targets else work.currency):
        for name, parameter in parameters.items():
            value = _value(work, parameter, given.get(name), fields)
            if value is None and parameter.required:
                raise UsageError(_("Give --{option}.").format(option=name.replace("_", "-")), parameter.help)
            values[name] = parameter.default if value is None else value
        return _call(work, operation, targets, values)


def _call(work: Work, operation: Operation, targets: Sequence[Any], values: Mapping[str, Any]) -> Any:
    match operation.scope:
        case "one":
            (target,) = targets
            return operation.run(work, target, **values)
        case "many":
            return operation.run(work, list(targets), **values)
        case _:
            return operation.run(work, **values)


def _value(work: Work, parameter: Parameter, given: Any, fields: Mapping[str, Field]) -> Any:
    if given is None or parameter.raw:
        return given
    label: Text | str = fields[parameter.name].label if parameter.name in fields else Text(word_for(parameter), "")
    field = Field(parameter.kind, label, key=parameter.name)
    if parameter.multiple:
        several = given if isinstance(given, list | tuple) else [given]
        return [value for one in several if (value := accept_one(field, one, work)) is not None] or None
    return accept_one(field, given, work)


def word_for(parameter: Parameter) -> str:
    """How a person names a parameter: `--final-revenue`; one given without a name by its only type, `OPPORTUNITY`.

    One of any type is a `REF`.
    """
    if not parameter.positional:
        return "--" + parameter.name.replace("_", "-")
    match parameter.kind:
        case kinds.EntityKind(types=()):
            return "REF"
        case kinds.EntityKind(types=(only,)):
            return only.replace("_", "-").upper()
        case _:
            return parameter.name.replace("_", "-").upper()
