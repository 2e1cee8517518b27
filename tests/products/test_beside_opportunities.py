"""What the plugin gives opportunities, as they are with their own plugin."""

from __future__ import annotations

from typing import Any

import pytest

from besace import bin, entities, operations, parts, reading
from besace.crud import show

PLUGINS = ("persons", "opportunities", "products")


@pytest.fixture
def crm(make_install):
    return make_install(*PLUGINS)


@pytest.fixture
def lost(crm):
    """The id of a lost deal that offers two products, one of which is inactive and one in the trash since."""

    def fill(work: Any) -> tuple[int, list[int]]:
        target = entities.create(work, "organisation", name="SNCF").id
        deal = entities.create(work, "opportunity", name="Rail", target=target, phase="lost").id
        products = entities.create_many(
            work, "product", [{"name": n, "unit_price": "10.5", "discount": "5"} for n in ("A", "B", "C")]
        )
        model = work.crm.registry.part("offer").model
        rows = [(deal, {"product": p, "quantity": n, "description": f"D{n}"}) for n, p in enumerate(products, start=1)]
        parts.add_many(work, model, rows)
        entities.edit_many(work, "product", {products[1]: {"active": False}, products[0]: {"unit_price": "99"}})
        bin.delete(work, [products[2]])
        return deal

    return crm.write(fill)


def do(crm, deal, verb):
    def unit(work: Any) -> int:
        info = work.crm.registry.type("opportunity")
        found: int = operations.run(
            work, info.operations[verb], info.fields, [reading.get(work, "opportunity", deal)], {}
        ).id
        return found

    return crm.write(unit)


def offers(crm, deal):
    with crm.read() as work:
        block = show(work, reading.get(work, "opportunity", deal)).blocks["offers"]
    return [(o.product.label, o.description, str(o.quantity), str(o.unit_price), str(o.net)) for o in block.offers]


def test_O4_a_follow_up_takes_the_offers_as_they_stand(crm, lost):
    before = offers(crm, lost)
    assert [row[0] for row in before] == ["A", "B", "C"]
    assert before[0][3:] == ("10.500000", "9.98 EUR")
    assert offers(crm, do(crm, lost, "follow_up")) == before
    assert offers(crm, lost) == before


def test_the_expected_revenue_of_a_closed_deal_may_be_set_to_its_offers_too(crm, lost):
    do(crm, lost, "expect_offers")
    with crm.read() as work:
        assert str(reading.get(work, "opportunity", lost).expected_revenue) == "59.86 EUR"


def test_E5_offers_come_back_when_the_plugin_is_enabled_again(crm, lost):
    before = offers(crm, lost)
    crm.disable("products")
    followed = do(crm, lost, "follow_up")
    with crm.read() as work:
        assert "offers" not in show(work, reading.get(work, "opportunity", lost)).blocks
    crm.enable(["products"])
    assert (offers(crm, lost), offers(crm, followed)) == (before, [])


def test_E5_offers_of_a_plugin_that_is_disabled_are_reckoned_anew_too(crm, lost, damage, run):
    before = offers(crm, lost)
    crm.disable("opportunities")
    damage(crm, "UPDATE offer SET net = 1")
    assert "What offers come to: 3 mended" in run(crm, "verify", "--fix").stdout
    assert run(crm, "verify").exit_code == 0
    crm.enable(["opportunities"])
    assert offers(crm, lost) == before
