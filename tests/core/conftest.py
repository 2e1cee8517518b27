from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, Work, entities
from besace.changes import change, entry

from .toys import extra, toy


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
