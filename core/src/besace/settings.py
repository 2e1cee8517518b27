"""Settings of an install: declared by the core and by plugins, stored in the database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace.changes import Entry, record
from besace.dialects import one_at_a_time
from besace.errors import BesaceError, Refused
from besace.fields import Field
from besace.model import Base
from besace.texts import Text, translator
from besace.values import accept_one, as_json, check_values

if TYPE_CHECKING:
    from besace.database import Work
    from besace.records import Setting

_ = translator(__name__)

setting = sa.Table(
    "setting",
    Base.metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
)


def load(work: Work) -> dict[str, str]:
    """The settings that were set, by key, each as it is stored: its stable form in JSON."""
    return {row.key: row.value for row in work.execute(sa.select(setting))}


def plain_of(key: str, stored: str) -> Any:
    """The stable form of a value; raises Refused for what somebody wrote past the program, and is no JSON."""
    try:
        return json.loads(stored)
    except ValueError:
        raise unreadable(key, stored) from None


def value_of(declared: Setting, stored: str) -> Any:
    """The value of a setting that was set; raises Refused where it cannot be read."""
    plain = plain_of(declared.key, stored)
    try:
        return declared.kind.of_json(plain)
    except (BesaceError, ValueError, TypeError, KeyError):  # whatever a kind makes of what it never stored
        raise unreadable(declared.key, stored) from None


def unreadable(key: str, stored: str) -> Refused:
    """The error for a value that a setting never got from the program."""
    return Refused(
        _('The setting "{key}" has a value that cannot be read: {value}').format(key=key, value=stored), another(key)
    )


def another(key: str) -> Text:
    """The way on from a wrong value."""
    return _('Give it another: besace config set {key} VALUE, or "" for its default.').format(key=key)


def accept(work: Work, declared: Setting, value: Any) -> Any:
    """A value as a setting takes it, None for its default; raises InvalidValue or Refused."""
    field = _field(declared)
    accepted = accept_one(field, value, work)
    if accepted is not None:
        check_values({field.key: field}, {field.key: accepted})
    return accepted


def _field(declared: Setting) -> Field:
    """A setting as values are accepted by it."""
    bounds = {"minimum": declared.minimum, "maximum": declared.maximum}
    return Field(declared.kind, declared.label, key=declared.key, **bounds)


def change(work: Work, key: str, value: Any) -> Any:
    """Set a setting, or put it back to its default with None or ""; returns its value now."""
    declared = work.crm.registry.setting(key)
    field = _field(declared)
    accepted = accept(work, declared, value)
    one_at_a_time(work)
    work.forget_settings()
    try:
        before = work.setting(key)
    except Refused:
        before = None  # what cannot be read gives way
    work.execute(sa.delete(setting).where(setting.c.key == key))
    if accepted is not None:
        plain = declared.kind.json(accepted)
        work.execute(sa.insert(setting).values(key=key, value=json.dumps(plain)))
    work.forget_settings()
    now = work.setting(key)
    if now != before:
        record(work, [Entry("set", about=f"setting:{key}", values=as_json({key: field}, {key: (before, now)}))])
    return now
