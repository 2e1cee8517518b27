"""Settings of each kind: stored in their stable form, and read as the value that they are."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from besace import Money, Setting, kinds, settings, translator
from besace.errors import Refused

from .toys import plugin

_ = translator(__name__)

KINDS = {
    "rate": kinds.DecimalKind(),
    "fee": kinds.MoneyKind(),
    "opens": kinds.DateKind(),
    "seen": kinds.DateTimeKind(),
    "kept": kinds.BooleanKind(),
    "most": kinds.IntegerKind(),
    "word": kinds.TextKind(),
}
OFFICE = plugin(register_settings=lambda: [Setting(key, kind, _("Office")) for key, kind in KINDS.items()])


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("rate", "5.5", Decimal("5.5")),
        ("fee", "12.50", Money(Decimal("12.50"), "EUR")),
        ("opens", "2026-01-12", datetime.date(2026, 1, 12)),
        ("seen", "2026-01-12T09:30", datetime.datetime(2026, 1, 12, 9, 30, tzinfo=datetime.UTC)),
        ("kept", "no", False),
        ("most", "7", 7),
        ("word", "seven", "seven"),
    ],
)
def test_a_setting_is_read_as_the_value_that_was_set(make_install, entries, key, typed, value):
    crm = make_install(plugins={"office": OFFICE})
    kind = KINDS[key]
    assert crm.write(lambda work: settings.change(work, key, typed)) == value
    with crm.read() as work:
        assert work.setting(key) == value
        ((*_entry, told),) = entries(work)
    assert (told[key][0], kind.of_json(told[key][1])) == (None, value)


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        ("rate", '"many"'), ("fee", "5"), ("fee", '{"amount": "x", "currency": "EUR"}'), ("opens", "7"),
        ("seen", '"x"'), ("kept", "perhaps"), ("most", ""), ("word", "seven"),
    ],
)  # fmt: skip
def test_a_setting_that_was_written_past_the_program_is_told(make_install, damage, key, stored):
    crm = make_install(plugins={"office": OFFICE})
    damage(crm, f"INSERT INTO setting (key, value) VALUES ('{key}', '{stored}')")
    with crm.read() as work, pytest.raises(Refused, match=f'The setting "{key}" .* besace config set {key} VALUE'):
        work.setting(key)
    crm.write(lambda work: settings.change(work, key, ""))
    with crm.read() as work:
        assert work.setting(key) is None
