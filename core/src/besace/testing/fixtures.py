"""pytest fixtures: installs copied from a migrated template, a unit of work, the command line, statement counts.

    def test_a_training_needs_a_title(make_install):
        crm = make_install(plugins={"training": training_plugin})
        ...

The core is imported inside the fixtures, so that a test run which does not use them does not pay for it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from besace import Besace, Work

TODAY = "2026-03-14"
"""The day on which the fixtures work, unless a test sets `BESACE_TODAY` itself."""

USER = "alice"
"""The administrator of an install that the fixtures make."""


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


class _Templates:
    """Installs that were made once in this process, to be copied: migrating is slow, copying is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[Any, tuple[Path, Any]] = {}

    def copy(self, to: Path, enable: Sequence[str], plugins: Mapping[str, Any], currency: str, language: str) -> None:
        from besace import Besace

        key = (tuple(enable), tuple((name, id(module)) for name, module in plugins.items()), currency, language)
        if key not in self.made:
            path = self.folder / f"template{len(self.made)}"
            crm = Besace.init(path, user=USER, enable=enable, plugins=plugins, currency=currency, language=language)
            crm.close()
            self.made[key] = (path, plugins)  # the plugins are kept, so that no other gets their id
        shutil.copytree(self.made[key][0], to)


@pytest.fixture(scope="session")
def besace_templates(tmp_path_factory: pytest.TempPathFactory) -> _Templates:
    """The installs that other fixtures copy."""
    return _Templates(tmp_path_factory.mktemp("besace"))


@pytest.fixture
def besace_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is fixed, and nothing of the surrounding environment counts."""
    for name in ("BESACE_INSTALL", "BESACE_USER", "BESACE_BLOCK", "BESACE_TRACE", "BESACE_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BESACE_TODAY", TODAY)


@pytest.fixture
def make_install(
    besace_templates: _Templates, besace_environment: None, tmp_path: Path
) -> Iterator[Callable[..., Besace]]:
    """Make an install: `make_install("persons", plugins={"training": module}, currency="USD", language="fr")`.

    The names are enabled in order, then the names of `plugins`, modules or objects of the test itself.
    """
    from besace import Besace

    opened: list[Besace] = []

    def make(
        *enable: str, plugins: Mapping[str, Any] | None = None, currency: str = "EUR", language: str = "en"
    ) -> Besace:
        folder = tmp_path / f"install{len(opened)}"
        extra = dict(plugins or {})
        besace_templates.copy(folder, [*enable, *extra], extra, currency, language)
        crm = Besace.open(folder, user=USER, plugins=extra)
        opened.append(crm)
        return crm

    yield make
    for crm in opened:
        crm.close()


@pytest.fixture
def run(besace_environment: None, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command in this process: `run(crm, "training", "list", "--json")` -> Ran."""
    from besace.cli import main

    def run_command(crm: Besace | Path | None, *words: str, user: str = USER) -> Ran:
        place: list[str] = []
        plugins: Mapping[str, Any] = {}
        if crm is not None:
            folder = crm if isinstance(crm, Path) else crm.folder
            plugins = {} if isinstance(crm, Path) else crm.extra
            place = ["--install", str(folder), "--as", user]
        capfd.readouterr()
        code = main([*place, *words], plugins=plugins)
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
