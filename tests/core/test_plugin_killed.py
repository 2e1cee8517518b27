"""A step in the life of a plugin that is killed before any of its statements is simply run again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, entities, parts, relations
from besace.testing.fixtures import Databases

from .killing import contents, is_killed, wrong
from .kites import kites
from .toys import Sticker, extra, toy

Step = Callable[[Besace], Any]


@pytest.fixture
def run_again(
    make_install: Callable[..., Besace], besace_databases: Databases, tmp_path: Path
) -> Callable[..., tuple[int, int]]:
    """Kill a step before each of its statements and commits in turn, and run again what came of it.

    Returns how many places these were, and how many different states they left. An install of the same state does
    the same when the step is run again, so that is tried once for each state.
    """

    def every(prepare: Step, step: Step, before: dict[str, Any], after: dict[str, Any]) -> tuple[int, int]:
        crm = make_install(plugins=before)
        prepare(crm)
        crm.close()

        @contextmanager
        def copied() -> Iterator[Path]:
            besace_databases.copy(crm.folder, tmp_path / "copy")
            yield tmp_path / "copy"
            besace_databases.drop(tmp_path / "copy")
            shutil.rmtree(tmp_path / "copy")

        with copied() as whole:
            act(whole, step, after)
            clean = held_by(whole)
        states: list[Any] = []
        for place in range(1, 1000):
            with copied() as folder:
                killed = is_killed(place, lambda folder=folder: act(folder, step, after))
                left = held_by(folder)
                if not killed:
                    assert left == clean
                    return place - 1, len(states)
                if left not in states:
                    states.append(left)
                    check_whole(folder, after)
                    act(folder, step, after)
                    assert held_by(folder) == clean
                    check_whole(folder, after)
        raise AssertionError("it does not end")

    return every


def act(folder: Path, step: Step, plugins: dict[str, Any]) -> None:
    with Besace.open(folder, user="alice", plugins=plugins) as crm:
        step(crm)


def held_by(folder: Path) -> Any:
    with Besace.unloaded(folder) as crm:
        return contents(crm)


def check_whole(folder: Path, plugins: dict[str, Any]) -> None:
    """Nothing is wrong; one that waits for its upgrade cannot be verified, and that is told."""
    with Besace.open(folder, user="alice", plugins=plugins) as crm:
        assert [finding for finding in wrong(crm) if "does not run" not in finding] == []


def test_enabling_is_done_whole_or_not_at_all(run_again: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    plugins = {"toy": toy, "kites": kites(tmp_path, 3)}
    places, states = run_again(lambda crm: None, lambda crm: crm.enable(["toy", "kites"]), {}, plugins)
    assert places > 15
    assert states == 2  # neither of them, or one


def test_an_upgrade_stops_between_two_migrations(run_again: Callable[..., tuple[int, int]], tmp_path: Path) -> None:
    def fly(crm: Besace) -> None:
        crm.write(lambda work: entities.create(work, "kite", name="Dragon"))

    old, new = kites(tmp_path / "old", 1), kites(tmp_path / "new", 3)
    places, states = run_again(fly, lambda crm: crm.upgrade(), {"kites": old}, {"kites": new})
    assert places > 10
    assert states == 2  # its tables are those of the first version, or of the second


def fill(crm: Besace) -> None:
    """A disabled plugin with entities, a relation, and a part on another plugin's entity; its own in the trash."""
    from besace import bin as trash

    def act(work: Any) -> None:
        bell = entities.create(work, "gadget", name="Bell").id
        wheel = entities.create(work, "widget", title="Wheel", gadget=bell).id
        parts.add(work, Sticker, bell, text="fragile")
        relations.link(work, bell, "holds", wheel)
        trash.delete(work, [entities.create(work, "widget", title="Gone").id])

    crm.write(act)
    crm.disable("extra")


def test_a_purge_is_done_whole_or_not_at_all(run_again: Callable[..., tuple[int, int]]) -> None:
    plugins = {"toy": toy, "extra": extra}
    places, states = run_again(fill, lambda crm: crm.purge("extra"), plugins, plugins)
    assert places > 10
    assert states == 1  # nothing is gone
