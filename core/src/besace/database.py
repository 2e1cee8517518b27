"""One unit of work: a session that knows who acts, which day it is and in which language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from besace.errors import BesaceError
from besace.model import read_only

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.lists import ListItem


class Work(Session):
    """One unit of work: a session that knows who acts, which day it is and in which language.

    Operations take it and never commit; only doors open one (`Besace.read`, `Besace.write`). `zone` is the install's:
    a moment that is typed without one is of that zone, and is shown there.
    """

    def __init__(
        self,
        connection: sa.Connection,
        *,
        crm: Besace,
        user_id: int | None,
        user: str | None,
        today: date,
        now: datetime,
        language: str,
        door: str,
        reason: str | None,
        writing: bool,
        uuid: str,
        locking: bool = False,
        zone: tzinfo | BesaceError = UTC,
    ) -> None:
        super().__init__(connection, expire_on_commit=False)
        self.crm = crm
        self.user_id = user_id
        self.user = user
        self.today = today
        self.now = now
        self.language = language
        self.door = door
        self.reason = reason
        self.writing = writing
        self.uuid = uuid
        self.locking = locking
        self._zone = zone
        self.result: Any = None
        self._items: dict[str, dict[str, Any]] = {}
        self._settings: dict[str, str] | None = None
        self._currencies: list[str] = []
        self._change_id: int | None = None

    @property
    def change_id(self) -> int:
        """The id of this unit's change row, which is made when first asked for; refused in a unit that reads."""
        self.require_writing()
        if self._change_id is None:
            from besace import changes

            self._change_id = changes.begin(self)
        return self._change_id

    @property
    def zone(self) -> tzinfo:
        """The zone of the install; raises Refused where its setting cannot be read, which a unit may still set."""
        if isinstance(self._zone, BesaceError):
            raise self._zone
        return self._zone

    def require_writing(self) -> None:
        """Refuse code that writes in a unit that was opened for reading: it is a bug."""
        if not self.writing:
            raise only_reads()

    @property
    def has_changed(self) -> bool:
        """Whether this unit wrote something."""
        return self._change_id is not None

    @property
    def currency(self) -> str:
        """The currency of an amount given without one: the install's, or that of the entity at hand."""
        return self._currencies[-1] if self._currencies else str(self.setting("currency"))

    @contextmanager
    def amounts_in(self, currency: str) -> Iterator[None]:
        """Read amounts without a currency as amounts of this one."""
        self._currencies.append(currency)
        try:
            yield
        finally:
            self._currencies.pop()

    def items(self, list_key: str) -> dict[str, ListItem]:
        """The items of an editable list by key, in order; read once in a unit."""
        if list_key not in self._items:
            from besace import lists

            self._items[list_key] = lists.load(self, list_key)
        return self._items[list_key]

    def forget_items(self, list_key: str) -> None:
        """Read a list anew when it is next asked for: it was written."""
        for item in self._items.pop(list_key, {}).values():
            if item in self:
                self.expunge(item)

    def setting(self, key: str) -> Any:
        """The value of a setting of the install, its default where it is not set."""
        from besace import settings

        if self._settings is None:
            self._settings = settings.load(self)
        declared = self.crm.registry.setting(key)
        return settings.value_of(declared, self._settings[key]) if key in self._settings else declared.default

    def forget_settings(self) -> None:
        """Read the settings anew when next asked for: one was written."""
        self._settings = None


def only_reads() -> RuntimeError:
    """The error for code that writes in a unit of work that was opened for reading."""
    return RuntimeError("this unit of work only reads: open it with crm.write()")


@event.listens_for(Work, "before_flush")
def _refuse_mapped_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Mapped rows are for reading: what is set on them would pass by every rule, version and history."""
    touched = [*session.new, *session.deleted, *(o for o in session.dirty if session.is_modified(o))]
    if touched:
        raise read_only(type(touched[0]).__name__)


@event.listens_for(Work, "do_orm_execute")
def _refuse_bulk_writes(state: ORMExecuteState) -> None:
    """An UPDATE of a mapped class is no better; the doors write to its table."""
    if not state.session.writing and (state.is_insert or state.is_update or state.is_delete):  # type: ignore[attr-defined]
        raise only_reads()
    if state.is_orm_statement and not state.is_select:
        raise read_only(state.bind_mapper.class_.__name__ if state.bind_mapper else "A class")
