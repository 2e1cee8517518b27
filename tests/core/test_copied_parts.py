from __future__ import annotations

from typing import Any

import pytest

from besace import Part, entities, fields, lists, parts
from besace.errors import Refused
from besace.layouts import lay_out_history
from besace.reading import get, parts_of

from .toys import Line, Sticker


def copied(work: Any, source: int, **values: Any) -> Any:
    """A gadget with the parts of another, and its lines."""
    made = entities.create(work, "gadget", name="Second", **values)
    parts.copy(work, get(work, "gadget", source), made)
    return made, parts_of(work, Line, [made.id])


def test_the_fields_that_a_part_names_are_copied_and_the_others_begin_anew(crm: Any, gadget: Any) -> None:
    first = gadget()
    given = {"what": "wood", "quantity": 2, "amount": "3.50", "rank": "low", "day": "2026-01-01", "done": True}
    crm.write(lambda work: parts.add(work, Line, first, secret="s", unlock=("secret",), **given))
    with crm.write() as work:
        _made, (line,) = copied(work, first)
        assert (line.what, line.quantity, str(line.amount), line.rank_key) == ("wood", 2, "3.50 EUR", "low")
        assert (line.day, line.done, line.secret) == (work.today, False, None)


def test_a_part_that_names_no_field_is_not_copied(both: Any) -> None:
    first = both.write(lambda work: entities.create(work, "gadget", name="First").id)
    both.write(lambda work: parts.add(work, Sticker, first, text="mine"))
    with both.write() as work:
        made, lines = copied(work, first)
        assert (lines, parts_of(work, Sticker, [made.id])) == ([], [])


def test_a_copy_keeps_what_a_new_part_could_not_have(crm: Any, gadget: Any) -> None:
    first = gadget()
    crm.write(lambda work: parts.add(work, Line, first, what="wood", rank="low"))
    crm.write(lambda work: lists.edit(work, "rank", "low", disabled=True))
    with crm.write() as work:
        _made, (line,) = copied(work, first)
        assert line.rank_key == "low"
    with pytest.raises(Refused, match="is disabled in the list"):
        crm.write(lambda work: parts.add(work, Line, first, what="wood", rank="low"))


def test_amounts_are_not_copied_into_another_currency(crm: Any, gadget: Any) -> None:
    first = gadget()
    crm.write(lambda work: parts.add(work, Line, first, what="wood", amount=3))
    with pytest.raises(Refused, match=r"Amount: €3\.00 is not in USD"):
        crm.write(lambda work: copied(work, first, currency="USD"))


def test_E1_both_histories_say_what_was_copied(crm: Any, gadget: Any) -> None:
    from besace.crud import operations_of

    first = gadget("First")
    crm.write(lambda work: parts.add(work, Line, first, what="wood"))
    second = crm.write(lambda work: copied(work, first)[0].id)
    with crm.read() as work:
        history = operations_of(work.crm.registry.type("gadget"))["history"].run
        told = [
            {str(row[2]) for row in lay_out_history(work, history(work, get(work, "gadget", i))).rows}
            for i in (first, second)
        ]
    assert "copied to Second" in told[0]
    assert {"copied from First", "added: Line 5"} < told[1]


def test_a_part_cannot_name_a_field_that_it_lacks() -> None:
    with pytest.raises(TypeError, match='Odd has no field "size" to be copied'):

        class Odd(Part, of="gadget", key="odd", copied=("size",)):
            """A part whose author mistyped a name."""

            what = fields.text("What")
