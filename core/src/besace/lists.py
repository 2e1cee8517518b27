"""Editable lists: phases, types, segments, reasons; stable keys with labels that an administrator may change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from besace.changes import Entry, record
from besace.dialects import bytewise, lock, one_at_a_time
from besace.errors import InvalidValue, NotFound, Refused, UsageError, unknown
from besace.fields import Field
from besace.kinds import ItemKind
from besace.model import NAMING, Base, map_fields
from besace.texts import Text, as_text, fold, in_language, translator
from besace.values import accept, check_characters, check_values, defaults, differences, stored, with_booleans

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_LABEL = 200


@dataclass(frozen=True)
class Item:
    """An item that we ship: its stable key, its label, the values of the list's own columns."""

    key: str
    label: Text
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TypedLabel:
    """A label that an administrator typed, in one language ("" stands for all) or several."""

    labels: Mapping[str, str]
    shipped: Text | None = None

    def in_language(self, language: str) -> str:
        """The label for a reader of `language`; one that was typed for all, ours, or any, where it has none."""
        typed = self.labels.get(language) or self.labels.get("")
        if typed is None and self.shipped is not None:
            return self.shipped.in_language(language)
        return typed or next(iter(self.labels.values()))

    def __str__(self) -> str:
        return self.in_language("en")


class ListItem(Base):
    """An item of an editable list: `class SalesPhase(ListItem, list="sales_phase", label=..., items=(...))`.

    Its fields are the list's extra columns. Shipped items keep no label in the database until they are renamed.
    `parent` names one of them that is an item of the same list: the list is a tree, and a condition that asks for an
    item holds for all below it too.
    """

    __abstract__ = True

    key: Mapped[str]
    labels: Mapped[dict[str, str] | None]
    position: Mapped[int]
    disabled: Mapped[bool]

    __key__: ClassVar[str]
    __label__: ClassVar[Text]
    __fields__: ClassVar[dict[str, Field]]
    __items__: ClassVar[tuple[Item, ...]]
    __parent__: ClassVar[str | None]

    def __init_subclass__(
        cls, *, list: str, label: Text | str, items: Sequence[Item] = (), parent: str | None = None, **kw: Any
    ) -> None:
        named = as_text(label, cls.__module__)
        assert named is not None
        cls.__key__ = list
        cls.__label__ = named
        cls.__items__ = tuple(items)
        cls.__tablename__ = list
        cls.__fields__ = map_fields(cls)
        cls.__parent__ = parent
        if parent is not None and cls.__fields__[parent].kind != ItemKind(list):
            raise TypeError(f'{cls.__name__}.{parent} must be an item of the list "{list}" to be its parent')
        cls.metadata = sa.MetaData(naming_convention=NAMING)
        cls.key = mapped_column(sa.String(80), primary_key=True, sort_order=-1)
        cls.labels = mapped_column(sa.JSON(none_as_null=True))
        cls.position = mapped_column(sa.Integer(), nullable=False)
        cls.disabled = mapped_column(sa.Boolean(), nullable=False)
        super().__init_subclass__(**kw)

    @property
    def label(self) -> Text | TypedLabel | str:
        """What names it: as an administrator typed it, else as we ship it."""
        shipped = next((i.label for i in self.__items__ if i.key == self.key), None)
        return TypedLabel(self.labels, shipped) if self.labels else shipped or self.key

    def relabelled(self, label: str, language: str = "") -> dict[str, str] | None:
        """Its typed labels with another for a language, or for all; "" takes one away. Ours shows where none is."""
        labels = {k: v for k, v in (self.labels or {}).items() if language and k != language}
        if label.strip():
            labels[language] = label.strip()
        if not labels and all(i.key != self.key for i in self.__items__):
            raise InvalidValue(_("An item needs a label."))
        return labels or None

    @property
    def above(self) -> str | None:
        """The key of the item that it stands under, in a list that is a tree."""
        above: str | None = None if self.__parent__ is None else getattr(self, self.__fields__[self.__parent__].column)
        return above

    def in_language(self, language: str) -> str:
        """The label for a reader of `language`."""
        return in_language(self.label, language)

    def is_called(self, text: str) -> bool:
        """Whether a person may mean this item by `text`: its label in any language, without case or accents."""
        from besace.texts import LANGUAGES

        return fold(text) in {fold(self.in_language(language)) for language in LANGUAGES}

    def __str__(self) -> str:
        return self.in_language("en")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Any) -> dict[str, Any]:
        """Complete the values of an item, or refuse them."""
        return new


def table_of(model: type[ListItem]) -> sa.Table:
    """The table of a list."""
    return cast(sa.Table, model.__table__)


def load(work: Work, key: str) -> dict[str, ListItem]:
    """The items of a list by key, in order, disabled ones included. Use `work.items`, which keeps them.

    A unit that writes holds them until it ends: what it judged by them is not changed under it.
    """
    model = work.crm.registry.list_type(key)
    statement = sa.select(model).order_by(model.position, bytewise(model.key))
    if work.writing:
        statement = statement.with_for_update(read=True, key_share=True)
    return {row.key: row for row in work.scalars(statement)}


def at_and_below(items: Mapping[str, ListItem], key: str) -> list[str]:
    """The key of an item, and those of all that stand below it in a list that is a tree, in the order of the list."""
    found, before = {key}, 0
    while len(found) > before:
        before = len(found)
        found |= {k for k, item in items.items() if item.above in found}
    return [k for k in items if k in found] or [key]


def seed(work: Work, keys: Sequence[str]) -> None:
    """Add the shipped items that a list does not have yet; what an administrator changed stays."""
    for list_key in keys:
        model = work.crm.registry.list_type(list_key)
        known = work.items(list_key)
        for place, item in enumerate(model.__items__, start=1):
            if item.key not in known:
                _insert(work, model, item.key, None, place * 10, accept(model.__fields__, dict(item.values), work))
                work.forget_items(list_key)  # the next one may stand under it


def add(work: Work, list_key: str, key: str, *, label: str, order: int | None = None, **values: Any) -> ListItem:
    """Add an administrator's item at the end, or at `order`."""
    model = work.crm.registry.list_type(list_key)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,79}", key):
        raise UsageError(
            _('"{key}" cannot be the key of an item.').format(key=key),
            _("Expected lower-case letters, digits and underscores."),
        )
    _lock(work, model)
    known = work.items(list_key)
    if key in known:
        raise Refused(
            _('The list {list} already has an item "{key}".').format(list=model.__label__, key=key),
            _("Change it with: besace list edit {list} {key}").format(list=list_key, key=key),
        )
    _check_shown(label, order)
    last = max((i.position for i in known.values()), default=0)
    if not label.strip():
        raise InvalidValue(_("An item needs a label."))
    new = accept(model.__fields__, values, work)
    _insert(work, model, key, {"": label.strip()}, last + 10 if order is None else order, new)
    work.forget_items(list_key)
    return work.items(list_key)[key]


def edit(
    work: Work,
    list_key: str,
    key: str,
    *,
    label: str | None = None,
    label_language: str = "",
    order: int | None = None,
    disabled: bool | None = None,
    **values: Any,
) -> ListItem:
    """Change an item: its label (in one language, or in all), order, disabled flag or own columns."""
    model = work.crm.registry.list_type(list_key)
    _lock(work, model)
    lock(work, table_of(model), table_of(model).c.key, [key], from_references=True)  # no one judges by it meanwhile
    item = _item(work, model, key)
    _check_shown(label, order)
    old = {k: getattr(item, f.column) for k, f in model.__fields__.items()}
    old |= {"labels": item.labels, "order": item.position, "disabled": item.disabled}
    new = with_booleans(model.__fields__, old | accept(model.__fields__, values, work))
    if label is not None:
        new["labels"] = item.relabelled(label, label_language)
    new["order"] = item.position if order is None else order
    new["disabled"] = item.disabled if disabled is None else disabled
    new = model.prepare({"key": key, **old}, new, work)
    check_values(model.__fields__, new)
    _check_parent(work, item, new)
    changed = differences(old, new)
    if changed:
        columns = stored(model.__fields__, new)
        columns |= {"labels": new["labels"], "position": new["order"], "disabled": new["disabled"]}
        work.execute(sa.update(table_of(model)).where(table_of(model).c.key == key).values(columns))
        record(work, [Entry("edit", about=f"list:{list_key}:{key}", values=_json(model, changed))])
        work.forget_items(list_key)
    return work.items(list_key)[key]


def _check_parent(work: Work, item: ListItem, new: Mapping[str, Any]) -> None:
    """In a list that is a tree nothing stands under itself; a new item cannot: nothing stands under it yet."""
    above = new[item.__parent__] if item.__parent__ else None
    items = work.items(item.__key__)
    if above is not None and above in at_and_below(items, item.key):
        raise Refused(
            _('"{item}" cannot stand under "{above}": that is itself, or stands under it.').format(
                item=item.label, above=items[above].label
            ),
            _("See the list with: besace list show {list}").format(list=item.__key__),
        )


def _lock(work: Work, model: type[ListItem]) -> None:
    """Let no one else change the list until this unit ends, and read it as the one before left it."""
    one_at_a_time(work)
    work.forget_items(model.__key__)


def _check_shown(label: str | None, order: int | None) -> None:
    """Refuse a label or a place that cannot be kept."""
    if label is not None:
        check_characters(label)
        if len(label) > _LABEL or "\n" in label:
            raise InvalidValue(_("The label of an item is one line of at most {most} characters.").format(most=_LABEL))
    if order is not None and abs(order) >= 2**31:
        raise InvalidValue(_("{order} is too large a place in a list.").format(order=order))


def count_uses(work: Work, list_key: str, key: str) -> int:
    """How many rows of enabled types and parts have this item."""
    registry = work.crm.registry
    counts = [
        sa.select(sa.func.count()).where(owner.table.c[f.column] == key).scalar_subquery()
        for owner in registry.rows
        for f in owner.fields.values()
        if isinstance(f.kind, ItemKind) and f.kind.list == list_key
    ]
    return sum(work.execute(sa.select(*counts)).one()) if counts else 0


def _item(work: Work, model: type[ListItem], key: str) -> ListItem:
    items = work.items(model.__key__)
    if key not in items:
        error = unknown(_('The list {list} has no item "{name}".'), key, list(items), list=model.__label__)
        raise NotFound(error.message, error.hint)
    return items[key]


def _insert(
    work: Work, model: type[ListItem], key: str, labels: dict[str, str] | None, position: int, values: dict[str, Any]
) -> None:
    given = values | accept(model.__fields__, defaults(model.__fields__, values), work)
    new = dict.fromkeys(model.__fields__) | given
    new = model.prepare(None, {"key": key, **new}, work)
    check_values(model.__fields__, new)
    row = stored(model.__fields__, new)
    row |= {"key": key, "labels": labels, "position": position, "disabled": False}
    work.execute(sa.insert(table_of(model)).values(row))
    told = {"labels": labels, "order": position, **{k: new[k] for k in model.__fields__}}
    shown = {k: (None, v) for k, v in told.items() if v is not None}
    record(work, [Entry("create", about=f"list:{model.__key__}:{key}", values=_json(model, shown))])


def _json(model: type[ListItem], changed: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    def plain(key: str, value: Any) -> Any:
        known = model.__fields__.get(key)
        return value if value is None or known is None else known.kind.json(value)

    return {key: [plain(key, before), plain(key, after)] for key, (before, after) in changed.items()}
