"""Rule B6: a document of a deal takes its target, its currency and its products, and tells it what was invoiced."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from besace import bin, parts, reading, relations
from besace.conditions import measure_value
from besace.errors import NotFound, Refused
from besace_documents.lines import DocumentLine
from besace_documents.sealing import contents

from .conftest import DEALS, Desk


@pytest.fixture
def desk(make_install: Any) -> Desk:
    return Desk(make_install("persons", "opportunities", "documents"))


@pytest.fixture
def deal(desk: Desk) -> int:
    return desk.create("opportunity", name="Roll-out", target=desk.customer, expected_revenue="5000")


def measured(desk: Desk, deal: int) -> dict[str, Any]:
    """What the measures of documents say of a deal, in cents."""
    import sqlalchemy as sa

    with desk.crm.read() as work:
        info = work.crm.registry.type("opportunity")
        source = info.source()
        columns = [measure_value(work, info.measures[key], source).label(key) for key in ("invoiced", "paid")]
        row = work.execute(sa.select(*columns).select_from(source.join).where(source.id == deal)).one()
        return {key: int(getattr(row, key)) for key in ("invoiced", "paid")}


def test_B6_a_quote_is_made_for_the_target_of_the_deal_in_its_currency(desk: Desk) -> None:
    deal = desk.create("opportunity", name="Roll-out", target=desk.customer, currency="USD")
    quote = desk.do(deal, "quote")
    values = desk.get(quote)
    assert (values["customer"], values["issuer"], values["currency"], values["subject"], values["net"]) == (
        desk.customer, desk.us, "USD", "Roll-out", None,
    )  # fmt: skip
    with desk.crm.read() as work:
        (link,) = relations.related(work, quote, relation="raised_for")
        assert link.id == deal


def test_B6_another_of_ours_may_make_it(desk: Desk, deal: int) -> None:
    other = desk.ours("Other")
    assert desk.get(desk.do(deal, "quote", issuer=str(other)))["issuer"] == other
    with pytest.raises(Refused, match="cannot issue documents: it is not one of ours"):
        desk.do(deal, "quote", issuer=str(desk.customer))


@pytest.mark.parametrize("how", ["option", "setting"])
def test_B6_an_accepted_quote_sets_the_expected_revenue_where_asked(desk: Desk, deal: int, how: str) -> None:
    quotes = [desk.do(deal, "quote") for _n in range(2)]
    for quote in quotes:
        desk.line(quote, unit_price="1234.50")
        desk.do(quote, "send")
    desk.do(quotes[0], "accept")
    assert str(desk.get(deal)["expected_revenue"]) == "5000.00 EUR"
    if how == "setting":
        desk.set("accepted_quote_sets_revenue", "yes")
    desk.do(quotes[1], "accept", **({"update_revenue": True} if how == "option" else {}))
    assert str(desk.get(deal)["expected_revenue"]) == "1234.50 EUR"


def test_O7_an_accepted_quote_in_another_currency_sets_no_expected_revenue(desk: Desk, deal: int) -> None:
    asked, by_setting, alone = desk.quote(currency="USD"), desk.quote(currency="USD"), desk.quote()
    for quote in (asked, by_setting):
        desk.link(quote, deal)
    for quote in (asked, by_setting, alone):
        desk.do(quote, "send")
    with pytest.raises(Refused) as refused:
        desk.do(asked, "accept", update_revenue=True)
    assert str(refused.value) == (
        f'Quote {asked} "D-2026-0001" is in USD, and Opportunity {deal} "Roll-out" is in EUR: '
        "its expected revenue cannot be that. Accept it without --update-revenue."
    )
    assert desk.get(asked)["state"] == "sent"
    with pytest.raises(Refused, match=r"is for no deal: .* Accept it without --update-revenue"):
        desk.do(alone, "accept", update_revenue=True)
    desk.set("accepted_quote_sets_revenue", "yes")
    for quote in (by_setting, alone):
        desk.do(quote, "accept")
    assert str(desk.get(deal)["expected_revenue"]) == "5000.00 EUR"


def test_B6_a_quote_after_its_last_day_is_accepted_only_when_one_says_so(
    desk: Desk, deal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = desk.quote(due_date="2026-03-31")
    desk.do(quote, "send")
    monkeypatch.setenv("BESACE_TODAY", "2026-04-01")
    with pytest.raises(Refused, match=r"was valid until 2026-03-31. Accept it nevertheless with --late"):
        desk.do(quote, "accept", on="2026-04-01")
    desk.do(quote, "accept", on="2026-04-01", late=True)
    assert desk.get(quote)["state"] == "accepted"


def test_B7_quotes_expire_by_their_date(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    late, valid, draft = (desk.quote(due_date=day) for day in ("2026-03-20", "2026-04-30", "2026-03-20"))
    for quote in (late, valid):
        desk.do(quote, "send")
    info = desk.crm.registry.type("quote")
    done = desk.crm.write(lambda work: [q.id for q in info.operations["expire_due"].run(work, on=None)])
    assert done == []
    assert (
        desk.crm.write(
            lambda work: [
                q.id for q in info.operations["expire_due"].run(work, on=reading.get(work, "quote", valid).date)
            ]
        )
        == []
    )
    monkeypatch.setenv("BESACE_TODAY", "2026-03-21")

    assert desk.crm.write(
        lambda work: [q.id for q in info.operations["expire_due"].run(work, on=date(2026, 3, 21))]
    ) == [late]
    assert [desk.get(q)["state"] for q in (late, valid, draft)] == ["expired", "sent", "draft"]


def test_B6_issued_invoices_less_credit_notes_are_what_was_invoiced(desk: Desk, deal: int) -> None:
    invoices = [desk.invoice() for _n in range(3)]
    for invoice in invoices:
        desk.link(invoice, deal)
    assert measured(desk, deal) == {"invoiced": 0, "paid": 0}
    for invoice in invoices[:2]:
        desk.do(invoice, "issue")
    assert measured(desk, deal) == {"invoiced": 200_000, "paid": 0}
    desk.do(invoices[0], "pay", amount="600")
    assert measured(desk, deal) == {"invoiced": 200_000, "paid": 50_000}
    note = desk.do(invoices[1], "credit")
    assert measured(desk, deal)["invoiced"] == 200_000
    desk.do(note, "issue")
    assert measured(desk, deal) == {"invoiced": 100_000, "paid": 50_000}


def test_O7_what_is_invoiced_in_another_currency_is_not_added(desk: Desk, deal: int) -> None:
    abroad = desk.create("organisation", name="Abroad", address="1 Main Street", country="US")
    other = desk.invoice(currency="USD", customer=abroad)
    desk.link(other, deal)
    desk.do(other, "issue")
    assert measured(desk, deal)["invoiced"] == 0


def test_C7_an_action_tells_its_return_on_what_was_won_invoiced_and_paid(make_install: Any, run: Any) -> None:
    desk = Desk(make_install("persons", "opportunities", "commercial_actions", "documents"))
    deal = desk.create("opportunity", name="Roll-out", target=desk.customer, phase="won", final_revenue="3000")
    fair = desk.create(
        "commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31", actual_cost="1000"
    )
    desk.crm.write(lambda work: relations.link(work, deal, "fulfils_goal", fair))
    invoice = desk.invoice({"name": "Work", "unit_price": "2500"})
    desk.link(invoice, deal)
    desk.do(invoice, "issue")
    desk.do(invoice, "pay", amount="600")
    found = run(desk.crm, "commercial-action", "progress", str(fair), "--json").json
    assert found["return_percent"] == 200
    assert found["returns"] == {"won": 200, "invoiced": 150, "paid": -50}
    (revenue,) = found["revenue"]
    assert (revenue["invoiced"]["amount"], revenue["paid"]["amount"]) == ("2500.00", "500.00")
    shown = run(desk.crm, "commercial-action", "show", str(fair))
    for words in ("Invoiced", "2,500.00", "Return on investment: Amount paid", "-50 %"):
        assert words in shown.stdout
    compared = run(desk.crm, "commercial-action", "compare", "--json").json
    assert compared["total"]["returns"] == found["returns"]


def test_C7_without_a_cost_no_return_is_told(make_install: Any, run: Any) -> None:
    desk = Desk(make_install("persons", "opportunities", "commercial_actions", "documents"))
    fair = desk.create("commercial_action", title="Fair", start_date="2026-03-01", end_date="2026-03-31")
    found = run(desk.crm, "commercial-action", "progress", str(fair), "--json").json
    assert found["returns"] == {"won": None, "invoiced": None, "paid": None}


def test_B6_a_quote_takes_the_products_of_the_deal_with_their_prices_units_and_rates(make_install: Any) -> None:
    desk = Desk(make_install("persons", "opportunities", "products", "documents"))
    course = desk.create("product", code="tr1", name="Course", kind="service", unit="day", vat_rate="5.5", unit_price=9)
    deal = desk.create("opportunity", name="Roll-out", target=desk.customer)
    offer = desk.crm.registry.part("offer").model
    given = {"product": course, "quantity": "3", "unit_price": "450", "discount": "10"}
    desk.crm.write(lambda work: parts.add(work, offer, deal, **given).id)
    quote = desk.do(deal, "quote")
    (line,) = desk.parts(DocumentLine, quote)
    assert (line.name, line.code, line.unit, str(line.vat_rate)) == ("Course", "TR1", "DAY", "5.5000")
    assert (str(line.net), str(desk.get(quote)["gross"])) == ("1215.00 EUR", "1281.83 EUR")
    invoice = desk.invoice({"product": str(course)})
    desk.do(invoice, "issue")
    with desk.crm.read() as work:
        content = contents(work, "invoice", [invoice])[invoice].content
    assert (content.operation, content.lines[0].price) == ("services", 9)
    assert "Operation: supply of services." in content.mentions


def test_O7_a_product_in_another_currency_needs_a_price(make_install: Any) -> None:
    desk = Desk(make_install("persons", "products", "documents", plugins={"deals": DEALS}))
    course = desk.create("product", name="Course", unit_price=9, currency="USD")
    with pytest.raises(Refused, match="has its price in USD, and the document is in EUR"):
        desk.invoice({"product": str(course)})
    assert str(desk.get(desk.invoice({"product": str(course), "unit_price": 8}))["net"]) == "8.00 EUR"


def test_E4_what_a_deal_offers_of_a_product_in_the_trash_names_that_product(make_install: Any) -> None:
    desk = Desk(make_install("persons", "opportunities", "products", "documents"))
    course = desk.create("product", name="Course", unit_price=9)
    deal = desk.create("opportunity", name="Deal", target=desk.customer)
    offer = desk.crm.registry.part("offer").model
    desk.crm.write(lambda work: parts.add(work, offer, deal, product=course).id)
    desk.crm.write(lambda work: bin.delete(work, [course]))
    with pytest.raises(NotFound, match=rf"Product {course} .* is in the trash.*besace product restore {course}"):
        desk.do(deal, "quote")


@pytest.mark.parametrize("is_disabled", [False, True])
def test_B1_a_document_goes_on_whatever_became_of_its_products(make_install: Any, is_disabled: bool) -> None:
    desk = Desk(make_install("persons", "products", "documents", plugins={"deals": DEALS}))
    course = desk.create("product", name="Course", unit_price=9)
    invoice = desk.invoice({"product": course})
    desk.do(invoice, "issue")
    if is_disabled:
        desk.crm.disable("products")
    else:
        desk.crm.write(lambda work: bin.delete(work, [course]))
    note = desk.do(invoice, "credit")
    (line,) = desk.parts(DocumentLine, note)
    assert (line.name, str(line.net), line.product_id) == ("Course", "9.00 EUR", course)
    desk.do(note, "issue")
    assert desk.get(invoice)["state"] == "cancelled"
