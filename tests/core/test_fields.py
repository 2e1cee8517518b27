from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from besace import Money, entities, parts, reading
from besace.errors import BesaceError, InvalidValue, Refused, UsageError
from besace.model import SYSTEM_FIELDS

from .toys import EVERY_VALUE, Gadget, Line

STORED = {
    "name": "Été",
    "notes": "one\ntwo",
    "number": 7,
    "size": Decimal("1.250"),
    "price": Money(Decimal("1200.50"), "EUR"),
    "cost": Money(Decimal("-3.00"), "EUR"),
    "made_on": date(2026, 1, 31),
    "seen_at": datetime(2026, 1, 31, 7, 30, tzinfo=UTC),
    "shiny": True,
    "colour": "red",
    "rank_key": "low",
    "mail": "a@example.com",
    "phone": "+33 1 23 45 67 89",
    "site": "https://example.com/x",
    "code": "AB",
    "counted": "gadget",
    "rule": ["and", ["is", "won"], [">", "price", "3"]],
}


def test_every_kind_reads_what_a_person_types_and_gives_it_back(crm):
    made = crm.write(lambda work: entities.create(work, "gadget", **EVERY_VALUE).id)
    with crm.read() as work:
        gadget = reading.get(work, "gadget", made)
        assert {key: getattr(gadget, key) for key in STORED} == STORED


def test_every_field_of_the_toy_type_is_in_the_tables_of_these_tests():
    references_and_read_only = {"keeper", "friend", "serial"}
    assert set(EVERY_VALUE) | references_and_read_only == set(Gadget.__fields__)


def test_every_kind_takes_its_own_type_from_code(crm):
    own = {key.removesuffix("_key"): value for key, value in STORED.items()}
    made = crm.write(lambda work: entities.create(work, "gadget", **own).id)
    with crm.read() as work:
        gadget = reading.get(work, "gadget", made)
        assert {key: getattr(gadget, key) for key in STORED} == STORED


@pytest.mark.parametrize("key", sorted(Gadget.__fields__))
def test_every_field_but_the_required_and_yes_or_no_can_be_emptied(crm, gadget, key):
    made = gadget(**{**EVERY_VALUE, "keeper": 1, "friend": 1})

    def empty(work):
        return entities.edit(work, reading.get(work, "gadget", made), unlock=(key,), **{key: ""})

    if key == "name":
        with pytest.raises(Refused, match=r"Name is required"):
            crm.write(empty)
        return
    crm.write(empty)
    with crm.read() as work:
        expected = False if key == "shiny" else None
        assert getattr(reading.get(work, "gadget", made), Gadget.__fields__[key].column) is expected


WRONG = [
    ("name", "one\ntwo", "Name: This text must be a single line."),
    ("name", "a\x00b", "Name: This text has a character that cannot be stored."),
    ("name", "a\udc80b", "Name: This text has a character that cannot be stored."),
    ("name", "x" * 201, "Name: a text of 201 characters is too long; at most 200"),
    ("name", 3, "Name: 3 is not a value for this field."),
    ("name", "forbidden", "A gadget cannot be called so."),
    ("notes", "x" * 100_001, "Notes: a text of 100001 characters"),
    ("number", "seven", 'Number: "seven" is not a whole number. Expected for example 20.'),
    ("number", "1.5", 'Number: "1.5" is not a whole number.'),
    ("number", "9" * 30, "is not a whole number"),
    ("number", "1001", "Number: 1001 is above the maximum of 1000."),
    ("number", -1001, "Number: -1001 is below the minimum of -1000."),
    ("number", True, "Number: True is not a value"),
    ("number", 2**70, "Number: "),
    ("size", "big", 'Size: "big" is not a number. Expected for example 12.5.'),
    ("size", "1.2345", 'Size: "1.2345" cannot be kept exactly. Expected at most 3 decimals.'),
    ("size", "NaN", "is not a number"),
    ("size", "1e999999999", "cannot be kept exactly"),
    ("size", "1e-999999999", "cannot be kept exactly"),
    ("size", "1." + "0" * 40 + "1", "cannot be kept exactly"),
    ("size", 1.5, "Size: 1.5 is not a value for this field."),
    ("price", "a lot", 'Price: "a lot" is not an amount. Expected for example 12000, 12000.50 or 12000EUR.'),
    ("price", "1.234", "Price: 1.234 EUR has more decimals than the currency. Expected at most 2 decimals."),
    ("price", "1XXZ", 'Price: "XXZ" is not a currency.'),
    ("price", "-1", "Price: -€1.00 is below the minimum of 0."),
    ("price", 1.5, "Price: 1.5 is not a value for this field."),
    ("price", "9" * 40, "is too large an amount"),
    ("made_on", "31/01/2026", 'Made on: "31/01/2026" is not a date. Expected YYYY-MM-DD.'),
    ("made_on", "2026-02-30", 'Made on: "2026-02-30" is not a date.'),
    ("made_on", datetime(2026, 1, 1, tzinfo=UTC), "Made on: "),
    ("seen_at", "noon", 'Seen at: "noon" is not a date and time. Expected for example 2026-03-14T09:30.'),
    ("seen_at", "0001-01-01T00:00+14:00", "is not a date and time"),
    ("seen_at", datetime(2026, 1, 1), "Seen at: "),
    ("shiny", "perhaps", 'Shiny: "perhaps" is neither yes nor no. Expected yes or no.'),
    ("shiny", 1, "Shiny: 1 is not a value for this field."),
    ("colour", "rde", 'Colour: "rde" is not one of the choices. Did you mean red?'),
    ("rank", "lwo", 'Rank: "lwo" is not in the list rank. Did you mean low?'),
    ("keeper", "gadget:Nobody", 'Keeper: There is no Gadget called "Nobody".'),
    ("keeper", 999, "There is no entity 999."),
    ("friend", "somebody", 'Friend: "somebody" does not name an entity.'),
    ("mail", "a@b", 'Mail: "a@b" is not an e-mail address. Expected name@example.com.'),
    ("mail", "a\x00@example.com", "Mail: This text has a character"),
    ("phone", "call me", 'Phone: "call me" is not a telephone number.'),
    ("site", "javascript:alert(1)", "is not a web address. Expected https://example.com."),
    ("site", "http://[", "is not a web address"),
    ("code", "toolong", "Code: a text of 7 characters is too long; at most 5 are kept."),
    ("counted", "gadgets", 'Counted type: There is no type "gadgets". Did you mean gadget?'),
    ("rule", "price >", "Rule: Expected a value here."),
    ("owner", "gadget:x", "Owner: "),
    ("currency", "EURO", '"EURO" is not a currency.'),
]


@pytest.mark.parametrize(("key", "value", "sentence"), WRONG)
def test_a_wrong_value_gives_a_sentence_and_stores_nothing(crm, key, value, sentence):
    with pytest.raises(BesaceError) as refused:
        crm.write(lambda work: entities.create(work, "gadget", **{"name": "Bell", key: value}))
    assert sentence in str(refused.value)
    with crm.read() as work:
        assert reading.count(work, work.crm.registry.type("gadget"))[0].count == 0


def test_every_field_has_a_wrong_value_in_these_tests():
    assert set(Gadget.__fields__) - {key for key, _value, _sentence in WRONG} == {"cost", "serial"}


def test_bounds_are_included(gadget):
    assert gadget(number="1000", price="0")
    assert gadget(number="-1000")


def test_a_reference_takes_only_the_types_of_its_field(both):
    with both.write() as work:
        widget = entities.create(work, "widget", title="Wheel")
        assert entities.create(work, "gadget", name="Bell", friend=widget).friend.label == "Wheel"
        with pytest.raises(
            Refused, match=r'Keeper cannot be Widget \d+ "Wheel". Expected one of these types: gadget, user'
        ):
            entities.create(work, "gadget", name="Bell", keeper=widget)


def test_an_unknown_field_is_refused_with_near_names(crm):
    with pytest.raises(UsageError, match=r'There is no field "nam" here. Did you mean name'):
        crm.write(lambda work: entities.create(work, "gadget", nam="Bell"))


@pytest.mark.parametrize("key", ["serial", "id", "label", "version", "created_at", "modified_at"])
def test_a_read_only_field_is_set_by_operations_alone(crm, key):
    with pytest.raises(Refused, match=r"cannot be set by hand"):
        crm.write(lambda work: entities.create(work, "gadget", name="Bell", **{key: "7"}))


def test_an_operation_unlocks_a_read_only_field(crm):
    with crm.write() as work:
        gadget = entities.create(work, "gadget", name="Bell", serial="S1", unlock=("serial",))
        assert gadget.serial == "S1"


@pytest.mark.parametrize("name", ["id", "label", "type", "owner", "version", "position", "metadata"])
def test_a_field_cannot_take_the_name_of_what_every_entity_has(name):
    from besace import Entity, fields

    with pytest.raises(TypeError, match=name):
        type(f"With{name}", (Entity,), {name: fields.text("X"), "__module__": __name__}, type="with_it")


@pytest.mark.parametrize("key", ["Gadget", "a-b", "", "9a", "a" * 61])
def test_a_type_key_is_lower_case_letters_digits_and_underscores(key):
    from besace import Entity

    with pytest.raises(TypeError, match="cannot be the key"):
        type("Wrong", (Entity,), {"__module__": __name__}, type=key)


@pytest.mark.parametrize(
    ("key", "english", "french"),
    [
        ("number", "7", "7"),
        ("size", "1.250", "1,250"),
        ("price", "€1,200.50", "1\N{NARROW NO-BREAK SPACE}200,50\N{NO-BREAK SPACE}€"),
        ("made_on", "2026-01-31", "2026-01-31"),
        ("seen_at", "2026-01-31 07:30 UTC", "2026-01-31 07:30 UTC"),
        ("colour", "Red", "Red"),
        ("rule", "won and price > 3", "won and price > 3"),
        ("mail", "a@example.com", "a@example.com"),
    ],
)
def test_every_kind_is_shown_in_the_readers_language(key, english, french):
    kind, value = Gadget.__fields__[key].kind, STORED[key]
    assert kind.show(value, "en").replace("\N{NO-BREAK SPACE}", " ") in (english, english.rstrip("0"))
    spaces = str.maketrans({"\N{NARROW NO-BREAK SPACE}": " ", "\N{NO-BREAK SPACE}": " "})
    assert kind.show(value, "fr").translate(spaces) in (french.translate(spaces), french.rstrip("0"))


def test_yes_and_no_are_read_in_both_languages(gadget, crm):
    ids = [gadget(shiny=word) for word in ("yes", "OUI", "true", "vrai")]
    none = [gadget(shiny=word) for word in ("no", "non", "False", "faux", None)]
    with crm.read() as work:
        rows = {g.id: g.shiny for g in reading.page(work, work.crm.registry.type("gadget"))}
    assert rows == dict.fromkeys(ids, True) | dict.fromkeys(none, False)


def test_a_moment_of_another_zone_is_the_same_moment(crm, gadget):
    zone = timezone(timedelta(hours=5))
    made = gadget(seen_at=datetime(2026, 1, 1, 2, tzinfo=zone))
    with crm.read() as work:
        assert reading.get(work, "gadget", made).seen_at == datetime(2025, 12, 31, 21, tzinfo=UTC)


def test_decimals_stand_in_the_database_as_whole_numbers(crm, gadget):
    gadget(size="0.001", price="0.10")
    with crm.read() as work:
        row = work.execute(sa.text("SELECT size, price FROM gadget")).one()
    assert [(value, type(value)) for value in row] == [(1, int), (10, int)]


def test_O7_all_amounts_of_an_entity_are_in_its_currency(crm):
    with pytest.raises(Refused, match=r"Cost: \$3.00 is not in EUR, the currency of all its amounts"):
        crm.write(lambda work: entities.create(work, "gadget", name="Bell", price="3EUR", cost="3USD"))


def test_O7_the_first_amount_that_names_a_currency_gives_it(crm, gadget):
    made = gadget(price="3USD", cost="4")
    with crm.read() as work:
        found = reading.get(work, "gadget", made)
        assert (found.currency, str(found.cost)) == ("USD", "4.00 USD")


def test_O7_a_currency_is_checked_and_written_in_capitals(crm, gadget):
    made = gadget(currency="usd")
    with pytest.raises(InvalidValue, match='"XYZ" is not a currency'):
        crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), currency="xyz"))
    crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", made), currency="jpy"))
    with crm.read() as work:
        assert reading.get(work, "gadget", made).currency == "JPY"


def test_O7_a_currency_stays_while_amounts_are_in_it(crm, gadget):
    own, in_part = gadget(price="3"), gadget()
    crm.write(lambda work: parts.add(work, Line, in_part, what="x", amount="12.50"))
    for made in (own, in_part):
        with pytest.raises(Refused, match=r"currency"):
            crm.write(lambda work, made=made: entities.edit(work, reading.get(work, "gadget", made), currency="JPY"))


def test_an_external_id_belongs_to_one_entity(crm, gadget):
    first = gadget(external_system="old", external_id="7")
    gadget(external_system="other", external_id="7")
    with pytest.raises(Refused, match=rf'Gadget {first} "Bell" already has the external id 7'):
        gadget(external_system="old", external_id="7")
    with pytest.raises(Refused, match=r"already has the external id 8"):
        crm.write(lambda work: entities.create_many(work, "gadget", [{"name": "x", "external_id": "8"}] * 2))


def test_system_fields_have_labels():
    assert all(str(field.label) for field in SYSTEM_FIELDS.values())


def test_something_must_name_a_row(make_install):
    from besace import Entity, fields

    from .toys import plugin

    Nameless = type(
        "Nameless",
        (Entity,),
        {"x": fields.text("X", names_row=True), "__annotations__": {"x": str | None}},
        type="nameless",
    )
    crm = make_install(plugins={"p": plugin(register_entity_types=lambda: [Nameless])})
    with pytest.raises(Refused, match=r"required|something must name it"):
        crm.write(lambda work: entities.create(work, "nameless"))


def test_prepare_completes_the_values_by_every_door(crm, gadget):
    made = gadget(rank="high")
    late = gadget()
    crm.write(lambda work: entities.edit(work, reading.get(work, "gadget", late), rank="high"))
    with crm.read() as work:
        days = [reading.get(work, "gadget", i).made_on for i in (made, late)]
        assert days == [work.today, work.today]
