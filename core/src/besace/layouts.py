"""How a person sees what the verbs of every type give: pages, counts, histories, and what was done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from besace import changes, kinds
from besace.fields import Field
from besace.money import Money
from besace.reading import Found, found_entities, mention_of
from besace.records import Layout, Note, Table
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.crud import Counts, History, Page
    from besace.database import Work
    from besace.types import RowInfo

_ = translator(__name__)

_CELL = 60
"""Characters of a text that a table shows; `show` has it whole."""


def lay_out_page(work: Work, page: Page) -> list[Layout]:
    """A page as a table of its columns, and how to go on to the next; columns that no one chose are left out empty."""
    fields = page.info.all_fields
    columns = [
        c
        for c in page.columns
        if page.chosen or not page.rows or c == "label" or any(getattr(row, c) is not None for row in page.rows)
    ]
    headings = [fields[c].label if c in fields else _("Id") for c in columns]
    rows = [[short(shown_value(page.info, row, column)) for column in columns] for row in page.rows]
    laid: list[Layout] = [Table(headings, rows, empty=_("None."))]
    if page.more:
        laid.append(Note(_("There are more: go on with --after {id}").format(id=page.rows[-1].id)))
    return laid


def shown_value(info: RowInfo, row: Any, key: str) -> Any:
    """The value of a field of a loaded row, as it is laid out: labels for keys and references."""
    value = getattr(row, key)
    field = info.all_fields.get(key)
    if value is None or field is None:
        return value
    if isinstance(field.kind, kinds.ChoiceKind):
        return field.kind.choices.get(value, value)
    if isinstance(field.kind, kinds.ConditionKind):
        return field.kind.json(value)
    return getattr(value, "label", value)


def lay_out_counts(work: Work, counts: Counts) -> Table:
    """Counts as a table; sums stand at the right, one column for each currency."""
    rows = counts.rows
    currencies = sorted({c for r in rows if isinstance(r.sum, dict) for c in r.sum})
    plain = any(r.sum is not None and not isinstance(r.sum, dict) for r in rows)
    headings: list[Text | str] = [_("Count"), *currencies, *([_("Sum")] if plain else [])]
    lines: list[list[Any]] = []
    for row in rows:
        sums = [row.sum.get(c) for c in currencies] if isinstance(row.sum, dict) else [None] * len(currencies)
        lines.append([row.count, *sums, *([row.sum] if plain else [])])
    if counts.by is None:
        return Table(headings, lines)
    groups = [_("(empty)") if row.by is None else _group(work, counts.by, row.by) for row in rows]
    lines = [[short(group), *line] for group, line in zip(groups, lines, strict=True)]
    return Table([counts.by.label, *headings], lines, empty=_("None."))


def lay_out_history(work: Work, history: History) -> Table:
    """A history as a table, one row for each field of each change; the label follows from other fields."""
    lines = [line for line in history.lines if line.field != "label"]
    fields = [_field_of(work, history.info, line) for line in lines]
    names = found_entities(
        work,
        [
            value
            for line, field in zip(lines, fields, strict=True)
            if field is not None and isinstance(field.kind, kinds.EntityKind)
            for value in (line.before, line.after)
            if isinstance(value, int)
        ],
    )
    rows = [
        [
            line.at, line.who, _what(work, line), line.field if field is None else field.label,
            short(_past(work, field, line.before, names)), short(_past(work, field, line.after, names)), line.reason,
        ]
        for line, field in zip(lines, fields, strict=True)
    ]  # fmt: skip
    headings = [_("When"), _("Who"), _("What"), _("Field"), _("Before"), _("After"), _("Reason")]
    return Table(headings, rows, empty=_("None."))


def lay_out_deleted(work: Work, entity: Any) -> list[Note]:
    """That an entity is in the trash, and the way back."""
    named = mention_of(work, entity)
    back = _("Take it out with: besace {type} restore {id}").format(type=entity.type.replace("_", "-"), id=entity.id)
    return [Note(_("{entity} is in the trash now.").format(entity=named)), Note(back)]


def lay_out_restored(work: Work, entity: Any) -> Note:
    """That an entity is out of the trash."""
    return Note(_("{entity} is out of the trash, with its links.").format(entity=mention_of(work, entity)))


def lay_out_purged(work: Work, found: Found) -> Note:
    """That an entity is gone."""
    return Note(_("{entity} is gone for good.").format(entity=mention_of(work, found)))


def lay_out_removed(work: Work, part: Any) -> Note:
    """That a part is gone."""
    info = work.crm.registry.part(part.__key__)
    return Note(_("{part} {id} is removed.").format(part=info.label, id=part.id))


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


def short(value: Any) -> Any:
    """A text cut to what a table has room for."""
    if not isinstance(value, str):
        return value
    first, *more = value.splitlines() or [""]
    return first if not more and len(first) <= _CELL else first[: _CELL - 1].rstrip() + "…"


def _group(work: Work, field: Field, value: Any) -> Any:
    """The value that makes a group, as a person reads it."""
    match field.kind:
        case kinds.EntityKind():
            return getattr(value, "label", value)
        case kinds.ItemKind(list=list_key):
            return _item(work, list_key, value)
        case kinds.ChoiceKind(choices=choices):
            return choices.get(value, value)
        case kinds.TypeKind():
            return work.crm.registry.label_of_type(value)
    return value


def _item(work: Work, list_key: str, key: str) -> Any:
    """The label of an item; its key where its list is not here."""
    items = work.items(list_key) if list_key in work.crm.registry.lists else {}
    return items[key].label if key in items else key


def _what(work: Work, line: changes.HistoryLine) -> Any:
    """What a line tells: `created`, `linked: works for SNCF`, `added: Objective 7`."""
    done = ACTIONS.get(line.action, line.action)
    if line.action == "copy":
        told = _("copied from {other}") if line.forward else _("copied to {other}")
        return told.format(other=line.other)
    if line.about is None:
        return done
    registry = work.crm.registry
    if line.action in ("link", "relink", "unlink"):
        relation = registry.relation_types.get(line.about)
        predicate = line.about if relation is None else relation.label if line.forward else relation.reverse
        about = Text("{predicate} {other}", "", None, {"predicate": predicate, "other": line.other})
    else:
        key, _colon, part_id = line.about.partition(":")
        part = registry.parts.get(key)
        about = Text("{part} {id}", "", None, {"part": part.label if part else key, "id": part_id})
    return _("{done}: {about}").format(done=done, about=about)


def _field_of(work: Work, info: RowInfo, line: changes.HistoryLine) -> Field | None:
    """The field that a line is about; None where what declared it is not here."""
    registry = work.crm.registry
    if line.field is None:
        return None
    if line.about is None:
        return info.all_fields.get(line.field)
    if line.about in registry.relation_types:
        return registry.relation_types[line.about].attributes.get(line.field)
    part = registry.parts.get(line.about.partition(":")[0])
    return part.fields.get(line.field) if part else None


def _past(work: Work, field: Field | None, value: Any, names: Mapping[int, Found]) -> Any:
    """A value of the history as a person reads it; one that its field could not hold today stays as it is kept."""
    if value is None or field is None:
        return value if isinstance(value, str | int | None) else str(value)
    try:
        match field.kind:
            case kinds.EntityKind():
                return names[value].label
            case kinds.MoneyKind():
                return Money(Decimal(value["amount"]), value["currency"])
            case kinds.DecimalKind():
                return Decimal(value)
            case kinds.DateTimeKind():
                return datetime.fromisoformat(value)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return str(value)
    return _group(work, field, value)
