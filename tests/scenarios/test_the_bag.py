"""The bag (rule O8): a deal with all that belongs to it in one view, whichever plugin is disabled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from besace import Besace, entities, parts, reading, relations
from besace.crud import Shown, show
from besace.relations import Link
from besace.views import as_json

PLUGINS = ("persons", "opportunities", "commercial_actions", "documents", "activities", "products", "attachments")

BLOCKS = {
    "opportunity": {
        "forecast": "opportunities",
        "contacts": "opportunities",
        "activities": "activities",
        "offers": "products",
        "documents": "documents",
        "actions": "commercial_actions",
        "notes": "attachments",
        "files": "attachments",
        "phases": "opportunities",
    },
    "organisation": {
        "opportunities": "opportunities",
        "activities": "activities",
        "documents": "documents",
        "actions": "commercial_actions",
        "notes": "attachments",
        "files": "attachments",
    },
    "contact": {
        "opportunities": "opportunities",
        "involvements": "opportunities",
        "activities": "activities",
        "documents": "documents",
        "actions": "commercial_actions",
        "notes": "attachments",
        "files": "attachments",
    },
}
"""The blocks of a bag in their order, each with the plugin that owns it."""


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    return make_install(*PLUGINS)


def fill(work: Any, count: int) -> dict[str, int]:
    """A target with a deal, both with so many of everything; their ids by type, with that of one contact."""
    target = entities.create(work, "organisation", name=f"SNCF {count}").id
    deal = entities.create(work, "opportunity", name=f"Rail {count}", target=target, origin="partner").id
    contacts = entities.create_many(work, "contact", [{"last_name": f"Martin {n}"} for n in range(count)])
    products = entities.create_many(
        work, "product", [{"name": f"P{n}", "unit_price": "5", "unit": "day"} for n in range(count)]
    )
    offer = work.crm.registry.part("offer").model
    parts.add_many(work, offer, [(deal, {"product": p, "quantity": "2"}) for p in products])
    lines = [{"document_line": [{"name": "Work", "unit_price": "5"}]}] * count
    quotes = [
        document
        for kind in ("quote", "sales_order", "invoice", "credit_note")
        for document in entities.create_many(work, kind, [{"customer": target}] * count, parts=lines)
    ]
    meetings = entities.create_many(work, "activity", [{"title": "Talk", "kind": "task"}] * count)
    entities.create_many(work, "note", [{"about": e, "text": "Well"} for e in (target, deal) for _n in range(count)])
    action = {"title": "Fair", "start_date": "2026-03-01", "end_date": "2026-03-31"}
    actions = entities.create_many(work, "commercial_action", [action] * count)
    for phase in ("qualified", "proposal") * (count // 2):
        entities.edit(work, reading.get(work, "opportunity", deal), phase=phase)
    relations.link_many(work, [Link(c, "involved_in", deal, {"role": "buyer"}) for c in contacts])
    relations.link_many(work, [Link(q, "raised_for", deal) for q in quotes])
    relations.link_many(work, [Link(m, "about", deal) for m in meetings])
    relations.link_many(work, [Link(contacts[0], "participates_in", m) for m in meetings])
    relations.link_many(work, [Link(e, "fulfils_goal", a) for a in actions for e in (deal, target, contacts[0])])
    others = [{"name": "Other", "target": target} for _n in range(count)]
    relations.link_many(
        work, [Link(contacts[0], "involved_in", d) for d in entities.create_many(work, "opportunity", others)]
    )
    return {"opportunity": deal, "organisation": target, "contact": contacts[0]}


def bag(crm: Besace, type_key: str, entity: int) -> Shown:
    with crm.read() as work:
        return show(work, reading.get(work, type_key, entity))


@pytest.mark.parametrize(("type_key", "statements"), [("opportunity", 12), ("organisation", 9), ("contact", 10)])
def test_O8_a_bag_costs_the_same_whatever_is_in_it(
    crm: Besace, count_statements: Any, type_key: str, statements: int
) -> None:
    costs = []
    for count in (5, 50):
        entity = crm.write(lambda work, count=count: fill(work, count))[type_key]
        with crm.read() as work, count_statements(work) as seen:
            as_json(work, show(work, reading.get(work, type_key, entity)))
        costs.append(seen.count)
    assert costs == [statements] * 2


@pytest.mark.parametrize("type_key", list(BLOCKS))
def test_O8_everything_stands_in_the_bag_in_its_order(crm: Besace, type_key: str) -> None:
    entity = crm.write(lambda work: fill(work, 4))[type_key]
    assert list(bag(crm, type_key, entity).blocks) == list(BLOCKS[type_key])


def test_O8_a_deal_shows_its_contacts_products_documents_and_actions(crm: Besace, run: Any) -> None:
    deal = crm.write(lambda work: fill(work, 4))["opportunity"]
    told = run(crm, "opportunity", "show", str(deal), "--json").json["blocks"]
    assert [c["role"]["key"] for c in told["contacts"]] == ["buyer"] * 4
    assert told["offers"]["net"] == {"amount": "40.00", "currency": "EUR"}
    assert (told["documents"]["count"], told["actions"]["count"], len(told["phases"])) == (16, 4, 5)
    assert (told["activities"]["to_come_count"], told["notes"]["count"], told["files"]["count"]) == (4, 4, 0)
    assert told["actions"]["actions"][0]["state"] == "under_way"


def without(crm: Besace, plugin: str) -> Iterator[str]:
    """Disable a plugin and what needs it; their names."""
    for name in [*(n for n in PLUGINS if plugin in _requires(crm, n)), plugin]:
        crm.disable(name)
        yield name


def _requires(crm: Besace, name: str) -> tuple[str, ...]:
    needed: tuple[str, ...] = crm.host.module(name).requires
    return needed


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_E5_the_rest_of_each_bag_stands_while_a_plugin_is_disabled(
    crm: Besace, run: Any, plugin: str, language: str
) -> None:
    ids = crm.write(lambda work: fill(work, 2))
    gone = set(without(crm, plugin))
    for type_key, blocks in BLOCKS.items():
        if type_key not in crm.registry.types:
            continue
        assert list(bag(crm, type_key, ids[type_key]).blocks) == [k for k, p in blocks.items() if p not in gone]
        shown = run(crm, "--language", language, type_key, "show", str(ids[type_key]))
        assert (shown.exit_code, shown.stderr) == (0, "")
