"""The mapping: how the fields of a class become columns, and what a loaded row gives back.

Mapped classes are for reading. They are written through the doors in `entities`, `parts` and `relations`;
a guard (`database.Work`) refuses a mapped row that was set or added.
Every class has a `MetaData` of its own: a mapper belongs to the process, the set of types to an install, and two
installs of one process may know different classes by the same key. `types.Registry` assembles an install's schema.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, object_session, relationship

from besace import kinds
from besace.column_types import Bytewise, UtcDateTime
from besace.fields import Field
from besace.texts import Text, as_text, translator

_ = translator(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64-bit; on SQLite only a column called INTEGER can be AUTOINCREMENT."""


class Base(DeclarativeBase):
    """The root of the mapping; its own metadata holds the core's tables."""

    metadata = sa.MetaData(naming_convention=NAMING)


def read_only(name: str) -> RuntimeError:
    """The error for a mapped class that was written to: it would pass by every rule, version and history."""
    return RuntimeError(f"{name} was changed through its mapped class, which only reads. Use besace.entities.edit.")


@sa.event.listens_for(Base, "attribute_instrument", propagate=True)
def _refuse_setting(_class: type[Any], _key: str, attribute: Any) -> None:
    # At the assignment and not at the flush, which does not see that a reference was set.
    def refuse(row: Any, _value: Any, _old: Any, _initiator: Any) -> None:
        raise read_only(type(row).__name__)

    sa.event.listen(attribute, "set", refuse)


class _Amount:
    """Reads a column of minor units as Money; on the class it is the column."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __set__(self, row: Any, value: Any) -> None:
        raise read_only(type(row).__name__)

    def __get__(self, row: Any, owner: type[Any]) -> Any:
        if row is None:
            return getattr(owner, self.column)
        minor = getattr(row, self.column)
        return None if minor is None else kinds.MoneyKind().load(minor, row.currency)


class _Item:
    """Reads a key of an editable list as its item, from the unit's own copy of that list."""

    def __init__(self, column: str, list_key: str) -> None:
        self.column = column
        self.list_key = list_key

    def __set__(self, row: Any, value: Any) -> None:
        raise read_only(type(row).__name__)

    def __get__(self, row: Any, owner: type[Any]) -> Any:
        if row is None:
            return getattr(owner, self.column)
        key = getattr(row, self.column)
        work: Any = object_session(row)
        return None if key is None else work.items(self.list_key).get(key)


def map_fields(cls: type[Any]) -> dict[str, Field]:
    """Turn the fields of a class into mapped columns; returns them by key, in order.

    A plain class may hold fields that several types share: `class Quote(Document, Entity, type="quote")`.
    """
    found: dict[str, Field] = {}
    for key, value, annotation, module in _fields_of(cls):
        if key in RESERVED:
            raise TypeError(f'{cls.__name__}.{key}: every entity already has "{key}"; choose another name')
        found[key] = value.bound(key, module, required=_is_required(annotation))
    for field in found.values():
        _map_field(cls, field)
    return found


def _fields_of(cls: type[Any]) -> Iterator[tuple[str, Field, Any, str]]:
    """The fields of the plain classes that a class shares with others, then its own, which may declare them anew."""
    for declaring in reversed(cls.__mro__):
        is_own = declaring is cls
        if not is_own and issubclass(declaring, Base):
            continue
        annotations = declaring.__annotations__ if "__annotations__" in declaring.__dict__ else {}
        for key, value in list(declaring.__dict__.items()):
            if isinstance(value, Field):
                annotation = annotations.pop(key, None) if is_own else annotations.get(key)
                yield key, value, annotation, declaring.__module__


def _is_required(annotation: Any) -> bool:
    if annotation is None:
        return False
    if isinstance(annotation, str):
        return not re.search(r"\bNone\b|\bOptional\b", annotation)
    return type(None) not in typing.get_args(typing.get_args(annotation)[0])


def _map_field(cls: type[Any], field: Field) -> None:
    kind = field.kind
    column_type = kind.column_type()
    nullable = not (field.required or isinstance(kind, kinds.BooleanKind))
    match kind:
        case kinds.EntityKind():
            column = mapped_column(
                field.column, column_type, sa.ForeignKey(Entity.__table__.c.id), nullable=nullable, index=True
            )
            setattr(cls, field.column, column)
            setattr(
                cls,
                field.key,
                relationship(
                    lambda: Ref,
                    primaryjoin=lambda: foreign(cls.__table__.c[field.column]) == Ref.id,
                    viewonly=True,
                    lazy="joined",
                ),
            )
        case kinds.ItemKind():
            setattr(cls, field.column, mapped_column(field.column, column_type, nullable=nullable))
            setattr(cls, field.key, _Item(field.column, kind.list))
        case kinds.MoneyKind():
            attribute = f"{field.key}_minor"
            setattr(cls, attribute, mapped_column(field.key, column_type, nullable=nullable))
            setattr(cls, field.key, _Amount(attribute))
        case _:
            is_looked_up = isinstance(kind, kinds.FileKind)  # whether a row still refers to a file
            setattr(
                cls, field.key, mapped_column(field.key, column_type, nullable=nullable, index=is_looked_up or None)
            )


class Entity(Base):
    """Anything that has an identity, an owner, a history and relations.

    A type is a subclass: `class Training(Entity, type="training")`. `label` and `plural` name it to people;
    `status` is the field that blocks show beside the label. Rules of the type stand in `prepare`.
    """

    __tablename__ = "entity"
    __table_args__: Any = (
        sa.Index("ix_entity_type_label_key", "type", "label_key", "id"),
        sa.Index("ix_entity_external", "external_system", "external_id", "type", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(60))
    label: Mapped[str] = mapped_column(sa.Text())
    label_key: Mapped[str] = mapped_column(Bytewise)
    currency: Mapped[str] = mapped_column(sa.String(3))
    owner_id: Mapped[int | None] = mapped_column(Id, sa.ForeignKey("entity.id"), index=True)
    owner: Mapped[Ref | None] = relationship(
        lambda: Ref, primaryjoin=lambda: foreign(Entity.owner_id) == Ref.id, viewonly=True, lazy="joined"
    )
    created_at: Mapped[Any] = mapped_column(UtcDateTime())
    modified_at: Mapped[Any] = mapped_column(UtcDateTime())
    version: Mapped[int] = mapped_column(sa.Integer())
    external_system: Mapped[str | None] = mapped_column(sa.String(60))
    external_id: Mapped[str | None] = mapped_column(sa.String(200))

    __fields__: ClassVar[dict[str, Field]]
    __key__: ClassVar[str]
    __label__: ClassVar[Text]
    __plural__: ClassVar[Text]
    __status__: ClassVar[str | None] = None

    def __init_subclass__(
        cls,
        *,
        type: str,
        label: Text | str | None = None,
        plural: Text | str | None = None,
        status: str | None = None,
        **kw: Any,
    ) -> None:
        _declare(cls, type, label, plural)
        cls.__status__ = status
        cls.id = mapped_column(Id, sa.ForeignKey(Entity.__table__.c.id), primary_key=True, sort_order=-1)
        # A second foreign key to entity.id, as every reference is, makes the join ambiguous without this.
        cls.__mapper_args__ = {"inherit_condition": _Late(cls)}
        super().__init_subclass__(**kw)

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Any) -> dict[str, Any]:
        """Complete the values of a row, or refuse them by raising a BesaceError; changes nothing else.

        `old` holds the values as they are stored (None for a new row), `new` all values as they would be:
        amounts as Money, items by key, references by id. Called by every door, once per row.
        """
        return new

    @classmethod
    def label_of(cls, values: Mapping[str, Any]) -> str:
        """What names the row to a person; without a field that `names_row` a type gives its own."""
        named = [str(values[k]) for k, f in cls.__fields__.items() if f.names_row and values.get(k) is not None]
        return " ".join(named)


entity_table = cast(sa.Table, Entity.__table__)
"""The table of what every entity has, for statements that load no mapped rows."""

trash = sa.Table(
    "trash",
    Base.metadata,
    sa.Column("entity_id", Id, sa.ForeignKey("entity.id"), primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("change_id", Id, sa.ForeignKey("change.id"), nullable=False),
)
"""What is in the trash. A table and not a flag: restoring is one DELETE, and linking never races with it."""


class Part(Base):
    """A row that belongs to one entity and lives with it: an objective, a phase change.

    `class Objective(Part, of="commercial_action", key="objective")`; `of` may name several types, whose parts are
    kept in one table. It is saved under the version and in the history of its entity, trashed and purged with it.
    `editable=False`: only code writes it. `copied` names the fields that a copy of the entity takes over
    (`parts.copy`); without any, its parts are not copied.
    """

    __abstract__ = True

    id: Mapped[int]
    owner_id: Mapped[int]
    if TYPE_CHECKING:
        owner: Mapped[Ref]

    __fields__: ClassVar[dict[str, Field]]
    __key__: ClassVar[str]
    __label__: ClassVar[Text]
    __plural__: ClassVar[Text]
    __of__: ClassVar[tuple[str, ...]]
    __editable__: ClassVar[bool]
    __copied__: ClassVar[tuple[str, ...]]

    def __init_subclass__(
        cls,
        *,
        of: str | tuple[str, ...],
        key: str,
        label: Text | str | None = None,
        plural: Text | str | None = None,
        editable: bool = True,
        copied: tuple[str, ...] = (),
        **kw: Any,
    ) -> None:
        _declare(cls, key, label, plural)
        for name in copied:
            if name not in cls.__fields__:
                raise TypeError(f'{cls.__name__} has no field "{name}" to be copied')
        cls.__of__ = (of,) if isinstance(of, str) else of
        cls.__editable__ = editable
        cls.__copied__ = copied
        cls.id = mapped_column(Id, primary_key=True, autoincrement=False, sort_order=-2)
        cls.owner_id = mapped_column(
            Id, sa.ForeignKey(Entity.__table__.c.id), nullable=False, index=True, sort_order=-1
        )
        cls.owner = relationship(
            lambda: Ref,
            primaryjoin=lambda: foreign(cls.__table__.c.owner_id) == Ref.id,
            viewonly=True,
            lazy="joined",
        )
        super().__init_subclass__(**kw)

    @property
    def currency(self) -> str:
        """The currency of the entity that the part belongs to."""
        return self.owner.currency

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Any
    ) -> dict[str, Any]:
        """Complete the values of a part, or refuse them; `owner` holds the values of its entity, and its `type`.

        Where both are created at once, `owner` also holds the ids of the parts before this one, as `parts`, by key.
        `old` holds the stored values and the id of the part (None for a new one).
        """
        return new

    @classmethod
    def check_removal(cls, old: Mapping[str, Any], owner: Mapping[str, Any], work: Any) -> None:
        """Refuse to remove a part, by raising a BesaceError; `old` holds its values and its id."""

    @classmethod
    def written(cls, work: Any, owners: Sequence[int]) -> None:
        """Do what follows when parts of these entities were added, changed or removed: keep their totals, say.

        Not called for parts that are created together with their entity, whose values say that already.
        """


def _declare(cls: type[Any], key: str, label: Text | str | None, plural: Text | str | None) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", key):
        raise TypeError(f'"{key}" cannot be the key of {cls.__name__}: lower-case letters, digits and underscores only')
    words = key.replace("_", " ").capitalize()
    named = as_text(label or words, cls.__module__)
    assert named is not None
    cls.__key__ = key
    cls.__label__ = named
    cls.__plural__ = as_text(plural or (f"{words}s" if label is None else None), cls.__module__) or named
    cls.__tablename__ = key
    cls.__fields__ = map_fields(cls)
    cls.metadata = sa.MetaData(naming_convention=NAMING)


class _Late:
    """The inheritance condition, built once the class has its table."""

    def __init__(self, cls: type[Any]) -> None:
        self.cls = cls

    def __clause_element__(self) -> sa.ColumnElement[bool]:
        return cast(sa.ColumnElement[bool], self.cls.__table__.c.id == Entity.__table__.c.id)


class Ref(Base):
    """What a reference shows of the entity it names, whatever its type, enabled here or not."""

    __table__ = Entity.__table__.alias("ref")
    __mapper_args__ = {
        "include_properties": ["id", "type", "label", "currency"],
        "primary_key": [__table__.c.id],
    }

    id: Mapped[int]
    type: Mapped[str]
    label: Mapped[str]
    currency: Mapped[str]


SYSTEM_FIELDS: dict[str, Field] = {
    f.key: f
    for f in (
        Field(kinds.IntegerKind(), _("Id"), key="id", read_only=True, system=True),
        Field(kinds.TextKind(), _("Label"), key="label", read_only=True, system=True),
        Field(kinds.EntityKind(("user",)), _("Owner"), _("The user who looks after it."), key="owner", system=True),
        Field(
            kinds.TextKind(),
            _("Currency"),
            _("The currency of all its amounts."),
            key="currency",
            length=3,
            system=True,
        ),
        Field(kinds.DateTimeKind(), _("Created"), key="created_at", read_only=True, system=True),
        Field(kinds.DateTimeKind(), _("Modified"), key="modified_at", read_only=True, system=True),
        Field(kinds.IntegerKind(), _("Version"), key="version", read_only=True, system=True),
        Field(kinds.TextKind(), _("External system"), key="external_system", length=60, system=True),
        Field(kinds.TextKind(), _("External id"), key="external_id", length=200, system=True),
    )
}
"""The columns that every entity has, as fields: conditions, sorting and columns may name them."""

RESERVED = frozenset(SYSTEM_FIELDS) | {"type", "label_key", "owner_id", "metadata", "registry", "position"}
