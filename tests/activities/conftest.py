from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from besace import Besace, bin, entities, operations, parts, reading, relations, settings
from besace.crud import operations_of, part_operations_of, show
from besace.views import as_json

TODAY = date(2026, 3, 14)


class Desk:
    """An install as the tests use it: every call is a unit of its own, entities go by their ids."""

    def __init__(self, crm: Besace) -> None:
        self.crm = crm

    def create(self, type_key: str, **values: Any) -> int:
        made: int = self.crm.write(lambda work: entities.create(work, type_key, **values).id)
        return made

    def activity(self, title: str = "Call", kind: str = "phone_call", **values: Any) -> int:
        return self.create("activity", title=title, kind=kind, **values)

    def meeting(self, title: str = "Visit", start: str = "2026-03-16T09:30", **values: Any) -> int:
        return self.activity(title, "meeting", start=start, **values)

    def task(self, title: str = "Letter", due_date: str = "2026-03-20", **values: Any) -> int:
        return self.activity(title, "task", due_date=due_date, **values)

    def edit(self, activity: int, **values: Any) -> None:
        self.crm.write(lambda work: entities.edit(work, reading.get(work, "activity", activity), **values).id)

    def do(self, activity: int, verb: str, **given: Any) -> None:
        self.run("activity", verb, activity, **given)

    def run(self, key: str, verb: str, *targets: int, **given: Any) -> Any:
        """The JSON of an operation, run as every door runs it."""
        registry = self.crm.registry
        is_part = key in registry.parts
        info: Any = registry.part(key) if is_part else registry.type(key)
        operation = (part_operations_of(info) if is_part else operations_of(info))[verb]

        def unit(work: Any) -> Any:
            get = reading.get_part if is_part else reading.get
            found = [get(work, key, target) for target in targets]
            return as_json(work, operations.run(work, operation, info.fields, found, given))

        return self.crm.write(unit)

    def get(self, activity: int) -> dict[str, Any]:
        with self.crm.read() as work:
            return entities.read_values(work, work.crm.registry.type("activity"), [activity])[activity]

    def stands(self, activity: int) -> tuple[str, date, date | None, str | None]:
        """The state of an activity, its day, when it was done, and its result."""
        values = self.get(activity)
        return values["state"], values["day"], values["done_on"], values["result"]

    def found(self, where: str) -> list[str]:
        with self.crm.read() as work:
            return [row.label for row in reading.page(work, work.crm.registry.type("activity"), where=where)]

    def link(self, subject: int, relation: str, *objects: int) -> None:
        self.crm.write(lambda work: [relations.link(work, subject, relation, other) for other in objects])

    def delete(self, *ids: int) -> None:
        self.crm.write(lambda work: bin.delete(work, ids))

    def set(self, key: str, value: Any) -> None:
        self.crm.write(lambda work: settings.change(work, key, value))

    def block(self, type_key: str, entity: int, key: str = "activities") -> Any:
        """The JSON of one block of an entity."""
        with self.crm.read() as work:
            return as_json(work, show(work, reading.get(work, type_key, entity)).blocks[key])

    def around(self, type_key: str, entity: int) -> Mapping[str, str | None]:
        """The labels of the activities to come around an entity, and through what each is there."""
        lines = self.block(type_key, entity)["to_come"]
        return {line["label"]: line["through"] and line["through"]["label"] for line in lines}

    def objective(self, action: int, **values: Any) -> int:
        from besace_commercial_actions.models import Objective

        made: int = self.crm.write(
            lambda work: parts.add(work, Objective, action, **{"name": "Goal", "target": 10, **values}).id
        )
        return made


@pytest.fixture
def desk(make_install: Callable[..., Besace]) -> Desk:
    """Activities alone."""
    return Desk(make_install("activities"))


@pytest.fixture
def office(make_install: Callable[..., Besace]) -> Desk:
    """Activities beside all that they are usually about."""
    return Desk(make_install("persons", "opportunities", "commercial_actions", "activities"))
