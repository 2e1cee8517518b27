"""A diagnosis: how an install is, and what to do about it; also of one that can hardly be opened."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from besace import core_plugin, enabling, schema, upkeep
from besace.app import WAIT, Besace
from besace.changes import change
from besace.dialects import folded
from besace.discovery import blocked, said
from besace.errors import BesaceError, InstallError, PluginError, near
from besace.failures import explained
from besace.file_references import columns_of, names_in
from besace.model import entity_table
from besace.reading import untrashed
from besace.remarks import Remark, fine, problem, warning
from besace.surroundings import CONFIG, KEYS, clock, read_config
from besace.texts import Text, fold, joined, translator
from besace.upkeep import megabytes
from besace.users import User
from besace.version import VERSION

_ = translator(__name__)

TOPICS: Mapping[str, Text] = {
    "program": _("Program"),
    "configuration": _("Configuration"),
    "database": _("Database"),
    "tables": _("Tables"),
    "plugins": _("Plugins"),
    "users": _("Users"),
    "files": _("Files"),
    "disk": _("Disk"),
    "clock": _("Clock"),
}
"""What is looked at, in this order."""

LITTLE, HARDLY_ANY = 1_000_000_000, 100_000_000
"""Bytes of free space below which there is a warning, and a problem."""

_SLACK = timedelta(minutes=1)
"""How far two clocks may be apart."""


def examine(folder: Path | None, extra: Mapping[str, Any]) -> Iterator[tuple[str, Remark]]:
    """What there is to say of an install, by topic; what stops several steps, such as a server that is gone, once."""
    told: set[str] = set()
    for topic, remark in _examined(folder, extra):
        sentence = str(remark.message)
        if sentence not in told:
            yield topic, remark
        told.add(sentence)


def _examined(folder: Path | None, extra: Mapping[str, Any]) -> Iterator[tuple[str, Remark]]:
    """All remarks; no step dies of what the one before found."""
    yield from _told("program", _program())
    if folder is None:
        yield (
            "configuration",
            problem(_("There is no install here."), _("Go into the folder of one, or name it with --install DIR.")),
        )
        return
    try:
        config = read_config(folder)
    except InstallError as error:
        yield "configuration", problem(error.message, error.hint)
        return
    yield from _told("configuration", _configuration(folder, config))
    try:
        crm = Besace(folder, config, extra, user=None, language=None)
    except BesaceError as error:
        yield "database", problem(error.message, error.hint)
        yield from _told("disk", _disk(folder, None))
        return
    with crm:
        yield from _told("database", _database(crm))
        yield from _told("tables", _tables(crm))
        yield from _told("plugins", _plugins(crm))
        yield from _told("users", _users(crm))
        yield from _told("files", _files(crm))
        yield from _told("disk", _disk(folder, crm))
        yield from _told("clock", _clock(crm))


def _told(topic: str, remarks: Iterable[Remark]) -> Iterator[tuple[str, Remark]]:
    """The remarks of one topic; what it cannot look at is a problem by itself."""
    try:
        for remark in remarks:
            yield topic, remark
    except BesaceError as error:
        yield topic, problem(error.message, error.hint)
    except DBAPIError as error:
        known = explained(error)
        if known is not None:
            yield topic, problem(known.message, known.hint)
        else:
            yield (
                topic,
                problem(
                    _("The database does not answer as it should: {problem}.").format(
                        problem=said(error.orig or error)
                    ),
                    _("See what it should have: besace verify"),
                ),
            )


# ---- program and configuration ----------------------------------------------------------------------


def _program() -> Iterator[Remark]:
    yield fine(
        _("besace {version}, Python {python}, SQLAlchemy {sqlalchemy}.").format(
            version=VERSION, python=platform.python_version(), sqlalchemy=sa.__version__
        )
    )


def _configuration(folder: Path, config: Mapping[str, Any]) -> Iterator[Remark]:
    yield fine(_("{file} is read.").format(file=folder / CONFIG))
    for key in config:
        if key not in KEYS:
            yield warning(_('{file} says "{key}", which means nothing.').format(file=CONFIG, key=key), near(key, KEYS))


# ---- database -------------------------------------------------------------------------------------


def _database(crm: Besace) -> Iterator[Remark]:
    with crm.reader.connect() as connection:
        driver, driver_version, engine = upkeep.versions(connection)
        yield fine(_("{engine}, through {driver} {version}.").format(
            engine=engine, driver=driver, version=driver_version
        ))  # fmt: skip
        yield from upkeep.setup(connection)
        yield from _folding(connection)
    file = _file(crm)
    if file is not None:
        yield from _permissions(file)
    yield _writing(crm)


def _folding(connection: sa.Connection) -> Iterator[Remark]:
    """Whether the database folds texts as the program does: else it finds other rows than are there."""
    sample = "Éléonore ÇA"
    try:
        is_same = connection.execute(sa.select(folded(sa.literal(sample)))).scalar_one() == fold(sample)
    except DBAPIError:
        is_same = False
    if not is_same:
        yield problem(
            _("It does not compare texts without case and accents as the program does."),
            _("Make its functions again: besace plugin upgrade"),
        )


def _writing(crm: Besace) -> Remark:
    """Whether a unit that writes could begin now."""
    try:
        with crm.writer.connect() as connection, connection.begin() as transaction:
            transaction.rollback()
    except DBAPIError as error:
        known = explained(error)
        if known is None:
            raise
        busy = "locked" in str(error.orig).lower()
        waited = crm.config.get("wait", WAIT)
        if busy:
            return warning(
                _("Another process writes in it, for longer than {n} seconds.").format(n=waited),
                _("Look which one, if it is no import. A larger wait in {file} lets the others wait longer.").format(
                    file=CONFIG
                ),
            )
        return problem(known.message, known.hint)
    return fine(_("It can be written."))


def _file(crm: Besace) -> Path | None:
    """The file of the database; None where it is on a server."""
    return crm.engines.path


def _permissions(file: Path) -> Iterator[Remark]:
    mode = file.stat().st_mode
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in file.resolve().parents):
        return  # whatever its own permissions are, others do not get there
    way_on = _("Keep it to its owner: chmod o-rwx {file}").format(file=file)
    if mode & stat.S_IWOTH:
        yield problem(_("Everybody on this machine may write in {file}.").format(file=file), way_on)
    elif mode & stat.S_IROTH:
        yield warning(_("Everybody on this machine may read {file}.").format(file=file), way_on)


# ---- tables and plugins ------------------------------------------------------------------------------


def _tables(crm: Besace) -> Iterator[Remark]:
    enabling.load(crm)  # it refuses tables that are older or newer than the code
    revision = schema.revisions(core_plugin)[-1]
    yield fine(_("The tables of the core are at version {revision}, that of the code.").format(revision=revision))
    if crm.moving is not None:
        try:
            crm.moving.check(writing=True)
        except BesaceError as error:
            yield problem(error.message, error.hint)


def _plugins(crm: Besace) -> Iterator[Remark]:
    if not crm.generation:
        return  # it could not be loaded, and the topic of the tables says why
    with crm.reader.connect() as connection:
        stored = enabling.stored_plugins(connection)
    idle = []
    for name, version, state in enabling.states(crm):
        if name in crm.host.quarantine:
            yield _quarantined(name, crm.host.quarantine[name])
        elif state == "enabled":
            revision = stored[name].revision
            sentence = (
                _('Plugin "{name}" {version} is enabled; its tables are at version {revision}.')
                if revision
                else _('Plugin "{name}" {version} is enabled.')
            )
            yield fine(sentence.format(name=name, version=version, revision=revision))
        elif state == "missing":
            yield fine(_('Plugin "{name}" is disabled and not installed; its rows stay.').format(name=name))
        else:
            yield from _importable(crm, name)
            idle.append(name)
    if idle:
        yield fine(_("Installed and not enabled: {names}.").format(names=joined(idle)))


def _quarantined(name: str, reason: Text) -> Remark:
    if name in blocked():
        return warning(reason, _("Unset BESACE_BLOCK to start with it again."))
    return problem(
        reason, _("Put that right, or do without it: besace plugin disable {name}").format(name=name)
    )  # fmt: skip


def _importable(crm: Besace, name: str) -> Iterator[Remark]:
    try:
        crm.installed[name].load()
    except PluginError as error:
        yield warning(error.message, _("It is not enabled: nothing depends on it. Reinstall it, or remove it."))


def _users(crm: Besace) -> Iterator[Remark]:
    """Whether somebody can act: a user who is there, enabled, and found by the name that is typed."""
    user, entity = User.__table__, entity_table.c
    statement = (
        sa.select(user.c.name, entity.label_key, user.c.administrator)
        .join_from(user, entity_table, entity.id == user.c.id)
        .where(sa.not_(user.c.disabled), untrashed(entity.id))
    )
    with crm.reader.connect() as connection:
        acting = [row for row in connection.execute(statement) if row.label_key == fold(row.name)]
    administrators = sum(row.administrator for row in acting)
    counted = _("{n} user can act", "{n} users can act").format(n=len(acting))
    among = _("{n} of them as administrator", "{n} of them as administrators").format(n=administrators)
    told = _("{counted}, {among}.").format(counted=counted, among=among)
    if administrators:
        yield fine(told)
    else:
        yield problem(told, _("Restore a backup: only an administrator can make another one."))


# ---- files -----------------------------------------------------------------------------------------


def _files(crm: Besace) -> Iterator[Remark]:
    """Whether the files that rows refer to are there; `verify` reads what is in them."""
    if not crm.generation:
        return  # what refers to files is not known where the plugins could not be loaded
    with crm.reader.connect() as connection:
        there = [crm.files.has(name) for name in names_in(connection, columns_of(crm, connection))]
    missing = there.count(False)
    if crm.files.folder.exists():
        yield from _permissions(crm.files.folder)
    if missing:
        yield problem(
            _("{n} file that rows refer to is missing.", "{n} files that rows refer to are missing.").format(n=missing),
            _("See which with: besace verify. The folder {folder} is part of the install: it moves with it.").format(
                folder=crm.files.folder
            ),
        )
    elif there:
        yield fine(
            _("{n} file is there that rows refer to.", "{n} files are there that rows refer to.").format(n=len(there))
        )


# ---- disk and clock ----------------------------------------------------------------------------------


def _disk(folder: Path, crm: Besace | None) -> Iterator[Remark]:
    file = _file(crm) if crm is not None else None
    size = file.stat().st_size if file is not None else 0
    places = {path.stat().st_dev: path for path in (folder, *([file.parent] if file is not None else []))}
    for path in places.values():
        yield room(path, shutil.disk_usage(path).free, size)


def room(path: Path, free: int, size: int) -> Remark:
    """What there is to say of so much free space, where a database of this size is: it has to grow and be copied."""
    told = {"path": path.resolve(), "free": megabytes(free)}
    if free < HARDLY_ANY:
        return problem(_("{path} has {free} left.").format(**told), _("Make room now: soon nothing can be stored."))
    if free < max(LITTLE, 2 * size):
        return warning(
            _("{path} has {free} left.").format(**told),
            _("Make room: the database grows, and a backup beside it takes as much again."),
        )
    return fine(_("{path} has {free} left.").format(**told))


def _clock(crm: Besace) -> Iterator[Remark]:
    fixed = os.environ.get("BESACE_TODAY")
    today, now = clock()
    if fixed:
        yield warning(
            _("$BESACE_TODAY is set: whatever is done is dated {day}.").format(day=today),
            _("Unset it, unless this is a demonstration or a test."),
        )
    with crm.reader.connect() as connection:
        theirs, ours = upkeep.clock(connection), datetime.now(UTC)
        newest = connection.execute(sa.select(change.c.at).order_by(change.c.id.desc()).limit(1)).scalar()
    if abs(theirs - ours) > _SLACK:
        yield problem(
            _("It is {theirs} for the database, and {ours} for this machine.").format(
                theirs=_moment(theirs), ours=_moment(ours)
            ),
            _("Let both follow a time server."),
        )
    if newest is not None and newest > now + _SLACK:
        yield problem(
            _("The newest change was made on {newest}, and it is {now}.").format(
                newest=_moment(newest), now=_moment(now)
            ),
            _("Set the clock right: what is done until then stands before what was done before it."),
        )
    elif not fixed:
        yield fine(_("It is {now}, after the newest change.").format(now=_moment(now)))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
