"""What surrounds an install: its besace.toml, the clock, and who the operating system says is there."""

from __future__ import annotations

import getpass
import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from besace.errors import InstallError, UsageError
from besace.texts import translator

_ = translator(__name__)

CONFIG = "besace.toml"
"""The file that makes a folder an install."""

KEYS = ("database", "wait")
"""What may stand in it."""


@contextmanager
def new_folder(path: Path) -> Iterator[None]:
    """A folder; those that had to be made go again when the block fails."""
    made = [p for p in (path, *path.parents) if not p.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallError(
            _("{folder} cannot be made: {problem}.").format(folder=path, problem=error.strerror or str(error))
        ) from error
    try:
        yield
    except BaseException:
        with suppress(OSError):  # what someone else put there stays
            for folder in made:
                folder.rmdir()
        raise


def read_config(folder: Path) -> dict[str, Any]:
    """What besace.toml says; raises InstallError when the folder is no install."""
    path = folder / CONFIG
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InstallError(
            _("{folder} is not an install: it has no {file}.").format(folder=folder, file=CONFIG),
            _("Make one with: besace init {folder}").format(folder=folder),
        ) from None
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise InstallError(_("{path} cannot be read: {problem}.").format(path=path, problem=str(error))) from error
    if not isinstance(config.get("database"), str):
        raise InstallError(
            _("{path} does not say where the database is.").format(path=path),
            _('Add for example: database = "sqlite:///besace.sqlite3"'),
        )
    return config


def new_config(database: str) -> str:
    """The text of a new besace.toml: the one line that says where the database is."""
    return f"# An install of Besace.\ndatabase = {json.dumps(database, ensure_ascii=False)}\n"


def write_config(folder: Path, database: str) -> None:
    """Make a folder an install, whole or not at all; where its address has a password, its owner alone may read it."""
    from besace.engines import without_password
    from besace.transfer.drafts import draft_of

    with draft_of(folder / CONFIG, mode=0o666 if without_password(database) == database else 0o600) as draft:
        draft.write_text(new_config(database), encoding="utf-8")


def seconds(wait: Any) -> float:
    """How long to wait for another writer, as besace.toml says it."""
    if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= 3600:
        raise InstallError(
            _('{file}: wait = "{wait}" is not a number of seconds.').format(file=CONFIG, wait=wait),
            _("Expected for example: wait = 5"),
        )
    return float(wait)


def operating_system_user() -> str:
    """The name under which the operating system knows who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user{os.getuid()}"


def clock(zone: tzinfo | None = None) -> tuple[date, datetime]:
    """The day, in a zone or in this machine's, and the moment in UTC.

    `$BESACE_TODAY` fixes the day, so that a demo is the same every day.
    """
    now = datetime.now(UTC)
    fixed = os.environ.get("BESACE_TODAY")
    if not fixed:
        return (date.today() if zone is None else now.astimezone(zone).date()), now
    try:
        day = date.fromisoformat(fixed)
    except ValueError:
        raise UsageError(
            _('$BESACE_TODAY: "{text}" is not a date.').format(text=fixed), _("Expected YYYY-MM-DD.")
        ) from None
    return day, now.replace(year=day.year, month=day.month, day=day.day)
