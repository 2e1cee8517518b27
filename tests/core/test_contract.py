"""The contract finds what is wrong with a plugin, and says it in a sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Mapped

from besace import (
    Besace,
    Condition,
    Entity,
    Measure,
    Operation,
    RelationType,
    Setting,
    entities,
    fields,
    hookimpl,
    kinds,
)
from besace import translator as translator_of
from besace.errors import Refused
from besace.testing import Bench, check_plugin
from besace.testing.contract import Case, asking, life, linking, problems_of, readme, tables, values, verbs
from besace.testing.contract.bench import Subject

_ = translator_of(__name__)


class Leaky(Entity, type="leaky"):
    """Something with a flaw for each check."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    weight: Mapped[str | None] = fields.text("Weight")
    colour: Mapped[str | None] = fields.text("Colour")
    secret: Mapped[str | None] = fields.text("Secret")

    @classmethod
    def prepare(cls, old: Mapping[str, Any] | None, new: dict[str, Any], work: Any) -> dict[str, Any]:
        """It trips over a long weight, forgets its colour and refuses every secret."""
        if new["weight"] is not None and len(new["weight"]) > 20:
            int(new["weight"])
        if new["secret"] is not None:
            raise Refused(_("Nobody tells a secret."))
        return new | {"colour": None}


def look(work: Any, leaky: Any) -> Any:
    """Say that it reads, and write."""
    return entities.edit(work, leaky, weight="seen")


def trip(work: Any, leaky: Any, *, size: int) -> Any:
    """Trip over a size."""
    return {"size": 1 // (size - 1)}


class Flawed:
    """A plugin with many flaws."""

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Leaky]

    @hookimpl
    def register_operations(self) -> Any:
        return [
            Operation("look", "leaky", look, _("Look"), writes=False),
            Operation("trip", "leaky", trip, _("Trip"), _("Trip over something."), options={"size": _("A size.")}),
        ]

    @hookimpl
    def register_conditions(self) -> Any:
        return [Condition("heavy", "leaky", "wieght is not empty", _("Heavy"))]

    @hookimpl
    def register_measures(self) -> Any:
        return [Measure("load", "leaky", _("Load"), "wieght")]

    @hookimpl
    def register_relation_types(self) -> Any:
        return [RelationType("near", _("is near"), _("is near"), ("leaky",), ("leaky",))]

    @hookimpl
    def check_link(self, links: Any) -> None:
        raise Refused(_("Nothing is near."))

    @hookimpl
    def register_settings(self) -> Any:
        return [Setting("most_leaks", kinds.IntegerKind(), _("Most leaks"), default="many")]


flawed = Flawed()


@pytest.fixture
def told(make_install: Callable[..., Besace], run: Any) -> Callable[..., list[str]]:
    """What a check says of the flawed plugin."""

    def problems(check: Callable[[Bench], Iterator[str]], key: str = "leaky") -> list[str]:
        crm = make_install(plugins={"flawed": flawed})
        return list(check(Bench(Subject("flawed", flawed), crm, lambda: crm, run, key)))

    return problems


def test_a_traceback_is_no_sentence(told: Any) -> None:
    found = told(values.refuses_wrong_values)
    assert any(line.startswith("create with weight = 'xxx") and "ends in ValueError" in line for line in found)


def test_a_value_that_is_lost_is_told(told: Any) -> None:
    assert "colour is None and should be 'Colour 6'" in told(life.keeps_every_field)


def test_a_field_that_cannot_be_set_says_how_to_give_an_example(told: Any) -> None:
    (line,) = [line for line in told(life.keeps_every_field) if line.startswith("secret")]
    assert line.startswith("secret cannot be set: Nobody tells a secret.")
    assert 'examples={"leaky.secret": {...}}' in line


def test_a_measure_that_cannot_be_summed_is_told(told: Any) -> None:
    assert any(
        line.startswith('load cannot be summed: Leaky has no field "wieght"')
        for line in told(asking.is_counted_and_summed)
    )


def test_a_condition_that_cannot_be_asked_is_told(told: Any) -> None:
    (line,) = told(asking.answers_its_named_conditions)
    assert line.startswith("the condition heavy cannot be asked: Leaky has no field")


def test_a_relation_that_refuses_what_it_takes_is_told(told: Any) -> None:
    assert told(linking.is_linked_and_unlinked) == ["near: Nothing is near."] * 2


def test_an_operation_that_writes_and_says_otherwise_is_told(told: Any) -> None:
    with pytest.raises(RuntimeError, match="only reads"):
        told(verbs.runs, "leaky look")


def test_an_operation_that_trips_is_told(told: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        told(verbs.runs, "leaky trip")


def test_a_setting_that_does_not_take_its_default_is_told(told: Any) -> None:
    assert any(
        line.startswith("most_leaks does not take its own default") for line in told(tables.settings_take_and_refuse)
    )


def test_a_readme_that_lags_behind_is_told(make_install: Callable[..., Besace], run: Any) -> None:
    page = "## Types\n\n| type | fields |\n|---|---|\n| `leaky` | `name`, `weight`, `taste` |\n"
    crm = make_install(plugins={"flawed": flawed})
    found = list(readme.matches_the_code(Bench(Subject("flawed", flawed, readme=page), crm, lambda: crm, run)))
    told = "is 'name, weight, taste' and should be 'name, weight, colour, secret'"
    assert found[0] == f'section "Types", leaky {told}'
    assert any('section "Settings" is []' in line for line in found)


def test_a_readme_is_told_which_columns_there_should_be(make_install: Callable[..., Besace], run: Any) -> None:
    page = "## Types\n\n| type | what it has |\n|---|---|\n| leaky |\n"
    crm = make_install(plugins={"flawed": flawed})
    found = list(readme.matches_the_code(Bench(Subject("flawed", flawed, readme=page), crm, lambda: crm, run)))
    assert found[:2] == [
        'section "Types": its table has no column fields',
        'the table under "## Types" has the columns type | fields; keys stand in backquotes',
    ]


def test_code_that_breaks_a_check_off_is_named_with_its_line(make_install: Callable[..., Besace], run: Any) -> None:
    crm = make_install(plugins={"flawed": flawed})
    bench = Bench(Subject("flawed", sys.modules[__name__]), crm, lambda: crm, run, "leaky trip")
    (told,) = problems_of(Case(verbs.runs, "leaky trip"), bench)
    assert told.startswith("it ends in ZeroDivisionError: ")
    assert told.endswith(", in trip)")
    assert __file__ in told


def test_refusals_share_a_unit_and_what_is_accepted_is_told(make_install: Callable[..., Besace], run: Any) -> None:
    crm = make_install(plugins={"flawed": flawed})
    bench = Bench(Subject("flawed", flawed), crm, lambda: crm, run, "leaky")

    def make(work: Any, **values: Any) -> None:
        entities.create(work, "leaky", **values)

    acts = [
        (name, partial(make, **values))
        for name, values in {
            "nameless": {}, "good": {"name": "A"}, "secret": {"name": "B", "secret": "C"},
            "long": {"name": "D", "weight": "x" * 30}, "unknown": {"name": "E", "taste": "F"},
        }.items()
    ]  # fmt: skip
    before = bench.stored()
    assert [(name, told.partition(":")[0]) for name, told in bench.not_refused(acts)] == [
        ("good", "is accepted"), ("long", "ends in ValueError"),
    ]  # fmt: skip
    assert bench.stored() == before


def test_each_check_is_a_test_with_a_name() -> None:
    (mark,) = check_plugin("flawed", flawed).pytestmark  # type: ignore[attr-defined]
    names = [case.id for case in mark.args[1]]
    assert {"leaky-keeps-every-field", "leaky-look-runs", "keep-their-rows-while-it-is-disabled"} <= set(names)
    assert len(names) == len(set(names))


def test_a_plugin_that_is_not_there_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match='There is no plugin "no_such"'):
        check_plugin("no_such")
