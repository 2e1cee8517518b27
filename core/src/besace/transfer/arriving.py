"""The database and folder where an install arrives: empty, then filled at once and marked, then named by besace.toml.

A process that is killed leaves the database empty, or whole under its mark; both are gone on from.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import schema
from besace.dialects import make_functions, prepare_database
from besace.engines import open_engines, without_password
from besace.errors import InstallError
from besace.failures import plain_errors
from besace.relocation import ARRIVAL, identity, set_mark
from besace.surroundings import CONFIG
from besace.texts import translator
from besace.transfer.drafts import draft_of

_ = translator(__name__)

WAIT = 2.0
"""Seconds to wait for another process that holds the new database."""


class Arrival:
    """A database that is to become the one of an install.

    `token` names the data that come, `install` the install that moves.
    """

    def __init__(self, url: str, folder: Path, token: str, install: str | None = None) -> None:
        self.shown = without_password(url)
        self.token = token
        self.install = install
        self.has_data = False
        self.engines = open_engines(url, folder, wait=WAIT, create=True)

    def look(self) -> bool:
        """Whether these data are there already; raises InstallError when others are."""
        with plain_errors(), self.engines.writer.connect() as connection:
            self.has_data = self._has_data(connection)
        return self.has_data

    def _has_data(self, connection: sa.Connection) -> bool:
        tables = sa.inspect(connection).get_table_names()
        if not tables:
            return False
        told = identity(connection) if schema.meta.name in tables else {}
        if told.get(ARRIVAL) == self.token:
            return True
        if self.install is not None and told.get("id") == self.install:
            raise InstallError(  # "empty it" might be the end of it
                _("The database {url} is not empty: this install is in it, or a copy of it.").format(url=self.shown),
                _("Choose another one."),
            )
        raise InstallError(
            _("The database {url} is not empty.").format(url=self.shown), _("Choose another one, or empty it first.")
        )

    def fill(self, filling: Callable[[sa.Connection], None]) -> None:
        """Bring the data, all or nothing, unless they are there."""
        if self.look():
            return
        writer = self.engines.writer
        with plain_errors():
            try:
                prepare_database(writer)
                with schema.migrating(writer) as connection:
                    if not self._has_data(connection):
                        make_functions(connection)
                        filling(connection)
                        set_mark(connection, ARRIVAL, self.token)
            except DBAPIError:
                if not self.look():  # another filled it meanwhile: with these data, or it is refused
                    raise
        self.has_data = True

    def settle(self) -> None:
        """Take the mark away: besace.toml names the database now."""
        with plain_errors(), self.engines.writer.begin() as connection:
            set_mark(connection, ARRIVAL, None)


@contextmanager
def arriving(url: str, folder: Path, token: str, install: str | None = None) -> Iterator[Arrival]:
    """Open the database where an install arrives; without data, a file made for it goes when the block fails."""
    arrival = Arrival(url, folder, token, install)
    is_new = False
    try:
        is_new = arrival.engines.take_file()
        yield arrival
    except BaseException:
        if is_new and not arrival.has_data:
            arrival.engines.clear()
        raise
    finally:
        arrival.engines.dispose()


def config_text(folder: Path, url: str) -> str:
    """besace.toml with the address of another database, its other lines as they are."""
    path = folder / CONFIG
    line = f"database = {json.dumps(url, ensure_ascii=False)}"
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^[ \t]*database[ \t]*=.*$", lambda _found: line, text, count=1)
    if not _differs_by(text, changed, url):
        raise InstallError(
            _("The database line in {file} cannot be changed.").format(file=path),
            _("Write it on one line of its own: {line}").format(line=line),
        )
    return changed


def _differs_by(text: str, changed: str, url: str) -> bool:
    """Whether a changed besace.toml says what it said, with another address."""
    try:
        return tomllib.loads(changed) == {**tomllib.loads(text), "database": url}
    except tomllib.TOMLDecodeError:
        return False


def refuse_unwritable(folder: Path) -> None:
    """Refuse a folder where besace.toml could not be written at the end."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InstallError(
            _("{folder} cannot be written: {problem}.").format(folder=folder, problem=error.strerror or str(error))
        ) from error


def rewrite_config(folder: Path, text: str) -> None:
    """Write a besace.toml that was there anew, whole or not at all; who may read it stays."""
    path = folder / CONFIG
    with draft_of(path) as draft:
        os.chmod(draft, stat.S_IMODE(path.stat().st_mode))
        draft.write_text(text, encoding="utf-8")
