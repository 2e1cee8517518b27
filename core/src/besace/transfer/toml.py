"""Sections of a TOML file that refuse what nobody asked for, with the names that are near."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, overload

from besace.errors import BesaceError, NotFound, UsageError, near
from besace.texts import Text, translator

_ = translator(__name__)

T = TypeVar("T")


class Section:
    """One table of the file. Each key that is asked for is known; `refuse_unknown` refuses the others."""

    def __init__(self, path: Path, name: str, content: dict[str, Any]) -> None:
        self.path = path
        self.name = name
        self.content = content
        self._asked: dict[str, None] = {}
        self._below: dict[str, Section] = {}

    @property
    def names(self) -> list[str]:
        """The keys of a table whose keys are names; all of them are known."""
        self._asked |= dict.fromkeys(self.content)
        return list(self.content)

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        self._asked[key] = None
        return key in self.content

    @overload
    def text(self, key: str, *, required: bool = False) -> str: ...
    @overload
    def text(self, key: str, *, default: None) -> str | None: ...
    def text(self, key: str, *, required: bool = False, default: str | None = "") -> str | None:
        """A text; numbers, dates and yes-or-no are taken as they are written."""
        if not self.has(key):
            if required:
                raise self.error(_('"{name}" is missing.').format(name=key))
            return default
        return self._text(key, self.content[key])

    def _text(self, key: str, value: Any) -> str:
        match value:
            case bool():
                return "yes" if value else "no"
            case datetime() | date():
                return value.isoformat()
            case int() | str():
                return str(value)
        raise self.error(_('"{name}" must be a text.').format(name=key))

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self.content.get(key, []) if self.has(key) else []
        if not isinstance(value, list):
            raise self.error(_('"{name}" must be a list of texts.').format(name=key))
        return [self._text(key, one) for one in value]

    def flag(self, key: str) -> bool:
        """Yes or no."""
        value = self.content.get(key, False) if self.has(key) else False
        if not isinstance(value, bool):
            raise self.error(_('"{name}" must be true or false.').format(name=key))
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of some words, the first where nothing is said."""
        word = self.text(key) or choices[0]
        if word not in choices:
            raise self.unknown(word, choices)
        return word

    def template(self, key: str) -> tuple[tuple[str, str | None], ...]:
        """A text with the names of columns in braces; a brace that is meant is doubled."""
        text = self.text(key, required=True)
        try:
            return tuple((literal, name) for literal, name, _spec, _conversion in string.Formatter().parse(text))
        except ValueError:
            raise self.error(
                _('"{text}" is not a template. Expected for example "{{product}} for {{account}}".').format(text=text)
            ) from None

    def table(self, key: str, *, required: bool = False) -> Section:
        """A table below this one; an empty one where it is not there."""
        if key not in self._below:
            if not self.has(key) and required:
                raise self.error(_("The table [{name}] is missing.").format(name=self._path(key)))
            value = self.content.get(key, {})
            if not isinstance(value, dict):
                raise self.error(_('"{name}" must be a table.').format(name=key))
            self._below[key] = Section(self.path, self._path(key), value)
        return self._below[key]

    def entry(self, key: str, short: str) -> Section:
        """A table below this one that may be written short: a text alone stands for its key `short`."""
        if isinstance(self.content.get(key), str):
            self.content[key] = {short: self.content[key]}
        return self.table(key)

    def tables(self, key: str) -> list[Section]:
        """Tables in a row: [[links]]."""
        value = self.content.get(key, []) if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(_('"{name}" must be tables: [[{name}]].').format(name=key))
        sections = [Section(self.path, self._path(key), one) for one in value]
        self._below |= {f"{key}.{place}": one for place, one in enumerate(sections)}
        return sections

    def known(self, look: Callable[[str], T], name: str) -> T:
        """What a registry knows under a name; its error says in which table of the file the name stands."""
        try:
            return look(name)
        except BesaceError as error:
            raise self.error(error.message, error.hint) from None

    def refuse_unknown(self) -> None:
        """Refuse a key that nobody asked for, here or below."""
        for key in self.content:
            if key not in self._asked:
                raise self.unknown(key, list(self._asked))
        for section in self._below.values():
            section.refuse_unknown()

    def unknown(self, name: str, known: Sequence[str]) -> UsageError:
        """The error for a name that means nothing here."""
        return self.error(_('"{name}" means nothing here.').format(name=name), near(name, known))

    def error(self, problem: Text | str, hint: Text | str | None = None) -> UsageError:
        """An error that says where in the file it is."""
        if not self.name:
            return UsageError(_("{file}: {problem}").format(file=self.path.name, problem=problem), hint)
        return UsageError(
            _("{file}, [{table}]: {problem}").format(file=self.path.name, table=self.name, problem=problem),
            hint,
        )

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def read_toml(path: Path) -> Section:
    """The whole of a TOML file; raises NotFound or UsageError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise NotFound(
            _("{file} cannot be read: {problem}.").format(file=path, problem=error.strerror or str(error))
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            _("{file} is not a TOML file: {problem}.").format(file=path.name, problem=str(error))
        ) from None
    return Section(path, "", content)
