from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, Part, RelationType, changes, entities, fields, hookimpl, parts, translator
from besace.errors import NotFound, Refused
from besace.part_rows import Beside
from besace.reading import get, parts_of, unread

_ = translator(__name__)


class Paper:
    """Fields that two types share."""

    title: Mapped[str] = fields.text("Title", names_row=True)
    weight: Mapped[int | None] = fields.integer("Weight", read_only=True)
    remark: Mapped[str | None] = fields.text("Remark")


class Letter(Paper, Entity, type="letter"):
    """It takes the shared fields as they are."""


class Card(Paper, Entity, type="card"):
    """It declares one of them anew, in its old place, and adds one."""

    weight: Mapped[int] = fields.integer("Weight", default=1)
    picture: Mapped[str | None] = fields.text("Picture")


class Sheet(Part, of=("letter", "card"), key="sheet"):
    """A part of both types, kept in one table."""

    grams: Mapped[Decimal] = fields.decimal("Grams", places=1, default=Decimal("5"))
    glued: Mapped[bool] = fields.boolean("Glued")
    behind: Mapped[int | None] = fields.integer("Behind")

    @classmethod
    def prepare(
        cls, old: Mapping[str, Any] | None, new: dict[str, Any], owner: Mapping[str, Any], work: Any
    ) -> dict[str, Any]:
        if new["behind"] is not None and new["behind"] not in owner.get("parts", {}).get("sheet", ()):
            raise Refused(f"There is no sheet {new['behind']}.")
        return new

    @classmethod
    def check_removal(cls, old: Mapping[str, Any], owner: Mapping[str, Any], work: Any) -> None:
        if old["glued"]:
            raise Refused(f"Sheet {old['id']} of {owner['label']} is glued.")

    @classmethod
    def written(cls, work: Any, owners: Sequence[int]) -> None:
        for owner in owners:
            letter = get(work, Letter, owner)
            grams = sum(sheet.grams for sheet in parts_of(work, cls, [owner]))
            entities.edit(work, letter, weight=int(grams), unlock=("weight",))


class Stationery:
    __name__ = "tests"

    @hookimpl
    def register_entity_types(self) -> list[type[Entity]]:
        return [Letter, Card]

    @hookimpl
    def register_relation_types(self) -> list[RelationType]:
        return [RelationType("answers", _("answers"), _("is answered by"), ("card",), ("card",))]

    @hookimpl
    def register_part_types(self) -> list[type[Part]]:
        return [Sheet]


STATIONERY = Stationery()


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    return make_install(plugins={"stationery": STATIONERY})


@pytest.fixture
def letter(crm: Besace) -> int:
    return crm.write(lambda work: entities.create(work, Letter, title="Dear all").id)


def test_a_plain_class_gives_its_fields_to_several_types_which_may_declare_them_anew(crm: Besace) -> None:
    types = crm.registry.types
    assert list(types["letter"].fields) == ["title", "weight", "remark"]
    assert list(types["card"].fields) == ["title", "weight", "remark", "picture"]
    assert [types[key].fields["weight"].required for key in ("letter", "card")] == [False, True]
    card = crm.write(lambda work: entities.create(work, Card, title="Greetings").id)
    with crm.read() as work:
        assert (get(work, Card, card).title, get(work, Card, card).weight) == ("Greetings", 1)


def test_a_part_of_several_types_hangs_on_each_of_them(crm: Besace, letter: int, run: Any) -> None:
    card = crm.write(lambda work: entities.create(work, Card, title="Greetings", parts={"sheet": [{}, {}]}).id)
    assert run(crm, "sheet", "add", str(letter)).exit_code == 0
    listed = [len(run(crm, "sheet", "list", str(owner), "--json").json) for owner in (letter, card)]
    assert listed == [1, 2]


def test_it_hangs_on_no_other_type(crm: Besace, run: Any) -> None:
    with crm.write() as work, pytest.raises(NotFound):
        parts.add(work, Sheet, work.user_id)
    assert "Letter / Card" in run(crm, "sheet", "add", "1").stderr


def test_what_follows_from_parts_is_done_when_they_are_added_changed_and_removed(crm: Besace, letter: int) -> None:
    weights = []
    for step in (
        lambda work: parts.add(work, Sheet, letter),
        lambda work: parts.edit(work, parts_of(work, Sheet, [letter])[0], grams="7.5"),
        lambda work: parts.remove(work, parts_of(work, Sheet, [letter])[0]),
    ):
        crm.write(step)
        with crm.read() as work:
            weights.append(get(work, Letter, letter).weight)
    assert weights == [5, 7, 0]


def test_a_part_may_refuse_to_be_removed(crm: Besace, letter: int) -> None:
    crm.write(lambda work: parts.add(work, Sheet, letter, glued=True))
    with pytest.raises(Refused, match="of Dear all is glued"):
        crm.write(lambda work: parts.remove(work, parts_of(work, Sheet, [letter])[0]))


@pytest.mark.parametrize("count", [1, 100])
def test_an_entity_is_created_with_its_parts_in_as_many_statements_however_many(
    crm: Besace, count: int, count_statements: Any
) -> None:
    with crm.write() as work:
        with count_statements(work) as seen:
            card = entities.create(work, Card, title="Greetings", parts={"sheet": [{"grams": 2}] * count})
        assert (
            seen.count == 9
        )  # settings, references, ids, change, entity, card, sheets, history, and the card read back
        assert [sheet.grams for sheet in parts_of(work, Sheet, [card.id])] == [Decimal(2)] * count
        assert [line.action for line in changes.history(work, card.id)].count("add") == 2 * count


def test_a_part_that_is_created_with_its_entity_may_name_one_before_it(crm: Besace) -> None:
    sheets: list[dict[str, Any]] = [{}, {"behind": Beside("sheet", 0)}, {"behind": Beside("sheet", 1)}]
    with crm.write() as work:
        card = entities.create(work, Card, title="Greetings", parts={"sheet": sheets})
        first, second, third = parts_of(work, Sheet, [card.id])
        assert [first.behind, second.behind, third.behind] == [None, first.id, second.id]
    with crm.write() as work, pytest.raises(Refused, match=f"There is no sheet {first.id}"):
        entities.create(work, Card, title="No", parts={"sheet": [{"behind": first.id}]})


def test_an_unread_entity_is_read_when_something_of_it_is_asked_for(
    crm: Besace, letter: int, count_statements: Any
) -> None:
    with crm.read() as work:
        with count_statements(work) as seen:
            unread_letter = unread(work, Letter, letter)
            assert (unread_letter.id, seen.count) == (letter, 0)
            assert (unread_letter.title, unread_letter.remark, seen.count) == ("Dear all", None, 1)
        assert get(work, Letter, letter) is unread_letter is unread(work, Letter, letter)


def test_a_part_that_is_refused_leaves_no_entity(crm: Besace) -> None:
    with pytest.raises(Refused, match="Grams is required"):
        crm.write(lambda work: entities.create(work, Card, title="No", parts={"sheet": [{}, {"grams": ""}]}))
    with crm.read() as work:
        assert work.scalars(sa.select(Card)).all() == []


def test_an_entity_is_created_with_its_first_relations_in_one_statement_more(
    crm: Besace, letter: int, count_statements: Any
) -> None:
    def cost(links: list[tuple[str, int]]) -> int:
        with crm.write() as work, count_statements(work) as seen:
            entities.create(work, Card, title="Greetings", links=links)
        return seen.count

    others = [crm.write(lambda work: entities.create(work, Card, title="Other").id) for _n in range(3)]
    assert cost([("answers", other) for other in others]) == cost([]) + 1
    with crm.read() as work:
        assert [line.action for line in changes.history(work, others[0])].count("link") == 1


def test_E3_a_relation_that_may_not_be_leaves_no_entity(crm: Besace, letter: int) -> None:
    with pytest.raises(Refused, match='cannot be the object of "answers"'):
        crm.write(lambda work: entities.create(work, Card, title="No", links=[("answers", letter)]))
    with pytest.raises(NotFound):
        crm.write(lambda work: entities.create(work, Card, title="No", links=[("answers", 999)]))
    with crm.read() as work:
        assert work.scalars(sa.select(Card)).all() == []
