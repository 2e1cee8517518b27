from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from besace import Besace, bin, entities, operations, parts, relations
from besace.crud import operations_of, part_operations_of, show
from besace.reading import get, get_part
from besace.views import as_json
from besace_commercial_actions.models import Objective

from .toys import later, toys

FAIR = {"title": "Fair", "start_date": "2026-03-05", "end_date": "2026-03-24"}
"""Twenty days; on the day of the tests, 2026-03-14, ten of them have gone by."""


@dataclass
class Office:
    """An install as the tests use it: every call is a unit of its own, entities go by their ids."""

    crm: Besace

    def create(self, type: str, name: str | None = None, **values: Any) -> int:
        key = {"commercial_action": "title", "subscription": "title"}.get(type, "name")
        given = values if name is None else {key: name, **values}
        made: int = self.crm.write(lambda work: entities.create(work, type, **given).id)
        return made

    def fair(self, **values: Any) -> int:
        return self.create("commercial_action", **{**FAIR, **values})

    def edit(self, type: str, entity_id: int, **values: Any) -> None:
        self.crm.write(lambda work: entities.edit(work, get(work, type, entity_id), **values))

    def link(self, action: int, *subjects: int) -> None:
        self.crm.write(lambda work: [relations.link(work, s, "fulfils_goal", action) for s in subjects])

    def unlink(self, action: int, subject: int) -> None:
        self.crm.write(lambda work: relations.unlink(work, subject, "fulfils_goal", action))

    def linked(self, action: int, type: str, name: str = "X", **values: Any) -> int:
        made = self.create(type, name, **values)
        self.link(action, made)
        return made

    def delete(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.delete(work, ids))

    def restore(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.restore(work, ids))

    def objective(self, action: int, name: str = "Goal", target: Any = 10, **values: Any) -> int:
        made: int = self.crm.write(
            lambda work: parts.add(work, Objective, action, name=name, target=target, **values).id
        )
        return made

    def run(self, key: str, verb: str, *targets: int, **given: Any) -> Any:
        """The JSON of an operation, run as every door runs it."""
        registry = self.crm.registry
        is_part = key in registry.parts
        info: Any = registry.part(key) if is_part else registry.type(key)
        operation = (part_operations_of(info) if is_part else operations_of(info))[verb]

        def unit(work: Any) -> Any:
            found = [get_part(work, key, i) if is_part else get(work, key, i) for i in targets]
            return as_json(work, operations.run(work, operation, info.fields, found, given))

        if operation.writes:
            return self.crm.write(unit)
        with self.crm.read() as work:
            return unit(work)

    def progress(self, action: int) -> Any:
        return self.run("commercial_action", "progress", action)

    def values(self, action: int) -> list[Any]:
        """What the objectives of an action stand at, in order."""
        return [objective["value"] for objective in self.progress(action)["objectives"]]

    def compare(self, *actions: int, **given: Any) -> Any:
        return self.run("commercial_action", "compare", *actions, **given)

    def explain(self, objective: int) -> Any:
        return self.run("objective", "explain", objective)

    def show(self, action: int) -> Any:
        with self.crm.read() as work:
            return as_json(work, show(work, get(work, "commercial_action", action)))


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    """An install with commercial actions and the toys, and no other plugin of ours."""
    return make_install("commercial_actions", plugins={"toys": toys})


@pytest.fixture
def office(crm: Besace) -> Office:
    return Office(crm)


@pytest.fixture
def open_with(crm: Besace) -> Any:
    """Open the install again, as a process with these plugins would."""
    opened = []

    def open_again(**plugins: Any) -> Office:
        again = Besace.open(crm.folder, user="alice", plugins={"toys": toys, **plugins})
        opened.append(again)
        return Office(again)

    yield open_again
    for again in opened:
        again.close()


@pytest.fixture
def enlarged(office: Office, open_with: Any) -> Office:
    """The install with a plugin that was enabled after actions and objectives were there."""
    made = open_with(later=later)
    made.crm.enable(["later"])
    return made  # type: ignore[no-any-return]
