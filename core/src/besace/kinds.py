"""Kinds of value: how each is typed, stored, compared, put into JSON and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import sqlalchemy as sa

from besace.column_types import Scaled, UtcDateTime
from besace.errors import BesaceError, InvalidValue, unknown
from besace.files import is_sha256
from besace.money import Money, in_units
from besace.texts import Text, translator
from besace.zones import first_moment, last_moment

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

_LARGEST = 2**62


class Kind:
    """What the values of a field are. `None` is always "empty" and never reaches these methods."""

    name: ClassVar[str] = "kind"
    ordered: ClassVar[bool] = False
    textual: ClassVar[bool] = False

    def column_type(self) -> sa.types.TypeEngine[Any]:
        """The SQL type of the field's column."""
        return sa.Text()

    def read(self, text: str, work: Work) -> Any:
        """The value that a person typed; raises InvalidValue with what was expected."""
        return text

    def accept(self, value: Any, work: Work) -> Any:
        """The value as code gives it: text is read as if typed, the right type is taken, all else refused."""
        return self.read(value, work) if isinstance(value, str) else self.refuse(value)

    def refuse(self, value: Any) -> Any:
        """Refuse a value of a wrong type."""
        raise InvalidValue(_("{value} is not a value for this field.").format(value=repr(value)))

    def store(self, value: Any) -> Any:
        """What stands in the column; kinds whose column type converts by itself return the value."""
        return value

    def load(self, raw: Any, currency: str) -> Any:
        """The value of a column, read in an entity of `currency`."""
        return raw

    def json(self, value: Any) -> Any:
        """The stable form in JSON, also the one of the history."""
        return value

    def of_json(self, plain: Any) -> Any:
        """The value of a stable form in JSON: what a setting was stored as."""
        return plain

    def show(self, value: Any, language: str) -> str:
        """The value as a person reads it."""
        return str(value)


@dataclass(frozen=True)
class TextKind(Kind):
    """A line of text, or several. `clean` returns the text in its proper form or raises InvalidValue."""

    long: bool = False
    clean: Callable[[str], str] | None = None
    name: ClassVar[str] = "text"
    textual: ClassVar[bool] = True

    def read(self, text: str, work: Work) -> str | None:
        text = text.strip()
        if not text:
            return None
        if not self.long and ("\n" in text or "\r" in text):
            raise InvalidValue(_("This text must be a single line."))
        return self.clean(text) if self.clean else text


@dataclass(frozen=True)
class EmailKind(TextKind):
    """An e-mail address."""

    name: ClassVar[str] = "email"

    def read(self, text: str, work: Work) -> str | None:
        text = text.strip()
        if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
            raise InvalidValue(
                _('"{text}" is not an e-mail address.').format(text=text), _("Expected name@example.com.")
            )
        return text or None


@dataclass(frozen=True)
class PhoneKind(TextKind):
    """A telephone number, kept as it was typed."""

    name: ClassVar[str] = "phone"

    def read(self, text: str, work: Work) -> str | None:
        text = text.strip()
        if text and not re.fullmatch(r"\+?[\d\s().\-/]{3,40}", text):
            raise InvalidValue(
                _('"{text}" is not a telephone number.').format(text=text), _("Expected for example +33 1 23 45 67 89.")
            )
        return text or None


@dataclass(frozen=True)
class UrlKind(TextKind):
    """A web address; `https://` is added where it was left out."""

    name: ClassVar[str] = "url"

    def read(self, text: str, work: Work) -> str | None:
        text = text.strip()
        if not text:
            return None
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
            good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not re.search(r"\s", address)
        except ValueError:
            good = False
        if not good:
            raise InvalidValue(
                _('"{text}" is not a web address.').format(text=text), _("Expected https://example.com.")
            )
        return address


@dataclass(frozen=True)
class IntegerKind(Kind):
    """A whole number."""

    name: ClassVar[str] = "integer"
    ordered: ClassVar[bool] = True

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.BigInteger()

    def read(self, text: str, work: Work) -> int:
        if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
            raise InvalidValue(_('"{text}" is not a whole number.').format(text=text), _("Expected for example 20."))
        return int(text)

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
            return value
        return super().accept(value, work)


@dataclass(frozen=True)
class DecimalKind(Kind):
    """An exact number with at most so many decimals."""

    places: int = 4
    name: ClassVar[str] = "decimal"
    ordered: ClassVar[bool] = True

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return Scaled(self.places)

    def read(self, text: str, work: Work) -> Decimal:
        return self.of_json(text)

    def of_json(self, plain: Any) -> Decimal:
        text = str(plain)
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            value = Decimal("NaN")
        return self._fit(value, text)

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
            return self._fit(Decimal(value), str(value))
        return super().accept(value, work)

    def _fit(self, value: Decimal, text: str) -> Decimal:
        if not value.is_finite():
            raise InvalidValue(_('"{text}" is not a number.').format(text=text), _("Expected for example 12.5."))
        scaled = in_units(value, self.places)
        if scaled is None or abs(scaled) >= _LARGEST:
            raise InvalidValue(
                _('"{text}" cannot be kept exactly.').format(text=text),
                _("Expected at most {n} decimal.", "Expected at most {n} decimals.").format(n=self.places),
            )
        return Decimal(scaled).scaleb(-self.places)

    def json(self, value: Any) -> str:
        return str(value)

    def show(self, value: Any, language: str) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, locale=language, decimal_quantization=False)


@dataclass(frozen=True)
class MoneyKind(Kind):
    """An amount in the currency of its entity (rule O7)."""

    name: ClassVar[str] = "money"
    ordered: ClassVar[bool] = True

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.BigInteger()

    def read(self, text: str, work: Work) -> Money:
        return Money.parse(text, work.currency)

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, Money):
            value.minor  # noqa: B018 - refuses what its currency cannot hold
            return value
        if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
            return Money.parse(str(value), work.currency)
        return super().accept(value, work)

    def store(self, value: Any) -> Any:
        return value.minor

    def load(self, raw: Any, currency: str) -> Money:
        return Money.of_minor(raw, currency)

    def json(self, value: Any) -> Any:
        return value.json

    def of_json(self, plain: Any) -> Money:
        return Money.parse(plain["amount"], plain["currency"])

    def show(self, value: Any, language: str) -> str:
        return str(value.in_language(language))


@dataclass(frozen=True)
class DateKind(Kind):
    """A day."""

    name: ClassVar[str] = "date"
    ordered: ClassVar[bool] = True

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.Date()

    def read(self, text: str, work: Work) -> date:
        if text.strip() == "today":
            return work.today
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
                return date.fromisoformat(text.strip())
        except ValueError:
            pass  # the right form but no such day: the same sentence serves
        raise InvalidValue(_('"{text}" is not a date.').format(text=text), _("Expected YYYY-MM-DD."))

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        return super().accept(value, work)

    def json(self, value: Any) -> str:
        return str(value.isoformat())

    def of_json(self, plain: Any) -> date:
        return date.fromisoformat(plain)


@dataclass(frozen=True)
class DateTimeKind(Kind):
    """A moment; typed without a zone it is of the install's."""

    name: ClassVar[str] = "datetime"
    ordered: ClassVar[bool] = True

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return UtcDateTime()

    def read(self, text: str, work: Work) -> datetime:
        try:
            value = datetime.fromisoformat(text.strip().replace("today", f"{work.today}"))
            return (value if value.tzinfo else value.replace(tzinfo=work.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise InvalidValue(
                _('"{text}" is not a date and time.').format(text=text), _("Expected for example 2026-03-14T09:30.")
            ) from None

    def read_day(self, text: str, work: Work) -> tuple[datetime, datetime] | None:
        """The first and the last moment of the day that a person typed; None where it is no whole day."""
        try:
            day = DateKind().read(text, work)
        except InvalidValue:
            return None
        return first_moment(day, work.zone), last_moment(day, work.zone)

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        return super().accept(value, work)

    def json(self, value: Any) -> str:
        return str(value.astimezone(UTC).isoformat()).replace("+00:00", "Z")

    def of_json(self, plain: Any) -> datetime:
        return datetime.fromisoformat(plain)

    def show(self, value: Any, language: str) -> str:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class BooleanKind(Kind):
    """Yes or no."""

    name: ClassVar[str] = "boolean"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.Boolean()

    def read(self, text: str, work: Work) -> bool:
        word = text.strip().casefold()
        if word in ("yes", "true", "1", "oui", "vrai"):
            return True
        if word in ("no", "false", "0", "non", "faux"):
            return False
        raise InvalidValue(_('"{text}" is neither yes nor no.').format(text=text), _("Expected yes or no."))

    def accept(self, value: Any, work: Work) -> Any:
        return value if isinstance(value, bool) else super().accept(value, work)

    def show(self, value: Any, language: str) -> str:
        return (_("yes") if value else _("no")).in_language(language)


@dataclass(frozen=True)
class ChoiceKind(Kind):
    """One of a few keys that the code knows, each with its label."""

    choices: Mapping[str, Text] = field(default_factory=dict, hash=False)
    name: ClassVar[str] = "choice"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.String(40)

    def read(self, text: str, work: Work) -> str:
        key = text.strip()
        if key not in self.choices:
            raise unknown(_('"{name}" is not one of the choices.'), key, list(self.choices))
        return key

    def show(self, value: Any, language: str) -> str:
        return self.choices[value].in_language(language) if value in self.choices else str(value)


@dataclass(frozen=True)
class ItemKind(Kind):
    """A key of an editable list."""

    list: str = ""
    name: ClassVar[str] = "item"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.String(80)

    def read(self, text: str, work: Work) -> str:
        items = work.items(self.list)
        key = text.strip()
        if key in items:
            return key
        by_label = [k for k, item in items.items() if item.is_called(key)]
        if len(by_label) == 1:
            return by_label[0]
        raise unknown(
            _('"{name}" is not in the list {list}.'),
            key,
            [k for k, item in items.items() if not item.disabled],
            list=self.list,
        )

    def show(self, value: Any, language: str) -> str:
        return str(value)


@dataclass(frozen=True)
class EntityKind(Kind):
    """A reference to an entity of some types, or of any; the value is its id."""

    types: tuple[str, ...] = ()
    name: ClassVar[str] = "entity"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.BigInteger()

    def read(self, text: str, work: Work) -> int:
        from besace.reading import resolve

        return resolve(work, text, types=self.types or None).id

    def accept(self, value: Any, work: Work) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        reference = getattr(value, "id", None)
        return reference if isinstance(reference, int) else super().accept(value, work)


@dataclass(frozen=True)
class FileKind(Kind):
    """A file that is kept beside the database; the value is the SHA-256 of its content (see `files`).

    By this kind the core knows which rows refer to files: these are in backups, and stay.
    """

    name: ClassVar[str] = "file"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.String(64)

    def read(self, text: str, work: Work) -> str:
        name = text.strip().lower()
        if not is_sha256(name):
            raise InvalidValue(
                _('"{text}" is not the SHA-256 of a file.').format(text=text), _("Expected 64 hexadecimal digits.")
            )
        return name


@dataclass(frozen=True)
class PathKind(Kind):
    """A file or folder that who acts has at hand, for options of operations: on the command line it is its path.

    No field is of this kind. A door whose user sits at another machine takes the content itself, and no path.
    """

    name: ClassVar[str] = "path"

    def read(self, text: str, work: Work) -> Path:
        from besace.transfer.drafts import require_folder

        require_folder(text)  # a path does not keep the slash at its end
        return Path(text)

    def accept(self, value: Any, work: Work) -> Any:
        return value if isinstance(value, Path) else super().accept(value, work)

    def json(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class TypeKind(Kind):
    """The key of an entity type; one whose plugin is disabled stays as it is."""

    name: ClassVar[str] = "type"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.String(60)

    def read(self, text: str, work: Work) -> str:
        return work.crm.registry.type(text.strip().replace("-", "_")).key


@dataclass(frozen=True)
class ConditionKind(Kind):
    """A condition, kept as a tree of keys; shown as the text of that tree.

    The type it is about stands in another field of the same row, `about` (else the row's only type key), so it is
    checked in that row's `prepare`.
    """

    about: str = ""
    name: ClassVar[str] = "condition"

    def column_type(self) -> sa.types.TypeEngine[Any]:
        return sa.JSON(none_as_null=True)

    def read(self, text: str, work: Work) -> Any:
        from besace.language import parse

        return parse(text)

    def accept(self, value: Any, work: Work) -> Any:
        return value if isinstance(value, list) else super().accept(value, work)

    def json(self, value: Any) -> str:
        from besace.language import source_of

        try:
            return source_of(value)
        except BesaceError:
            return str(value)  # damaged: shown as it is, and refused where it is asked

    def show(self, value: Any, language: str) -> str:
        return self.json(value)
