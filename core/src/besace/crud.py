"""The verbs that every type and part has: create, list, show, edit, delete, restore, purge, history, count.

They are operations like any other, made from what is known of the type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from besace import bin, changes, entities, layouts, link_options, parts, reading
from besace.checks import refuse_read_only
from besace.conditions import path_value
from besace.errors import Refused, UsageError, near
from besace.kinds import BooleanKind, EntityKind, FileKind, IntegerKind, TextKind
from besace.model import SYSTEM_FIELDS
from besace.records import Operation, Parameter
from besace.texts import translator
from besace.types import PartInfo, RowInfo, TypeInfo

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.model import Entity, Part

_ = translator(__name__)

_COLUMNS = 7


@dataclass(frozen=True)
class Shown:
    """One entity with the data of its blocks, by key in order."""

    entity: Any
    blocks: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Rows of one type or part, and the columns in which a person sees them: those chosen, or those we offer."""

    info: RowInfo
    rows: Sequence[Any]
    columns: Sequence[str]
    chosen: bool = False
    more: bool = False


@dataclass(frozen=True)
class Counts:
    """The rows of a count, and the field that makes their groups."""

    rows: Sequence[reading.CountRow]
    by: Field | None


@dataclass(frozen=True)
class History:
    """What happened to an entity of a type."""

    info: TypeInfo
    lines: Sequence[changes.HistoryLine]


def operations_of(info: TypeInfo) -> dict[str, Operation]:
    """All operations of a type: the verbs of every type, then its own; an own one of the same name takes its place."""
    on = info.key
    made = [
        Operation(
            "create", on, partial(_create, type_key=on), _("Create"), _("Create one."), "none",
            parameters=(*_field_parameters(info, creating=True), *link_options.parameters_of(info)), right="create",
        ),
        Operation(
            "list", on, partial(_list, type_key=on), _("List"), _("List them, page by page."), "none", writes=False,
            right="read", parameters=_LISTING, layout=layouts.lay_out_page,
        ),
        Operation("show", on, show, _("Show"), _("Show one with everything around it."), writes=False, right="read"),
        Operation(
            "edit", on, _edit, _("Edit"), _("Change fields of one."),
            parameters=(*_field_parameters(info, creating=False), *_EDITING),
        ),
        Operation(
            "delete", on, _delete, _("Delete"), _("Move one to the trash."), right="delete",
            layout=layouts.lay_out_deleted,
        ),
        Operation(
            "restore", on, _restore, _("Restore"), _("Take one out of the trash."), right="delete",
            layout=layouts.lay_out_restored,
        ),
        Operation(
            "purge", on, _purge, _("Purge"), _("Remove one from the trash for good."), right="purge",
            layout=layouts.lay_out_purged,
        ),
        Operation(
            "history", on, _history, _("History"), _("Show who changed what, and when."), writes=False, right="read",
            layout=layouts.lay_out_history,
        ),
        Operation(
            "count", on, partial(_count, type_key=on), _("Count"), _("Count them, in groups, with sums."), "none",
            writes=False, right="read", parameters=_COUNTING, layout=layouts.lay_out_counts,
        ),
    ]  # fmt: skip
    return {o.key: o for o in made} | info.operations


def part_operations_of(info: PartInfo) -> dict[str, Operation]:
    """All operations of a part: add, list, edit, remove (list alone for one that only code writes), then its own."""
    on = info.key
    owner = Parameter("of", EntityKind(info.of), required=True, positional=True, help=_("What it belongs to."))
    made = [
        Operation(
            "list", on, partial(_list_parts, part_key=on), _("List"), _("List those of one entity."), "none",
            writes=False, right="read", parameters=(owner,), layout=layouts.lay_out_page,
        ),
    ]  # fmt: skip
    if info.model.__editable__:
        made += [
            Operation(
                "add", on, partial(_add_part, part_key=on), _("Add"), _("Add one."), "none",
                parameters=(owner, *_field_parameters(info, creating=True)),
            ),
            Operation(
                "edit", on, _edit_part, _("Edit"), _("Change fields of one."),
                parameters=(*_field_parameters(info, creating=False), *_EDITING),
            ),
            Operation("remove", on, _remove_part, _("Remove"), _("Remove one."), layout=layouts.lay_out_removed),
        ]  # fmt: skip
    return {o.key: o for o in made} | info.operations


def show(work: Work, entity: Entity) -> Shown:
    """An entity with the data of all blocks of its type; a block costs the same whatever hangs on the entity."""
    info = work.crm.registry.type(entity.type)
    return Shown(entity, {key: block.query(work, entity) for key, block in info.blocks.items()})


def default_columns(info: RowInfo) -> list[str]:
    """The columns of a list where a person names none: what tells the rows apart, the status first, no long texts."""
    short = [k for k, f in info.fields.items() if not _is_long(f)]
    if isinstance(info, PartInfo):
        return ["id", *short[:_COLUMNS]]
    status = info.model.__status__
    rest = sorted((k for k in short if not info.fields[k].names_row), key=lambda k: k != status)
    return ["id", "label", *rest[:_COLUMNS]]


def _is_long(field: Field) -> bool:
    return isinstance(field.kind, FileKind) or (isinstance(field.kind, TextKind) and field.kind.long)


def _field_parameters(info: RowInfo, *, creating: bool) -> tuple[Parameter, ...]:
    system = [] if isinstance(info, PartInfo) else list(SYSTEM_FIELDS.values())
    fields = [f for f in (*info.fields.values(), *system) if not f.read_only]
    return tuple(
        Parameter(
            f.key,
            f.kind,
            required=creating and f.must_be_given,
            help=f.help or f.label,  # type: ignore[arg-type]
            raw=True,
        )
        for f in fields
    )


# ---- the verbs -----------------------------------------------------------------------------------


def _create(work: Work, *, type_key: str, **values: Any) -> Any:
    info = work.crm.registry.type(type_key)
    linked = {name: values.pop(name, None) for name in info.link_options}
    made = entities.create(work, type_key, **_given(values))
    link_options.link_made(work, info, made.id, linked)
    return made


def _edit(work: Work, entity: Entity, *, clear: Any = None, if_version: int | None = None, **values: Any) -> Any:
    info = work.crm.registry.type(entity.type)
    return entities.edit(work, entity, version=if_version, **_changed(info, values, clear))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _changed(info: RowInfo, values: Mapping[str, Any], cleared: Sequence[str] | None) -> dict[str, Any]:
    """The values that were given, and None for the fields that are to be emptied."""
    changed = _given(values)
    for key in cleared or ():
        field = info.field(key.replace("-", "_"))
        refuse_read_only(info, {field.key: None}, ())
        if field.key in changed:
            option = field.key.replace("_", "-")
            raise UsageError(
                _("{field} is both given and emptied.").format(field=field.label),
                _("Use either --{option} or --clear {option}.").format(option=option),
            )
        if field.key == "currency":
            raise Refused(
                _("{field} is required.").format(field=field.label),
                _("Give it with --{option}.").format(option=field.key),
            )
        changed[field.key] = None
    return changed


def _list(work: Work, *, type_key: str, columns: str | None = None, trash: bool | None = None, **page: Any) -> Page:
    info = work.crm.registry.type(type_key)
    known = list(info.all_fields)
    chosen = [c.strip().replace("-", "_") for c in columns.split(",")] if columns else default_columns(info)
    for column in chosen:
        if column not in known:
            raise UsageError(
                _('{type} has no column "{name}".').format(type=info.label, name=column), near(column, known)
            )
    limit: int = page["limit"]
    if limit < 1:
        raise UsageError(_("A page has at least one row: --limit 1 or more."))
    rows = reading.page(work, info, trash_only=bool(trash), **{**page, "limit": limit + 1})
    return Page(info, rows[:limit], chosen, chosen=columns is not None, more=len(rows) > limit)


def _delete(work: Work, entity: Entity) -> Any:
    bin.delete(work, [entity.id])
    return entity


def _restore(work: Work, found: reading.Found) -> Any:
    bin.restore(work, [found.id])
    return reading.get(work, found.type, found.id)


def _purge(work: Work, found: reading.Found) -> reading.Found:
    bin.purge(work, found.id)
    return found


def _history(work: Work, entity: Entity) -> History:
    return History(work.crm.registry.type(entity.type), changes.history(work, entity.id))


def _count(work: Work, *, type_key: str, by: str | None = None, **options: Any) -> Counts:
    info = work.crm.registry.type(type_key)
    rows = reading.count(work, info, by=by, **options)
    return Counts(rows, path_value(info, info.source(), by.replace("-", "_"))[1] if by else None)


def _list_parts(work: Work, *, part_key: str, of: int) -> Page:
    info = work.crm.registry.part(part_key)
    reading.check_there(work, of, info.of)
    return Page(info, reading.parts_of(work, info.model, [of]), default_columns(info))


def _add_part(work: Work, *, part_key: str, of: int, **values: Any) -> Any:
    return parts.add(work, work.crm.registry.part(part_key).model, of, **_given(values))


def _edit_part(work: Work, part: Part, *, clear: Any = None, if_version: int | None = None, **values: Any) -> Any:
    info = work.crm.registry.part(part.__key__)
    return parts.edit(work, part, version=if_version, **_changed(info, values, clear))


def _remove_part(work: Work, part: Part) -> Any:
    if not part.__editable__:
        raise Refused(_("{part} is written by the program alone.").format(part=part.__label__))
    parts.remove(work, part)
    return part


_LISTING = (
    Parameter("where", TextKind(), help=_('Only those that meet a condition: "phase.outcome = won".'), raw=True),
    Parameter("sort", TextKind(), help=_("Sort by this field; -FIELD sorts downwards."), raw=True),
    Parameter("limit", IntegerKind(), default=50, help=_("At most so many rows (50).")),
    Parameter("after", IntegerKind(), help=_("Go on after the row with this id: the next page.")),
    Parameter("columns", TextKind(), help=_("Show these fields, separated by commas."), raw=True),
    Parameter("trash", BooleanKind(), help=_("Those in the trash.")),
)

_EDITING = (
    Parameter("clear", TextKind(), multiple=True, raw=True, help=_("Empty this field.")),
    Parameter("if_version", IntegerKind(), help=_("Refuse if it was changed since this version.")),
)

_COUNTING = (
    Parameter("where", TextKind(), help=_('Only those that meet a condition: "phase.outcome = won".'), raw=True),
    Parameter(
        "by",
        TextKind(),
        help=_("One group for each value of this field, or of a path such as phase.outcome."),
        raw=True,
    ),
    Parameter("sum", TextKind(), help=_("Add up this field or measure."), raw=True),
)
