from __future__ import annotations

from pathlib import Path

import pytest

from besace import Besace
from besace.errors import BesaceError

from .tables import GADGETS, bring, stored

HEAD = 'type = "gadget"\n[identity]\ncolumn = "id"\n[fields]\nname = "name"\n'
LINKS = HEAD + "[[links]]\n"
NUMBER = HEAD + "number = "
KEEPER = HEAD + "keeper = { column = 'rank', look_up = "

WRONG = {
    "typ = 'gadget'": 'shop.toml: "type" is missing.',
    "type = 'gadged'": 'shop.toml: There is no type "gadged". Did you mean gadget?',
    "type = 'gadget'": "shop.toml: The table [identity] is missing.",
    "type = 'gadget'\n[identity]\ncolum = 'id'": "[identity]: One of column, constant and template",
    "type = 'gadget'\n[identity]\ncolumn = 'id'": "shop.toml, [fields]: It maps no field.",
    "type = 3\n": 'shop.toml: There is no type "3".',
    "type = ": "shop.toml is not a TOML file",
    HEAD + "nam = 'name'": 'shop.toml, [fields]: Gadget has no field "nam". Did you mean name?',
    HEAD + "serial = 'name'": "shop.toml, [fields]: Serial of Gadget cannot be set by hand.",
    HEAD + "version = 'name'": "shop.toml, [fields]: Version of Gadget cannot be set by hand.",
    HEAD + "external_id = 'name'": "shop.toml, [fields]: external_id is set by [identity].",
    NUMBER + "{ colum = 'number' }": "[fields.number]: One of column,",
    NUMBER + "{ column = 'number', constant = 1 }": "[fields.number]: One of column,",
    NUMBER + "{ column = 'number', fallbak = 1 }": '"fallbak" means nothing here. Did you mean fallback?',
    NUMBER + "7": '"number" must be a table.',
    NUMBER + "{ column = 'number', values = 3 }": '[fields.number]: "values" must be a table.',
    NUMBER + "{ column = 'number', empty = 3 }": '[fields.number]: "empty" must be a list of texts.',
    NUMBER + "{ template = '{number' }": 'is not a template.',
    NUMBER + "'num'": 'shop.csv has no column "num", which shop.toml names.',
    NUMBER + "{ template = '{nam}' }": 'no column "nam", which shop.toml names. Did you mean name?',
    NUMBER + "{ column = 'number', look_up = 'gadget' }": "[fields.number]: Number is no reference",
    KEEPER + "'gadgt' }": 'There is no type "gadgt". Did you mean gadget?',
    KEEPER + "{ create = true } }": "It does not say which type to look up.",
    KEEPER + "{ type = 'gadget', by = 'lable' } }": '"lable" means nothing here. Did you mean label?',
    KEEPER + "{ type = 'gadget', make = true } }": '"make" means nothing here.',
    KEEPER + "{ type = 'gadget', create = 1 } }": '"create" must be true or false.',
    KEEPER + "{ type = 'gadget', create = true, set = { x = 1 } } }": 'Gadget has no field "x".',
    HEAD + "[columns.nam]\nfallback = 'x'": 'no column "nam", which shop.toml names. Did you mean name?',
    HEAD + "[columns.name]\nfalback = 'x'": '"falback" means nothing here. Did you mean fallback?',
    LINKS + "relation = 'hold'\ncolumn = 'rank'": '[links]: There is no relation "hold". Did you mean holds?',
    LINKS + "column = 'rank'": 'shop.toml, [links]: "relation" is missing.',
    LINKS + "relation = 'holds'\ncolumn = 'rank'\nlook_up = 'user'": '"user" means nothing here.',
    LINKS + "relation = 'knows'\nconstant = 1\nattributes = { not = 1 }": "Did you mean note?",
    "empty_cells = 'drop'\n" + HEAD: '"drop" means nothing here. There are: keep, clear.',
    "delimiter = ';;'\n" + HEAD: '";;" cannot separate columns.',
    "colour = 'red'\n" + HEAD: 'shop.toml: "colour" means nothing here.',
}  # fmt: skip


@pytest.mark.parametrize(("mapping", "sentence"), WRONG.items())
def test_a_wrong_mapping_is_refused_with_near_names(crm: Besace, tmp_path: Path, mapping: str, sentence: str) -> None:
    with pytest.raises(BesaceError) as caught:
        bring(crm, tmp_path, "a,Bell,,,,\n", mapping)
    assert sentence in str(caught.value)
    assert caught.value.exit_code == 2
    assert stored(crm) == []


def test_a_short_entry_names_the_column(crm: Besace, tmp_path: Path) -> None:
    long = GADGETS.replace('name = "name"', 'name = { column = "name" }')
    bring(crm, tmp_path, "a,Bell,,,,\n", long)
    assert bring(crm, tmp_path, "a,Bell,,,,\n", GADGETS).unchanged == 1


def test_the_system_may_stand_in_a_column(crm: Besace, tmp_path: Path) -> None:
    mapping = GADGETS.replace('system = "shop"', 'system_column = "rank"').replace('rank = "rank"', "")
    result = bring(crm, tmp_path, "a,Bell,,,,erp\na,Drum,,,,web\na,Horn,,,,\n", mapping)
    assert (result.created, result.failed) == (2, 1)
    assert [(r["external_system"], r["external_id"]) for r in stored(crm)] == [("erp", "a"), ("web", "a")]
