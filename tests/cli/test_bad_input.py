"""Bad input gets a sentence that says what is wrong and what to do, an exit code, and nothing stored."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from besace import Besace

from .conftest import Run, dump

UNKNOWN = {
    "sample show 999": (1, ["Sample", "999"]),
    "sample show 99999999999999999999999": (1, ["99999999999999999999999"]),
    "show 999": (1, ["999"]),
    "show nothing": (2, ['"nothing"', "TYPE:LABEL"]),
    "show nothing:at-all": (2, ["nothing", "organisation"]),
    "sample show Drum": (1, ["Sample", '"Drum"', "besace search Drum"]),
    "sample show contact:Ann": (2, ["Contact", "sample"]),
    "sample show organisation:SNCF": (2, ["Organisation", "sample"]),
    "sample show opportunity:Rail": (2, ["Opportunity", "sample"]),
    "organisation show 1": (1, ["Organisation", "User", '"alice"']),
    "organisation show Twin": (1, ['"Twin"', "organisation:Twin (3)", "organisation:Twin (4)", "id"]),
    "show organisation:Twin": (1, ["organisation:Twin (3)", "organisation:Twin (4)"]),
    "opportunity create --name X --target Twin": (1, ["Target", "organisation:Twin (3)"]),
    "opportunity create --name X --target 999": (1, ["Target", "999"]),
    "opportunity create --name X --target user:alice": (2, ["Target", "User", "organisation, contact"]),
    "sample edit 999 --name X": (1, ["999"]),
    "sample delete 999": (1, ["999"]),
    "sample restore sample:Bell": (1, ['"Bell"']),
    "sample purge sample:Bell": (1, ['"Bell"']),
    "sample history 999": (1, ["999"]),
    "slice add 999 --what X": (1, ["SAMPLE", "999"]),
    "slice list opportunity:Rail": (2, ["Opportunity"]),
    "slice edit 999 --what X": (1, ["Slice", "999"]),
    "slice edit nine --what X": (2, ['"nine"', "id"]),
    "slice remove 999": (1, ["Slice", "999"]),
    "related 999": (1, ["999"]),
    "user disable carol": (1, ["User", '"carol"']),
    "user disable alice": (1, ["act"]),
    "user delete alice": (1, ["act"]),
    "user create --name bob": (1, ["bob", "another name"]),
}

WORDS = {
    "nope": (2, ['"nope"', "See them all with: besace --help"]),
    "sampel list": (2, ['"sampel"', "Did you mean sample"]),
    "sample liste": (2, ['"liste"', "Did you mean list"]),
    "sample nope": (2, ['"nope"', "create"]),
    "slice history 1": (2, ['"history"', "add"]),
    "phase-change add 1": (2, ['"add"', "list"]),
    "plugin nope": (2, ['"nope"', "enable"]),
    "sample": (2, ["Usage: besace sample"]),
    "sample list --nope": (2, ["--nope"]),
    "sample create": (2, ["--name"]),
    "sample create --name X --serial 1": (2, ["--serial"]),
    "sample list extra": (2, ["extra"]),
    "sample show": (2, ["REF"]),
    "link 1 likes": (2, ["OBJECT"]),
    "opportunity correct opportunity:Gone --phase proposal": (2, ["--reason"]),
    "sample list --sort nope": (2, ['"nope"', "notes"]),
    "sample list --sort=-nope": (2, ['"nope"', "notes"]),
    "sample list --columns nope": (2, ['"nope"', "notes"]),
    "sample list --columns ,": (2, ['""', "name"]),
    "sample list --columns name,,price": (2, ['""', "name"]),
    "sample list --limit 0": (2, ["--limit 1"]),
    "sample list --limit=-5": (2, ["--limit 1"]),
    "sample list --limit many": (2, ["--limit", '"many"']),
    "sample list --limit 99999999999999999999": (2, ["--limit", "99999999999999999999"]),
    "sample list --after x": (2, ["--after", '"x"']),
    "sample list --after 999 --sort name": (1, ["999"]),
    "related sample:Bell --limit 0": (2, ["--limit"]),
    "search Bell --limit 0": (2, ["--limit"]),
    "search ''": (2, ["word"]),
    "sample count --by nope": (2, ['"nope"']),
    "sample count --by price": (2, ["currencies"]),
    "sample count --by friend.price": (2, ["friend.price", "label"]),
    "sample count --sum nope": (2, ['"nope"']),
    "sample count --sum name": (2, ["Name", "number", "worth"]),
    "type show nope": (2, ['"nope"', "sample"]),
    "related 1 --type nope": (2, ['"nope"', "sample"]),
    "related 1 --relation nope": (2, ['"nope"', "likes"]),
    "list show nope": (2, ['"nope"', "grade"]),
    "list add grade low --label Low": (1, ['"low"', "besace list edit grade low"]),
    "list add grade 'Bad key' --label X": (2, ['"Bad key"', "lower-case"]),
    "list add grade best --set nope=1": (2, ['"nope"', "points"]),
    "list add grade best --set points": (2, ['"points"', "KEY=VALUE"]),
    "list add grade best --set points=-1": (1, ["Points", "-1", "0"]),
    "list add grade best --order x": (2, ["--order"]),
    "list add grade best --order 99999999999999999999": (2, ["99999999999999999999"]),
    "list edit grade low --order=-99999999999999999999": (2, ["-99999999999999999999"]),
    f"list edit grade low --label {'x' * 201}": (2, ["200"]),
    "list add grade best --label 'two\nlines'": (2, ["one line"]),
    "list add grade best --label 'a\x00b'": (2, ["cannot be stored"]),
    "sample show 'a\udc80b'": (2, ["UTF-8"]),
    "search 'a\udc80b'": (2, ["UTF-8"]),
    "list edit grade nope --label X": (1, ['"nope"', "low"]),
    "list disable grade nope": (1, ['"nope"']),
    "list edit sales_phase lost --set outcome=won": (1, ['"lost"', "in use"]),
    "config set nope 1": (2, ['"nope"', "currency"]),
    "config set most many": (2, ["Most", '"many"']),
    "config set currency ZZZ": (2, ["ZZZ", "ISO 4217"]),
    "config set language de": (2, ['"de"', "fr"]),
    "config set own_organisation sample:Bell": (2, ["Sample", "organisation"]),
}

VALUES = {
    "--number abc": (2, ["Number", '"abc"', "20"]),
    "--number 1001": (1, ["Number", "1001", "1000"]),
    "--number=-1001": (1, ["Number", "-1001", "-1000"]),
    "--number 99999999999999999999": (2, ["Number", "99999999999999999999"]),
    "--number 1.5": (2, ["Number", '"1.5"']),
    "--size 1.2345": (2, ["Size", "1.2345", "3 decimals"]),
    "--size NaN": (2, ["Size", "NaN"]),
    "--size Infinity": (2, ["Size", "Infinity"]),
    "--size 1e500": (2, ["Size", "1e500"]),
    "--size 1,5": (2, ["Size", "1,5"]),
    "--price abc": (2, ["Price", '"abc"', "12000EUR"]),
    "--price 1.234": (2, ["Price", "1.234", "2 decimals"]),
    "--price=-1": (1, ["Price", "1.00", "minimum"]),
    "--price 12ZZZ": (2, ["Price", '"ZZZ"', "ISO 4217"]),
    "--price 99999999999999999999999": (2, ["Price", "99999999999999999999999"]),
    "--price 1EUR --cost 1USD": (1, ["Cost", "EUR", "--currency"]),
    "--price 1EUR --currency USD": (1, ["Price", "USD", "--currency"]),
    "--currency ZZZ": (2, ["ZZZ", "ISO 4217"]),
    "--made-on 2026-02-30": (2, ["Made on", "2026-02-30", "YYYY-MM-DD"]),
    "--made-on tomorrow": (2, ["Made on", '"tomorrow"', "YYYY-MM-DD"]),
    "--made-on 14/03/2026": (2, ["Made on", "14/03/2026", "YYYY-MM-DD"]),
    "--made-on 20260314": (2, ["Made on", "20260314"]),
    "--seen-at whenever": (2, ["Seen at", '"whenever"', "2026-03-14T09:30"]),
    "--seen-at 0001-01-01T00:00+14:00": (2, ["Seen at", "0001-01-01"]),
    "--shiny maybe": (2, ["Shiny", '"maybe"', "yes or no"]),
    "--colour green": (2, ["Colour", '"green"', "red, blue"]),
    "--grade nope": (2, ["Grade", '"nope"', "low, high"]),
    "--friend nope": (1, ["Friend", '"nope"']),
    "--friend 1": (1, ["Friend", "User", "alice"]),
    "--friend user:alice": (2, ["Friend", "User", "sample"]),
    "--mail nope": (2, ["Mail", '"nope"', "name@example.com"]),
    "--mail 'a b@c.fr'": (2, ["Mail", "a b@c.fr"]),
    "--phone x": (2, ["Phone", '"x"', "+33"]),
    "--site 'a b'": (2, ["Site", '"a b"', "https://example.com"]),
    "--site ftp://example.com": (2, ["Site", "ftp://example.com"]),
    "--owner carol": (1, ["Owner", '"carol"']),
    "--owner sample:Bell": (2, ["Owner", "Sample", "user"]),
    f"--name {'x' * 101}": (1, ["Name", "101", "100"]),
    f"--phone {'1' * 50}": (2, ["Phone"]),
    f"--mail {'x' * 260}@example.com": (1, ["Mail", "254"]),
    f"--external-system {'x' * 61}": (1, ["External system", "60"]),
    "--name ' '": (1, ["Name", "--name"]),
    "--name 'two\nlines'": (2, ["Name", "single line"]),
    "--name 'a\x00b'": (2, ["Name", "cannot be stored"]),
    "--notes 'a\x00b'": (2, ["Notes", "cannot be stored"]),
    "--name 'a\udc80b'": (2, ["UTF-8"]),
}
"""What is given to `sample create` beside a name, and to `sample edit`."""

RULES = {
    "opportunity edit opportunity:Rail --expected-revenue 5USD": (1, ["Expected revenue", "EUR"]),
    "opportunity edit opportunity:Rail --final-revenue 5": (1, ["final revenue", "--expected-revenue"]),
    "opportunity win opportunity:Rail --final-revenue 5USD": (1, ["Final revenue", "EUR"]),
    "opportunity move opportunity:Gone --phase negotiation": (
        1,
        ['"Gone"', "lost", "Negotiation", "besace opportunity follow-up"],
    ),
    "opportunity edit opportunity:Gone --phase negotiation": (1, ['"Gone"', "lost", "follow-up"]),
    "opportunity win opportunity:Gone": (1, ['"Gone"', "lost", "follow-up"]),
    "opportunity lose opportunity:Gone": (1, ['"Gone"', "already lost"]),
    "opportunity cancel opportunity:Gone": (1, ['"Gone"', "lost"]),
    "opportunity follow-up opportunity:Rail": (1, ['"Rail"', "open", "move"]),
    "opportunity correct opportunity:Rail --phase won --reason x": (1, ['"Rail"', "open"]),
    "opportunity correct opportunity:Gone --phase lost --reason x": (1, ['"Gone"', '"Lost"']),
    "opportunity correct opportunity:Gone --phase won --reason ' '": (2, ["--reason"]),
    "opportunity move opportunity:Rail --phase nope": (2, ['"nope"', "proposal"]),
    "opportunity lose opportunity:Rail --reason nope": (2, ['"nope"', "price"]),
    "opportunity win opportunity:Rail --on soon": (2, ["--on", '"soon"']),
    "opportunity create --name X --target organisation:SNCF --probability 101": (1, ["Probability", "101", "100"]),
    "opportunity edit opportunity:Rail --if-version 0 --name X": (1, ['"Rail"', "version 0", "version 1", "history"]),
    "opportunity edit opportunity:Rail --if-version 77 --name X": (1, ["version 77", "version 1"]),
    "opportunity edit opportunity:Rail --if-version one --name X": (2, ["--if-version", '"one"']),
    "sample edit sample:Bell --price 5USD": (1, ["Price", "EUR"]),
    "sample edit sample:Bell --currency USD": (1, ["Price", "USD"]),
    "sample edit sample:Bell --clear name": (1, ["Name", "required"]),
    "sample edit sample:Bell --clear nope": (2, ['"nope"', "notes"]),
    "sample edit sample:Bell --clear serial": (1, ["Serial", "besace sample --help"]),
    "sample edit sample:Bell --clear currency": (1, ["Currency", "required"]),
    "sample edit sample:Bell --clear version": (1, ["Version"]),
    "sample edit sample:Bell --clear number --number 4": (2, ["Number", "--clear number"]),
    "link sample:Bell likes sample:Bell": (1, ['"Bell"', "itself"]),
    "link sample:Bell nope sample:Whistle": (2, ['"nope"', "likes"]),
    "link user:alice cut-from sample:Bell": (1, ['"alice"', '"is cut from"', "sample"]),
    "link sample:Bell cut-from user:alice": (1, ['"alice"', '"is cut from"', "sample"]),
    "link sample:Bell likes 999": (1, ["999"]),
    "link sample:Bell fulfils-goal opportunity:Rail": (1, ["Rail", "commercial_action"]),
    "link sample:Bell likes sample:Whistle --set role": (2, ['"role"', "KEY=VALUE"]),
    "link sample:Bell likes sample:Whistle --set nope=1": (2, ['"nope"', "note"]),
    "link sample:Bell likes sample:Whistle --set role=nope": (2, ["Role", '"nope"', "low, high"]),
    "link sample:Bell likes sample:Whistle --set note=12345678901": (1, ["Note", "11", "10"]),
    "unlink sample:Bell nope sample:Whistle": (2, ['"nope"', "likes"]),
    "commercial-action create --title X --start-date 2026-03-02 --end-date 2026-03-01": (
        1,
        ["2026-03-01", "2026-03-02"],
    ),
    "commercial-action edit commercial_action:Fair --end-date 2026-02-01": (1, ["2026-02-01"]),
    "objective add commercial_action:Fair --name X --target 3 --count nope": (2, ['"nope"', "opportunity"]),
    "objective add commercial_action:Fair --name X --target 3 --count opportunity --condition nope": (
        2,
        ["Opportunity", '"nope"', "open"],
    ),
    "objective add commercial_action:Fair --name X --target 3 --count opportunity --where 'phase = nope'": (
        2,
        ['"nope"'],
    ),
    "objective add commercial_action:Fair --name X --target 3 --count opportunity --sum nope": (2, ['"nope"', "final"]),
    "objective add commercial_action:Fair --name X --target 3 --counter nope": (2, ['"nope"']),
    "objective add commercial_action:Fair --name X --target 0": (1, ["0"]),
    "objective add commercial_action:Fair --name X --target many": (2, ['"many"']),
    "objective add organisation:SNCF --name X --target 3": (2, ["Organisation", "commercial_action"]),
    "objective adjust 999 --by 1": (1, ["999"]),
    "objective explain 999": (1, ["999"]),
}

PLUGINS = {
    "plugin enable nope": (1, ['"nope"', "persons"]),
    "plugin enable persons nope": (1, ['"nope"']),
    "plugin enable demo": (1, ['"demo"', '"documents"', "besace plugin enable documents"]),
    "plugin disable nope": (1, ['"nope"']),
    "plugin disable core": (1, ["core"]),
    "plugin disable persons": (1, ['"persons"', '"opportunities"', "besace plugin disable opportunities"]),
    "plugin info nope": (1, ['"nope"', "persons"]),
    "plugin upgrade nope": (1, ['"nope"', "persons"]),
    "plugin upgrade documents": (1, ['"documents"', "besace plugin enable documents"]),
}

ALL = {**UNKNOWN, **WORDS, **RULES, **PLUGINS}
ALL |= {f"sample create --name X {given}": told for given, told in VALUES.items()}
ALL |= {f"sample edit sample:Bell {given}": told for given, told in VALUES.items() if "EUR --" not in given}


def check(shop: Besace, run: Run, words: list[str], code: int, names: list[str], **options: Any) -> None:
    """The command gives this exit code, a sentence with these names, the same as JSON, and stores nothing."""
    before = dump(shop)
    ran = run(shop, *words, "--json", **options)
    assert ran.exit_code == code, ran
    told = ran.stderr
    assert [n for n in names if n not in told] == []
    assert "Traceback" not in told
    error = ran.json["error"]
    assert error.keys() == {"code", "message", "hint"}
    assert error["message"] in told
    assert error["hint"] is None or error["hint"] in told
    assert dump(shop) == before


@pytest.mark.parametrize("line", ALL, ids=lambda line: ascii(line)[1:-1][:80])
def test_bad_input_is_told_and_nothing_is_stored(shop: Besace, run: Run, line: str) -> None:
    code, names = ALL[line]
    check(shop, run, shlex.split(line), code, names)


@pytest.mark.parametrize(
    ("where", "names", "place"),
    [
        ("number >= 3 and", ["Expected a field"], 15),
        ("nuber >= 3", ['"nuber"', "number"], 0),
        ("number > 1 and price >= lots", ['"lots"', "amount"], 24),
        ("grade = nope", ['"nope"', "low, high"], 8),
        ("friend.nope = 1", ['"nope"'], 0),
        ("number ~~ 3", [], 8),
        ("(number = 3", [], 11),
        ("dear and deer", ['"deer"', "dear"], 9),
        ("made_on < 2026-02-30", ["2026-02-30"], 10),
        ("number in ()", [], 11),
        ("name = 'Bell", ["closing quotation mark"], 7),
        ("number = 99999999999999999999", ["99999999999999999999"], 9),
    ],
)
def test_a_condition_that_does_not_parse_is_shown_with_the_place(
    shop: Besace, run: Run, where: str, names: list[str], place: int
) -> None:
    check(shop, run, ["sample", "list", "--where", where], 2, names)
    shown = run(shop, "sample", "count", "--where", where).stderr.splitlines()
    assert shown[-2] == "  " + where
    assert shown[-1] == "  " + " " * place + "^"


def test_an_unknown_user_is_refused_with_the_way_on(shop: Besace, run: Run) -> None:
    names = ['"carol"', "--as", "besace user create --name carol"]
    check(shop, run, ["sample", "list"], 1, names, user="carol")
    check(shop, run, ["sample", "create", "--name", "X"], 1, names, user="carol")


def test_a_disabled_user_is_refused(shop: Besace, run: Run) -> None:
    assert run(shop, "user", "disable", "bob").exit_code == 0
    check(shop, run, ["sample", "create", "--name", "X"], 1, ['"bob"', "disabled", "--as"], user="bob")


def test_the_last_of_two_users_acts(shop: Besace, run: Run) -> None:
    check(shop, run, ["--as", "carol", "sample", "list"], 1, ['"carol"'], user="alice")


def test_an_external_id_names_one_entity(crm: Besace, run: Run) -> None:
    given = ["sample", "create", "--external-system", "erp", "--external-id", "7"]
    run(crm, *given, "--name", "Bell")
    check(crm, run, [*given, "--name", "Drum"], 1, ['"Bell"', "7"])


def test_a_disabled_item_is_not_given(crm: Besace, run: Run) -> None:
    run(crm, "list", "disable", "grade", "low")
    check(crm, run, ["sample", "create", "--name", "X", "--grade", "low"], 1, ["Low", "besace list show grade"])


def test_what_is_in_the_trash_is_said_to_be_there(crm: Besace, run: Run) -> None:
    run(crm, "sample", "create", "--name", "Bell")
    run(crm, "sample", "create", "--name", "Drum", "--friend", "2")
    run(crm, "sample", "delete", "2")
    for line in ("sample show 2", "sample edit 2 --name X", "link 3 likes 2", "sample edit 3 --owner 2"):
        check(crm, run, shlex.split(line), 1, ['Sample 2 "Bell"', "trash", "besace sample restore 2"])
    check(crm, run, ["sample", "purge", "2"], 1, ['Sample 2 "Bell"', "1 row", '"samples"'])


def test_an_error_stands_on_stderr_alone_without_json(shop: Besace, run: Run) -> None:
    ran = run(shop, "sample", "show", "999")
    assert (ran.stdout, ran.stderr) == ("", "Error: There is no Sample 999.\n")


def test_words_after_a_double_dash_are_no_options(shop: Besace, run: Run) -> None:
    ran = run(shop, "search", "--", "--json", "--as")
    assert (ran.exit_code, ran.stdout) == (0, "  Nothing found.\n")


def test_json_of_an_error_is_in_the_reader_language(shop: Besace, run: Run) -> None:
    ran = run(shop, "--language", "fr", "sample", "show", "999", "--json")
    assert json.loads(ran.stdout)["error"]["code"] == "not_found"
    assert "There is no" not in ran.stdout + ran.stderr
