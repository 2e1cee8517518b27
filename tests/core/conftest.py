from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, Work, bin, entities, lists, parts, relations, settings
from besace.changes import change, entry
from besace.testing.fixtures import Databases
from besace.transfer import archive
from besace.transfer.restoring import restore

from .toys import EVERY_VALUE, Line, Sticker, extra, toy


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    """An install with the toy plugin alone."""
    return make_install(plugins={"toy": toy})


@pytest.fixture
def both(make_install: Callable[..., Besace]) -> Besace:
    """An install with both plugins of the tests."""
    return make_install(plugins={"toy": toy, "extra": extra})


@pytest.fixture
def gadget(crm: Besace) -> Callable[..., int]:
    """Create a gadget in a unit of its own; gives its id."""

    def make(name: str = "Bell", **values: Any) -> int:
        return crm.write(lambda work: entities.create(work, "gadget", name=name, **values).id)

    return make


@pytest.fixture
def changes() -> Callable[[Besace], list[Any]]:
    """The change rows of an install, oldest first."""

    def read(crm: Besace) -> list[Any]:
        with crm.read() as work:
            return list(work.execute(sa.select(change).order_by(change.c.id)))

    return read


@pytest.fixture
def entries() -> Callable[[Work], list[Any]]:
    """The entries of the last change: (action, entity id, other id, about, values)."""

    def read(work: Work) -> list[Any]:
        last = work.scalar(sa.select(sa.func.max(change.c.id)))
        e = entry.c
        rows = work.execute(
            sa.select(e.action, e.entity_id, e.other_id, e.about, e["values"]).where(e.change_id == last).order_by(e.id)
        )
        return [tuple(row) for row in rows]

    return read


@pytest.fixture
def reopen() -> Iterator[Callable[..., Besace]]:
    """Open an install once more: `reopen(crm)`, with other plugins, or with lines for its besace.toml."""
    opened: list[Besace] = []

    def open_again(crm: Besace, *lines: str, **plugins: Any) -> Besace:
        config = crm.folder / "besace.toml"
        config.write_text("\n".join([config.read_text(encoding="utf-8"), *lines]), encoding="utf-8")
        opened.append(Besace.open(crm.folder, user="alice", plugins=plugins or crm.extra))
        return opened[-1]

    yield open_again
    for crm in opened:
        crm.close()


@pytest.fixture
def lived_in(both: Besace) -> Besace:
    """An install with a value of every kind, parts, links with attributes, a trash, lists that were edited, a history.

    One of its plugins is disabled, with rows of all sorts.
    """

    def act(work: Work) -> None:
        bell = entities.create(work, "gadget", **EVERY_VALUE)
        drum = entities.create(work, "gadget", name="Drum 𝕫", keeper=bell.id, external_system="erp", external_id="7")
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell.id, fee="3")
        parts.add(work, Line, bell.id, what="x", amount="2", who=wheel.id)
        parts.add(work, Sticker, bell.id, text="fragile")
        relations.link(work, bell.id, "knows", drum.id, role="high", since="2026-01-01", fee="5")
        relations.link(work, bell.id, "holds", wheel.id)
        relations.link(work, bell.id, "twin", drum.id)
        bin.delete(work, [entities.create(work, "gadget", name="gone").id])
        lists.edit(work, "rank", "high", label="Élevé", label_language="fr")
        lists.add(work, "rank", "best", label="Best")

    both.write(act)
    both.write(lambda work: settings.change(work, "shelf", 7), reason="more room")
    both.disable("extra")
    return both


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of each kind, whatever the kind of the install."""
    databases: Databases = request.getfixturevalue(f"_besace_{request.param}")
    return databases.new()


@pytest.fixture
def restored(tmp_path: Path, new_database: str, reopen: Callable[..., Besace]) -> Callable[[Besace], Besace]:
    """Write an install to an archive, and restore that in a database of each kind: `restored(crm)`."""

    def restore_again(crm: Besace) -> Besace:
        with crm.read() as work:
            archive.write(work, tmp_path / "restored.zip")
        restore(tmp_path / "restored.zip", tmp_path / "restored", database=new_database, plugins=crm.extra)
        with Besace.open(tmp_path / "restored", user="alice", plugins=crm.extra) as again:
            return reopen(again)

    return restore_again
