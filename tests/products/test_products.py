"""The catalogue: codes, categories, prices in a currency."""

from __future__ import annotations

import pytest

from besace import bin, entities, lists
from besace.errors import Refused


def test_a_code_is_kept_in_capitals_and_belongs_to_one_product(desk):
    first = desk.create("product", name="A", code=" lic-1 ")
    assert desk.found("code = lic-1") == ["A"]
    for again in ("LIC-1", "Lic-1"):
        with pytest.raises(Refused, match=rf'The code "LIC-1" is already that of Product {first} "A"'):
            desk.create("product", name="B", code=again)
    desk.edit("product", first, code="lic-1", name="A2")


def test_a_code_in_the_trash_is_still_taken(desk):
    first = desk.create("product", name="A", code="X")
    desk.delete(first)
    with pytest.raises(Refused, match='The code "X" is already that of Product'):
        desk.create("product", name="B", code="x")
    desk.crm.write(lambda work: bin.purge(work, first))
    desk.create("product", name="B", code="x")


def test_a_code_stands_once_in_a_batch(desk):
    with pytest.raises(Refused, match='The code "X" is already that of'):
        desk.crm.write(lambda work: entities.create_many(work, "product", [{"name": n, "code": "x"} for n in "ab"]))
    assert desk.found('name = "a"') == []
    desk.crm.write(
        lambda work: entities.create_many(work, "product", [{"name": n} for n in "ab"])
    )  # no code is no code


def test_a_code_that_another_of_the_batch_has_is_taken(desk):
    first, second = desk.create("product", name="A", code="P1"), desk.create("product", name="B")
    for left in ({"name": "A2"}, {"code": "P2"}):  # what becomes of the first, which the database may store last
        with pytest.raises(Refused, match=rf'The code "P1" is already that of Product {first} "A"'):
            desk.crm.write(
                lambda work, left=left: entities.edit_many(work, "product", {first: left, second: {"code": "p1"}})
            )
    desk.edit("product", first, code=None)
    desk.edit("product", second, code="p1")


def test_many_products_cost_one_statement_for_their_codes(desk, count_statements):
    def cost(names):
        with desk.crm.write() as work, count_statements(work) as seen:
            entities.create_many(work, "product", [{"name": n, "code": n} for n in names])
        return seen.count

    assert cost(["p", "q"]) == cost([f"r{n}" for n in range(40)])


def test_conditions_tell_what_can_be_offered_and_what_sort_it_is(desk):
    desk.create("product", name="Day", kind="service")
    desk.create("product", name="Old", active=False)
    assert desk.found("active") == ["Licence", "Day"]
    assert desk.found("services") == ["Day"]
    assert desk.found("products and not active") == ["Old"]


def test_a_category_holds_what_stands_below_it(desk):
    for key in ("software", "licence", "hardware"):
        desk.create("product", name=key, category=key)
    assert desk.found("category = software") == ["software", "licence"]
    with pytest.raises(Refused, match='"Software" cannot stand under "Licences"'):
        desk.crm.write(lambda work: lists.edit(work, "product_category", "software", parent="licence"))


def test_O7_a_price_does_not_become_one_of_another_currency_by_itself(desk):
    with pytest.raises(Refused, match=r"The unit price is in EUR, and would be in USD\. Give the price in USD"):
        desk.edit("product", desk.licence, currency="USD")
    desk.edit("product", desk.licence, currency="USD", unit_price="1300")
    desk.edit("product", desk.create("product", name="Free"), currency="USD")


def test_O7_a_price_of_the_same_number_is_given_by_the_way_on_that_is_told(desk, run):
    wanted = ("product", "edit", str(desk.licence), "--currency", "USD", "--unit-price", "1200.5")
    way_on = f"besace product edit {desk.licence} --clear unit_price"
    refused = run(desk.crm, *wanted)
    assert (refused.exit_code, way_on in refused.stderr) == (1, True)
    assert run(desk.crm, *way_on.split()[1:]).exit_code == 0
    assert run(desk.crm, *wanted).exit_code == 0


def test_each_unit_has_its_code_of_the_un_ece(desk):
    with desk.crm.read() as work:
        units = {key: unit.code for key, unit in work.items("product_unit").items()}
    assert (units["piece"], units["hour"], units["day"], units["month"]) == ("C62", "HUR", "DAY", "MON")
    assert len(set(units.values())) == len(units)
