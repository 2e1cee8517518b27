"""Rules C3, C6, E4, E5: whatever happens to the linked entities, every counter equals a recount of the raw rows."""

import atexit
import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Mapped

from besace import (
    Besace,
    Condition,
    Entity,
    Measure,
    Money,
    bin,
    entities,
    fields,
    hookimpl,
    reading,
    relations,
)
from besace.errors import BesaceError
from besace.operations import run as run_operation
from besace.testing.fixtures import Databases
from besace.texts import translator

_ = translator(__name__)

SHIPPED = ("persons", "opportunities", "commercial_actions")


class Course(Entity, type="course"):
    """A course that somebody else's plugin sells."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    price: Mapped[Money | None] = fields.money("Price")
    held: Mapped[bool] = fields.boolean("Held")


class CoursePlugin:
    """Courses."""

    @hookimpl
    def register_entity_types(self):
        return [Course]

    @hookimpl
    def register_conditions(self):
        return [Condition("held", "course", "held = yes", _("Held"))]

    @hookimpl
    def register_measures(self):
        return [Measure("final", "course", _("Final"), "price", where="held")]


PLUGINS = {"courses": CoursePlugin()}

# name, counted type, condition, summed measure, and the recount of the same in the raw rows.
OBJECTIVES = [
    ("companies", "organisation", None, None, "SELECT count(*) FROM organisation t WHERE {linked}"),
    ("deals", "opportunity", None, None, "SELECT count(*) FROM opportunity t WHERE {linked}"),
    ("won", "opportunity", "won", None,
     "SELECT count(*) FROM opportunity t JOIN sales_phase p ON p.key = t.phase_key"
     " WHERE p.outcome = 'won' AND {linked}"),
    ("revenue", "opportunity", None, "final",
     "SELECT coalesce(sum(final_revenue), 0) FROM opportunity t JOIN sales_phase p ON p.key = t.phase_key"
     " WHERE p.outcome = 'won' AND {linked}"),
    ("courses", "course", "held", None, "SELECT count(*) FROM course t WHERE held AND {linked}"),
    ("course revenue", "course", None, "final", "SELECT coalesce(sum(price), 0) FROM course t WHERE held AND {linked}"),
]  # fmt: skip

LINKED = (
    "EXISTS (SELECT 1 FROM link WHERE subject_id = t.id AND type = 'fulfils_goal' AND object_id = :action)"
    " AND NOT EXISTS (SELECT 1 FROM trash WHERE entity_id = t.id)"
)


def make_template(folder: Path, database: str) -> Path:
    enable = [*SHIPPED, "courses"]
    with Besace.init(folder, user="alice", enable=enable, plugins=PLUGINS, database=database) as crm:
        crm.write(_prepare)
    return folder


def _prepare(work):
    action = entities.create(work, "commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31")
    add = work.crm.registry.operations["objective", "add"]
    for name, counts, condition, measure, _raw in OBJECTIVES:
        given = {
            "action": str(action.id),
            "name": name,
            "target": "10",
            "count": counts,
            "condition": condition,
        }
        given["sum"] = measure
        run_operation(work, add, {}, [], {k: v for k, v in given.items() if v is not None})


@pytest.fixture(scope="module")
def template(tmp_path_factory, besace_databases):
    return make_template(tmp_path_factory.mktemp("counters") / "template", besace_databases.new())


class Counters(RuleBasedStateMachine):
    template: Path
    databases: Databases
    things = Bundle("things")

    @initialize(target=things)
    def open(self):
        self.folder = Path(tempfile.mkdtemp()) / "install"
        atexit.register(shutil.rmtree, self.folder.parent, ignore_errors=True)
        self.databases.copy(self.template, self.folder)
        self.crm = Besace.open(self.folder, user="alice", plugins=PLUGINS)
        with self.crm.read() as work:
            self.action = reading.resolve(work, "commercial_action:Fair").id
        known = [self.born(10), self.born(2_000), self.met(), self.held(300, True), self.held(40, False)]
        for thing in known[:4]:
            self.link(thing)
        return multiple(*known)

    def teardown(self):
        self.crm.close()
        self.databases.drop(self.folder)
        shutil.rmtree(self.folder.parent)

    def attempt(self, unit):
        """A refusal is a fine answer; counters must hold after it too."""
        try:
            return self.crm.write(unit)
        except BesaceError:
            return None

    @rule(target=things, revenue=st.integers(0, 10_000))
    def born(self, revenue):
        def unit(work):
            target = entities.create(work, "organisation", name="Company")
            return entities.create(
                work, "opportunity", name="Deal", target=target.id, expected_revenue=f"{revenue}.50"
            ).id

        return self.attempt(unit) or 0

    @rule(target=things)
    def met(self):
        return self.crm.write(lambda work: entities.create(work, "organisation", name="Company").id)

    @rule(target=things, price=st.integers(0, 500), held=st.booleans())
    def held(self, price, held):
        unit = lambda work: entities.create(work, "course", title="C", price=f"{price}", held=held).id  # noqa: E731
        return self.attempt(unit) or 0

    @rule(thing=things)
    def link(self, thing):
        self.attempt(lambda work: relations.link(work, thing, "fulfils_goal", self.action))

    @rule(thing=things)
    def unlink(self, thing):
        self.attempt(lambda work: relations.unlink(work, thing, "fulfils_goal", self.action))

    @rule(thing=things)
    def trash(self, thing):
        self.attempt(lambda work: bin.delete(work, [thing]))

    @rule(thing=things)
    def restore(self, thing):
        self.attempt(lambda work: bin.restore(work, [thing]))

    @rule(thing=things, verb=st.sampled_from(["win", "lose", "cancel", "follow_up"]))
    def close(self, thing, verb):
        self.attempt(lambda work: self.operate(work, thing, verb))

    @rule(thing=things, phase=st.sampled_from(["negotiation", "won", "lost"]))
    def correct(self, thing, phase):
        given = {"phase": phase, "reason": "a slip", "final_revenue": "7" if phase == "won" else None}
        self.attempt(lambda work: self.operate(work, thing, "correct", **{k: v for k, v in given.items() if v}))

    def operate(self, work, thing, verb, **given):
        info = work.crm.registry.type("opportunity")
        deal = reading.get(work, "opportunity", thing)
        return run_operation(work, info.operations[verb], info.fields, [deal], given).id

    @rule(name=st.sampled_from(["courses", "opportunities"]))
    def disable(self, name):
        self.crm.disable(name)

    @rule(name=st.sampled_from(["courses", "opportunities"]))
    def enable(self, name):
        self.crm.enable([name])

    @invariant()
    def every_counter_equals_a_recount(self):
        with self.crm.read() as work:
            progress = work.crm.registry.operations["commercial_action", "progress"]
            action = reading.get(work, "commercial_action", self.action)
            found = {o.name: o for o in run_operation(work, progress, {}, [action], {}).objectives}
        with self.crm.reader.connect() as raw:
            for name, counts, _condition, _measure, statement in OBJECTIVES:
                if counts not in self.crm.registry.types:
                    assert found[name].value is None
                    assert found[name].suspended is not None
                    continue
                (expected,) = raw.execute(sa.text(statement.format(linked=LINKED)), {"action": self.action}).one()
                value = found[name].value
                assert (value.minor if isinstance(value, Money) else value) == expected, name


def test_C6_every_counter_equals_a_recount_from_scratch(template, besace_databases):
    Counters.template, Counters.databases = template, besace_databases
    limits = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Counters, settings=limits)
