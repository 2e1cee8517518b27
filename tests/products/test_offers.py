"""What a deal offers: completed from the product, reckoned, and kept whatever becomes of it."""

from __future__ import annotations

import pytest

from besace import bin, parts, reading
from besace.errors import BesaceError, NotFound, Refused


def test_an_offer_takes_price_and_discount_of_its_product(desk):
    assert desk.values(desk.offer()) == ["1", "1200.5", "10", "1080.45 EUR"]
    assert desk.values(desk.offer(quantity="3", unit_price="1.000001", discount="0")) == [
        "3",
        "1.000001",
        "0",
        "3.00 EUR",
    ]


def test_a_later_change_of_the_product_changes_no_offer(desk):
    offer = desk.offer()
    desk.edit("product", desk.licence, unit_price="5000", discount=None)
    assert desk.values(offer) == ["1", "1200.5", "10", "1080.45 EUR"]
    desk.change(offer, quantity="2")
    assert desk.values(offer) == ["2", "1200.5", "10", "2160.90 EUR"]


def test_an_emptied_price_or_discount_is_taken_from_the_product_anew(desk):
    offer = desk.offer(unit_price="5", discount="0")
    desk.change(offer, unit_price=None, discount=None)
    assert desk.values(offer) == ["1", "1200.5", "10", "1080.45 EUR"]


def test_O7_a_price_of_another_currency_must_be_given(desk):
    dollars = desk.create("product", name="Dollars", currency="USD", unit_price="3")
    with pytest.raises(
        Refused, match=r'"Dollars" has its price in USD, and Deal \d+ "Rail" is in EUR\. Give the price'
    ):
        desk.offer(product=dollars)
    assert desk.values(desk.offer(product=dollars, unit_price="2")) == ["1", "2", "0", "2.00 EUR"]


def test_a_product_without_a_price_needs_one(desk):
    free = desk.create("product", name="Free")
    with pytest.raises(Refused, match=r'"Free" has no unit price\. Give it with --unit-price'):
        desk.offer(product=free)
    assert desk.values(desk.offer(product=free, unit_price="0")) == ["1", "0", "0", "0.00 EUR"]


def test_an_inactive_product_is_refused_for_a_new_offer_and_kept_in_those_that_stand(desk):
    offer, other = desk.offer(), desk.create("product", name="Other", unit_price="1")
    desk.edit("product", desk.licence, active=False)
    with pytest.raises(Refused, match='"Licence" is not active: it cannot be offered any more'):
        desk.offer()
    changed = desk.offer(product=other)
    with pytest.raises(Refused, match='"Licence" is not active'):
        desk.change(changed, product=desk.licence)
    desk.change(offer, quantity="2")
    assert desk.values(offer)[3] == "2160.90 EUR"


@pytest.mark.parametrize(
    "wrong",
    [{"quantity": "0"}, {"quantity": "-1"}, {"quantity": "0.00001"}, {"unit_price": "-1"}, {"unit_price": "1.0000001"},
     {"discount": "100.01"}, {"discount": "-1"}, {"product": None}, {"product": 99999}, {"net": "5"}],
)  # fmt: skip
def test_a_wrong_value_is_refused_and_nothing_is_stored(desk, wrong):
    with pytest.raises(BesaceError):
        desk.offer(**wrong)
    assert desk.block("opportunity", desk.deal, "offers").offers == []


def test_only_a_product_is_offered_and_one_that_is_there(desk):
    with pytest.raises(NotFound, match="There is no Product"):
        desk.offer(product=desk.deal)
    desk.delete(desk.licence)
    with pytest.raises(NotFound, match='"Licence" is in the trash'):
        desk.offer()


def test_E4_an_offered_product_in_the_trash_stays_in_the_deal_and_is_not_purged(desk):
    desk.offer()
    desk.delete(desk.licence)
    (offered,) = desk.block("opportunity", desk.deal, "offers").offers
    assert offered.product.label == "Licence"
    with pytest.raises(Refused):
        desk.crm.write(lambda work: bin.purge(work, desk.licence))


def test_O8_the_deal_shows_its_offers_with_their_sum(desk):
    day = desk.create("product", name="Day", unit_price="950", unit="day")
    desk.offer(quantity="2")
    desk.offer(product=day, quantity="12.5", description="Roll-out")
    shown = desk.block("opportunity", desk.deal, "offers")
    assert [(o.product.label, str(o.quantity.normalize()), o.unit and o.unit.key) for o in shown.offers] == [
        ("Licence", "2", None), ("Day", "12.5", "day"),
    ]  # fmt: skip
    assert str(shown.net) == "14035.90 EUR"


def test_a_product_shows_the_deals_that_offer_it(desk):
    desk.offer(quantity="2")
    signed = desk.create("opportunity", name="Metro", stage="signed")
    desk.offer(of=signed)
    gone = desk.create("opportunity", name="Gone")
    desk.offer(of=gone)
    desk.delete(gone)
    shown = desk.block("product", desk.licence, "deals")
    assert [(d.label, d.status, str(d.net)) for d in shown.deals] == [
        ("Metro", "signed", "1080.45 EUR"), ("Rail", "talking", "2160.90 EUR"),
    ]  # fmt: skip
    assert shown.count == 2


def test_the_expected_revenue_is_set_to_the_sum_of_the_offers(desk):
    with pytest.raises(
        Refused, match=r'Deal \d+ "Rail" offers nothing yet\. Add what it offers with: besace offer add'
    ):
        desk.do("opportunity", desk.deal, "expect_offers")
    desk.offer()
    desk.offer(quantity="2")
    assert str(desk.do("opportunity", desk.deal, "expect_offers")["expected_revenue"]) == "3241.35 EUR"


def test_O7_a_deal_with_offers_keeps_its_currency(desk):
    desk.offer()
    with pytest.raises(Refused, match="cannot change its currency: its Offers hold amounts in EUR"):
        desk.edit("opportunity", desk.deal, currency="USD")


@pytest.mark.parametrize(("type_key", "block", "statements"), [("opportunity", "deal", 1), ("product", "licence", 2)])
def test_O8_a_view_costs_the_same_whatever_is_offered(desk, count_statements, type_key, block, statements):
    def cost():
        with desk.crm.read() as work:
            shown = reading.get(work, type_key, getattr(desk, block))
            from besace.crud import show

            with count_statements(work) as seen:
                show(work, shown)
        return seen.count

    desk.offer()
    one = cost()
    model = desk.crm.registry.part("offer").model
    desk.crm.write(lambda work: parts.add_many(work, model, [(desk.deal, {"product": desk.licence})] * 49))
    assert cost() == one == statements


def test_E5_without_deals_the_catalogue_stands_and_offers_are_not_offered(make_install, run):
    crm = make_install("products")
    assert run(crm, "product", "create", "--name", "Day", "--json").exit_code == 0
    shown = run(crm, "product", "show", "Day", "--json").json
    assert shown["blocks"]["deals"] == {"deals": [], "count": 0}
    assert "Offered in" not in run(crm, "product", "show", "Day").stdout
    assert "offer" not in run(crm, "--help").stdout
    assert run(crm, "offer", "list", "1").exit_code == 2


@pytest.mark.parametrize("is_trashed", [False, True])
def test_an_offer_that_comes_to_something_else_is_found_and_reckoned_anew(desk, damage, run, is_trashed):
    offer = desk.offer(quantity="2")
    assert run(desk.crm, "verify").exit_code == 0
    if is_trashed:
        desk.delete(desk.deal)
    damage(desk.crm, f"UPDATE offer SET net = 1 WHERE id = {offer}")
    found = run(desk.crm, "verify")
    assert found.exit_code == 1
    assert f"Offer {offer} comes to €2,160.90, and €0.01 is stored." in found.stdout
    assert run(desk.crm, "verify", "--fix").exit_code == 0
    assert run(desk.crm, "verify").exit_code == 0
    if is_trashed:
        desk.crm.write(lambda work: bin.restore(work, [desk.deal]))
    assert desk.values(offer)[-1] == "2160.90 EUR"
    told = run(desk.crm, "opportunity", "history", str(desk.deal), "--json").json
    assert [line["after"] for line in told if line["field"] == "net"][-1] == {"amount": "2160.90", "currency": "EUR"}


def test_an_offer_of_another_product_takes_what_is_not_given_from_that_one(desk):
    day = desk.create("product", name="Day", unit_price="950", discount="5")
    offer = desk.offer(quantity="2")
    desk.change(offer, product=day)
    assert desk.values(offer) == ["2", "950", "5", "1805.00 EUR"]
    desk.change(offer, product=desk.licence, unit_price="1000")
    assert desk.values(offer) == ["2", "1000", "10", "1800.00 EUR"]
