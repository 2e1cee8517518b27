"""Who is involved in deals: roles, what their deals bring, and objectives that count who introduced them."""

from __future__ import annotations

from typing import Any

import pytest

from besace import bin, entities, operations, reading, relations
from besace.crud import operations_of, show
from besace.errors import BesaceError, ConditionError

PLUGINS = ("persons", "opportunities")


class Office:
    """An install with two contacts, and short ways to deals that they are involved in."""

    def __init__(self, crm: Any) -> None:
        self.crm = crm
        self.sncf = self.make("organisation", name="SNCF")
        self.ann = self.make("contact", first_name="Ann", last_name="Martin")
        self.bob = self.make("contact", first_name="Bob", last_name="Noir")

    def make(self, type_key: str, **values: Any) -> int:
        made: int = self.crm.write(lambda work: entities.create(work, type_key, **values).id)
        return made

    def deal(self, *people: tuple[int, str | None], **values: Any) -> int:
        deal = self.make("opportunity", **{"name": "Deal", "target": self.sncf, **values})
        for contact, role in people:
            self.link(contact, "involved_in", deal, **({} if role is None else {"role": role}))
        return deal

    def link(self, subject: int, relation: str, object_: int, **given: Any) -> None:
        self.crm.write(lambda work: relations.link(work, subject, relation, object_, **given))

    def involved(self, **given: Any) -> Any:
        with self.crm.read() as work:
            info = work.crm.registry.type("opportunity")
            return operations.run(work, operations_of(info)["involved"], info.fields, [], given)

    def figures(self, **given: Any) -> tuple[list[Any], Any]:
        """A row for each contact and the total: (name, deals, won, expected, final), amounts by currency."""
        found = self.involved(**given)
        return [(c.contact.label, *_sum(c)) for c in found.contacts], _sum(found.total)


def _sum(row: Any) -> tuple[int, int, str, str]:
    expected, final = (", ".join(str(getattr(r, key)) for r in row.revenue) for key in ("expected", "final"))
    return row.deals, row.won, expected, final


@pytest.fixture
def office(make_install):
    return Office(make_install(*PLUGINS))


def test_the_shipped_roles_are_there_under_short_keys(office):
    with office.crm.read() as work:
        roles = {key: role.in_language("fr") for key, role in work.items("contact_role").items()}
    assert roles["introducer"] == "Apporteur d'affaires"
    assert {"decision_maker", "buyer", "user", "technical", "introducer"} <= roles.keys()


def test_each_introducer_is_compared_by_the_deals_and_a_deal_counts_once_in_the_total(office):
    won = office.deal((office.ann, "introducer"), (office.bob, "introducer"), phase="won", expected_revenue="1000")
    office.deal((office.bob, "introducer"), expected_revenue="500")
    office.deal((office.bob, "buyer"), expected_revenue="7777")
    office.deal((office.bob, "introducer"), phase="lost", expected_revenue="300")
    office.deal((office.ann, "introducer"))
    rows, total = office.figures(role="introducer")
    assert rows == [
        ("Bob Noir", 3, 1, "1500.00 EUR", "1000.00 EUR"),
        ("Ann Martin", 2, 1, "1000.00 EUR", "1000.00 EUR"),
    ]
    assert total == (4, 1, "1500.00 EUR", "1000.00 EUR")
    office.crm.write(lambda work: bin.delete(work, [won]))
    assert office.figures(role="introducer")[1] == (3, 0, "500.00 EUR", "0.00 EUR")


def test_O7_the_figures_stand_apart_for_each_currency(office):
    office.deal((office.ann, "introducer"), expected_revenue="5EUR")
    office.deal((office.ann, "introducer"), expected_revenue="7USD", phase="won")
    rows, total = office.figures(role="introducer")
    assert rows == [("Ann Martin", 2, 1, "5.00 EUR, 7.00 USD", "0.00 EUR, 7.00 USD")]
    assert total == rows[0][1:]


def test_without_a_role_all_who_are_involved_count_and_a_condition_narrows_the_deals(office):
    office.deal((office.ann, None), (office.bob, "user"), name="Rail")
    office.deal((office.bob, "buyer"), name="Metro")
    assert [r[:2] for r in office.figures()[0]] == [("Bob Noir", 2), ("Ann Martin", 1)]
    assert [r[:2] for r in office.figures(where="name = Metro")[0]] == [("Bob Noir", 1)]
    assert office.figures(where="lost") == ([], (0, 0, "", ""))


def test_a_contact_in_the_trash_is_not_compared(office):
    office.deal((office.ann, "introducer"))
    office.crm.write(lambda work: bin.delete(work, [office.ann]))
    assert office.figures(role="introducer") == ([], (0, 0, "", ""))


@pytest.mark.parametrize("wrong", [{"role": "nobody"}, {"where": "nothing"}, {"where": "phase ="}])
def test_a_wrong_role_or_condition_is_told(office, wrong):
    with pytest.raises((BesaceError, ConditionError)):
        office.involved(**wrong)


def test_it_costs_two_statements_and_the_list_of_roles_whatever_there_is(office, count_statements):
    def cost() -> int:
        with office.crm.read() as work, count_statements(work) as seen:
            info = work.crm.registry.type("opportunity")
            operations.run(work, operations_of(info)["involved"], info.fields, [], {"role": "introducer"})
        return seen.count

    office.deal((office.ann, "introducer"))
    one = cost()
    for _n in range(5):
        office.deal((office.ann, "introducer"), (office.bob, "introducer"))
    assert cost() == one == 3 + 1  # and the list of phases, for what is won


def test_a_contact_shows_the_deals_that_he_or_she_is_involved_in(office, count_statements):
    office.deal((office.ann, "introducer"), name="Rail", start_date="2026-01-01")
    office.deal((office.ann, None), name="Metro", start_date="2026-02-01")
    with office.crm.read() as work:
        ann = reading.get(work, "contact", office.ann)
        with count_statements(work) as seen:
            block = show(work, ann).blocks["involvements"]
    assert [(d.label, d.role and d.role.key) for d in block.deals] == [("Metro", None), ("Rail", "introducer")]
    assert (block.count, seen.count) == (2, 3)  # those of the target, these, the list of phases


@pytest.fixture
def fair(make_install):
    """An office with an action that has an objective on introducers."""
    office = Office(make_install(*PLUGINS, "commercial_actions"))
    dates = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    office.fair = office.make("commercial_action", title="Fair", **dates)

    def add(work: Any) -> None:
        info = work.crm.registry.part("objective")
        given = {"action": str(office.fair), "name": "Who", "target": "5", "counter": "introducers"}
        operations.run(work, info.operations["add"], info.fields, [], given)

    office.crm.write(add)
    return office


def value(office: Any, run: Any) -> str:
    (objective,) = run(office.crm, "commercial-action", "progress", str(office.fair), "--json").json["objectives"]
    assert objective["suspended"] is None
    return str(objective["value"])


def test_C6_an_objective_counts_each_introducer_of_the_linked_deals_once(fair, run):
    for people in ([(fair.ann, "introducer"), (fair.bob, "buyer")], [(fair.ann, "introducer")]):
        fair.link(fair.deal(*people), "fulfils_goal", fair.fair)
    fair.deal((fair.bob, "introducer"))
    assert value(fair, run) == "1"
    late = fair.deal((fair.bob, "introducer"))
    fair.link(late, "fulfils_goal", fair.fair)
    assert value(fair, run) == "2"
    fair.crm.write(lambda work: bin.delete(work, [late]))
    assert value(fair, run) == "1"
    fair.crm.write(lambda work: bin.delete(work, [fair.ann]))
    assert value(fair, run) == "0"
