"""The verbs that every type and part has: create, list, show, edit, delete, restore, purge, history, count.

They are operations like any other, made from what is known of the type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from besace import bin, changes, entities, parts, reading
from besace.errors import Refused, UsageError, near
from besace.kinds import BooleanKind, EntityKind, IntegerKind, TextKind
from besace.model import SYSTEM_FIELDS
from besace.records import Operation, Parameter, Table
from besace.texts import Text, translator
from besace.types import PartInfo, RowInfo, TypeInfo

if TYPE_CHECKING:
    from besace.database import Work
    from besace.fields import Field
    from besace.model import Entity, Part

_ = translator(__name__)

_SYSTEM_OPTIONS = ("owner", "currency", "external_system", "external_id")
_COLUMNS = 7


@dataclass(frozen=True)
class Shown:
    """One entity with the data of its blocks, by key in order."""

    entity: Any
    blocks: Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Rows of one type or part, and the columns in which a person wants to see them."""

    info: RowInfo
    rows: Sequence[Any]
    columns: Sequence[str]


def operations_of(info: TypeInfo) -> dict[str, Operation]:
    """All operations of a type: the verbs of every type, then its own; an own one of the same name takes its place."""
    on = info.key
    made = [
        Operation(
            "create", on, partial(_create, type_key=on), _("Create"), _("Create one."), "none",
            parameters=_field_parameters(info, creating=True), right="create",
        ),
        Operation(
            "list", on, partial(_list, type_key=on), _("List"), _("List them, page by page."), "none", writes=False,
            right="read", parameters=_LISTING, layout=lay_out_page,
        ),
        Operation("show", on, show, _("Show"), _("Show one with everything around it."), writes=False, right="read"),
        Operation(
            "edit", on, _edit, _("Edit"), _("Change fields of one."), parameters=(
                *_field_parameters(info, creating=False),
                Parameter("clear", TextKind(), multiple=True, raw=True, help=_("Empty this field.")),
                Parameter(
                    "if_version", IntegerKind(), help=_("Refuse if it was changed since this version.")
                ),
            ),
        ),
        Operation("delete", on, _delete, _("Delete"), _("Move one to the trash."), right="delete"),
        Operation("restore", on, _restore, _("Restore"), _("Take one out of the trash."), right="delete"),
        Operation("purge", on, _purge, _("Purge"), _("Remove one from the trash for good."), right="purge"),
        Operation(
            "history", on, _history, _("History"), _("Show who changed what, and when."), writes=False, right="read",
            layout=lay_out_history,
        ),
        Operation(
            "count", on, partial(_count, type_key=on), _("Count"), _("Count them, in groups, with sums."), "none",
            writes=False, right="read", parameters=_COUNTING, layout=lay_out_counts,
        ),
    ]  # fmt: skip
    return {o.key: o for o in made} | info.operations


def part_operations_of(info: PartInfo) -> dict[str, Operation]:
    """All operations of a part: add, list, edit, remove (list alone for one that only code writes), then its own."""
    on = info.key
    owner = Parameter("of", EntityKind((info.of,)), required=True, positional=True, help=_("What it belongs to."))
    made = [
        Operation(
            "list", on, partial(_list_parts, part_key=on), _("List"), _("List those of one entity."), "none",
            writes=False, right="read", parameters=(owner,), layout=lay_out_page,
        ),
    ]  # fmt: skip
    if info.model.__editable__:
        made += [
            Operation(
                "add", on, partial(_add_part, part_key=on), _("Add"), _("Add one."), "none",
                parameters=(owner, *_field_parameters(info, creating=True)),
            ),
            Operation(
                "edit", on, _edit_part, _("Edit"), _("Change fields of one."), parameters=(
                    *_field_parameters(info, creating=False),
                    Parameter("clear", TextKind(), multiple=True, raw=True, help=_("Empty this field.")),
                    Parameter(
                        "if_version", IntegerKind(), help=_("Refuse if it was changed since this version.")
                    ),
                ),
            ),
            Operation("remove", on, _remove_part, _("Remove"), _("Remove one.")),
        ]  # fmt: skip
    return {o.key: o for o in made} | info.operations


def show(work: Work, entity: Entity) -> Shown:
    """An entity with the data of all blocks of its type; a block costs the same whatever hangs on the entity."""
    info = work.crm.registry.type(entity.type)
    return Shown(entity, {key: block.query(work, entity) for key, block in info.blocks.items()})


def default_columns(info: RowInfo) -> list[str]:
    """The columns of a list where a person names none: what tells the rows apart, no long texts."""
    short = [k for k, f in info.fields.items() if not (isinstance(f.kind, TextKind) and f.kind.long)]
    if isinstance(info, PartInfo):
        return ["id", *short[:_COLUMNS]]
    rest = [k for k in short if not info.fields[k].names_row]
    return ["id", "label", *rest[:_COLUMNS]]


def _field_parameters(info: RowInfo, *, creating: bool) -> tuple[Parameter, ...]:
    entity_options = () if isinstance(info, PartInfo) else _SYSTEM_OPTIONS
    fields: list[Field] = [f for f in info.fields.values() if not f.read_only]
    fields += [SYSTEM_FIELDS[k] for k in entity_options]
    return tuple(
        Parameter(
            f.key,
            f.kind,
            required=creating and f.required and f.default is None and not f.completed
            and not isinstance(f.kind, BooleanKind),
            help=f.help or f.label,  # type: ignore[arg-type]
            raw=True,
        )
        for f in fields
    )


# ---- the verbs -----------------------------------------------------------------------------------


def _create(work: Work, *, type_key: str, **values: Any) -> Any:
    return entities.create(work, type_key, **_given(values))


def _edit(work: Work, entity: Entity, *, clear: Any = None, if_version: int | None = None, **values: Any) -> Any:
    info = work.crm.registry.type(entity.type)
    return entities.edit(work, entity, version=if_version, **_given(values), **_emptied(info, clear))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _emptied(info: RowInfo, keys: Sequence[str] | None) -> dict[str, Any]:
    emptied: dict[str, Any] = {}
    for key in keys or ():
        field = info.field(key.replace("-", "_"))
        emptied[field.key] = None
    return emptied


def _list(work: Work, *, type_key: str, columns: str | None = None, trash: bool | None = None, **page: Any) -> Page:
    info = work.crm.registry.type(type_key)
    known = list(info.all_fields)
    chosen = [c.strip().replace("-", "_") for c in columns.split(",")] if columns else default_columns(info)
    for column in chosen:
        if column not in known:
            raise UsageError(
                _('{type} has no column "{name}".').format(type=info.label, name=column), near(column, known)
            )
    if page.get("limit") is not None and page["limit"] < 1:
        raise UsageError(_("A page has at least one row: --limit 1 or more."))
    rows = reading.page(work, info, trash_only=bool(trash), **page)
    return Page(info, rows, chosen)


def _delete(work: Work, entity: Entity) -> Any:
    bin.delete(work, [entity.id])
    return entity


def _restore(work: Work, found: reading.Found) -> Any:
    bin.restore(work, [found.id])
    return reading.get(work, found.type, found.id)


def _purge(work: Work, found: reading.Found) -> reading.Found:
    bin.purge(work, found.id)
    return found


def _history(work: Work, entity: Entity) -> list[changes.HistoryLine]:
    return changes.history(work, entity.id)


def _count(work: Work, *, type_key: str, **options: Any) -> list[reading.CountRow]:
    return reading.count(work, work.crm.registry.type(type_key), **options)


def _list_parts(work: Work, *, part_key: str, of: int) -> Page:
    info = work.crm.registry.part(part_key)
    reading.get(work, info.of, of)
    return Page(info, reading.parts_of(work, info.model, [of]), default_columns(info))


def _add_part(work: Work, *, part_key: str, of: int, **values: Any) -> Any:
    return parts.add(work, work.crm.registry.part(part_key).model, of, **_given(values))


def _edit_part(work: Work, part: Part, *, clear: Any = None, if_version: int | None = None, **values: Any) -> Any:
    info = work.crm.registry.part(part.__key__)
    return parts.edit(work, part, version=if_version, **_given(values), **_emptied(info, clear))


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

_COUNTING = (
    Parameter("where", TextKind(), help=_('Only those that meet a condition: "phase.outcome = won".'), raw=True),
    Parameter("by", TextKind(), help=_("One group for each value of this field, or of a path such as phase.outcome."), raw=True),
    Parameter("sum", TextKind(), help=_("Add up this field or measure."), raw=True),
)


# ---- how a person sees them ---------------------------------------------------------------------


def lay_out_page(work: Work, page: Page) -> list[Table]:
    """A page as a table of its columns."""
    headings = [page.info.all_fields[c].label if c in page.info.all_fields else _("Id") for c in page.columns]
    rows = [[shown_value(page.info, row, column) for column in page.columns] for row in page.rows]
    return [Table(headings, rows, empty=_("None."))]


def shown_value(info: RowInfo, row: Any, key: str) -> Any:
    """The value of a field of a loaded row, as it is laid out: labels for keys and references."""
    value = getattr(row, key)
    field = info.all_fields.get(key)
    if value is None or field is None:
        return value
    choices = getattr(field.kind, "choices", None)
    if choices:
        return choices.get(value, value)
    if isinstance(field.kind, BooleanKind):
        return _("yes") if value else _("no")
    return getattr(value, "label", value)


def lay_out_counts(work: Work, rows: Sequence[reading.CountRow]) -> list[Table]:
    """Counts as a table; sums stand at the right, one column for each currency."""
    currencies = sorted({c for r in rows if isinstance(r.sum, dict) for c in r.sum})
    plain = any(r.sum is not None and not isinstance(r.sum, dict) for r in rows)
    headings: list[Text | str] = [_("By"), _("Count"), *currencies, *([_("Sum")] if plain else [])]
    lines = []
    for row in rows:
        sums = [row.sum.get(c) for c in currencies] if isinstance(row.sum, dict) else [None] * len(currencies)
        lines.append([getattr(row.by, "label", row.by), row.count, *sums, *([row.sum] if plain else [])])
    if len(rows) == 1 and rows[0].by is None:
        return [Table(headings[1:], [line[1:] for line in lines])]
    return [Table(headings, lines, empty=_("None."))]


def lay_out_history(work: Work, lines: Sequence[changes.HistoryLine]) -> list[Table]:
    """The history as a table, one row for each field of each change."""
    headings = [_("When"), _("Who"), _("What"), _("Field"), _("Before"), _("After"), _("Reason")]
    rows = [
        [
            f"{line.at:%Y-%m-%d %H:%M}", line.who, ACTIONS.get(line.action, line.action) if line.about is None
            else _("{action} {about}").format(action=ACTIONS.get(line.action, line.action), about=line.about),
            line.field, _plain(line.before), _plain(line.after), line.reason,
        ]
        for line in lines
    ]  # fmt: skip
    return [Table(headings, rows, empty=_("None."))]


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return value


ACTIONS: Mapping[str, Text] = {
    "create": _("created"),
    "edit": _("edited"),
    "delete": _("moved to the trash"),
    "restore": _("restored"),
    "purge": _("purged"),
    "add": _("added"),
    "remove": _("removed"),
    "link": _("linked"),
    "relink": _("link changed"),
    "unlink": _("unlinked"),
    "set": _("set"),
}
"""What an entry of the history did, in words."""
