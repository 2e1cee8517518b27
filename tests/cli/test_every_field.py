"""Every door of the command line for a type with a field of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from besace import Besace, entities, reading
from besace.testing.contract.asking import pages_differ
from besace.testing.fixtures import Databases

from .conftest import Run
from .samples import samples

BELL = {
    "name": "Bell",
    "notes": "Rings.\nLoudly.",
    "number": "3",
    "size": "1.25",
    "price": "12.50",
    "cost": "-3",
    "made_on": "2026-01-02",
    "seen_at": "2026-01-02T03:04",
    "shiny": "yes",
    "colour": "red",
    "grade": "high",
    "friend": "Anvil",
    "mail": "bell@example.com",
    "phone": "+33 1 23 45 67 89",
    "site": "bell.example.com",
}
"""What is typed for each field."""

SHOWN = {
    **BELL,
    "size": "1.250",
    "number": 3,
    "price": {"amount": "12.50", "currency": "EUR"},
    "cost": {"amount": "-3.00", "currency": "EUR"},
    "seen_at": "2026-01-02T03:04:00Z",
    "shiny": True,
    "grade": {"key": "high", "label": "High"},
    "friend": {"id": 2, "type": "sample", "label": "Anvil"},
    "site": "https://bell.example.com",
    "serial": None,
}
"""How each field stands in JSON."""

WHERE = {
    "name": "name = bell and name ~ el and not name ~ z",
    "notes": "notes ~ loudly",
    "number": "number >= 3 and number in (3, 4)",
    "size": "size > 1.2 and size < 1.3",
    "price": "price = 12.50EUR and price > 12",
    "cost": "cost < 0",
    "made_on": "made_on >= 2026-01-01 and made_on < today",
    "seen_at": "seen_at > 2026-01-02T03:00 and seen_at is not empty",
    "shiny": "shiny = yes",
    "colour": "colour = red",
    "grade": "grade = high and grade.points is empty",
    "friend": "friend = Anvil and friend.label ~ anv and friend.shiny = no",
    "mail": "mail ~ example",
    "phone": "phone ~ '23 45'",
    "site": "site ~ bell",
    "serial": "serial is empty and name = bell",
    "owner": "owner = alice and name = bell",
    "currency": "currency = EUR and name = bell",
    "id": "id > 2",
}


def options(values: dict[str, str]) -> list[str]:
    return [word for key, value in values.items() for word in (f"--{key.replace('_', '-')}={value}",)]


@pytest.fixture
def bell(do: Callable[..., Any]) -> dict[str, Any]:
    """Anvil, which has a name alone, and Bell, which has everything."""
    do("sample", "create", "--name", "Anvil")
    created: dict[str, Any] = do("sample", "create", *options(BELL), "--json").json
    return created


def test_created_is_what_was_typed(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    assert {k: v for k, v in bell.items() if k in SHOWN} == SHOWN
    assert do("sample", "show", "Bell", "--json").json == {**bell, "blocks": {}}
    text = do("sample", "show", "Bell").stdout
    for shown in (
        "Rings.",
        "Loudly.",
        "1.25",
        "€12.50",
        "-€3.00",
        "2026-01-02 03:04 UTC",
        "yes",
        "Red",
        "High",
        "Anvil",
    ):
        assert shown in text


@pytest.mark.parametrize("key", [k for k in BELL if k != "name"])
def test_each_field_is_emptied_and_set(bell: dict[str, Any], do: Callable[..., Any], key: str) -> None:
    option = key.replace("_", "-")
    empty = do("sample", "edit", "Bell", "--clear", option, "--json").json
    assert (empty[key], empty["version"]) == (False if key == "shiny" else None, 2)
    again = do("sample", "edit", "Bell", f"--{option}={BELL[key]}", "--if-version", "2", "--json").json
    assert (again[key], again["version"]) == (SHOWN[key], 3)
    same = do("sample", "edit", "Bell", f"--{option}={BELL[key]}", "--json").json
    assert same["version"] == 3
    (emptied, filled) = [line for line in do("sample", "history", "Bell", "--json").json if line["action"] == "edit"]
    assert (emptied["field"], emptied["before"], emptied["after"]) == (key, filled["after"], filled["before"])


def test_each_field_is_asked_for(bell: dict[str, Any], crm: Besace, run: Run) -> None:
    for where in WHERE.values():
        ran = run(crm, "sample", "list", "--where", where, "--json")
        assert ran.stderr == ""
        assert [row["label"] for row in ran.json] == ["Bell"], where
        ran = run(crm, "sample", "list", "--where", f"not ({where})", "--json")
        assert [row["label"] for row in ran.json] == ["Anvil"], where


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, besace_databases: Databases) -> Iterator[Besace]:
    """Anvil, Bell, and three more, two of them called alike."""
    cymbal = {**BELL, "name": "Cymbal", "number": "7", "grade": "low", "friend": "Bell"}
    rows = [{"name": "Anvil"}, BELL, cymbal, {**BELL, "name": "Drum"}, {**BELL, "name": "bell", "friend": "Drum"}]
    folder = tmp_path_factory.mktemp("several") / "install"
    database = besace_databases.new()
    with Besace.init(folder, database=database, user="alice", enable=["samples"], plugins={"samples": samples}) as crm:
        crm.write(lambda work: [entities.create(work, "sample", **row) for row in rows])
        yield crm


@pytest.mark.parametrize("key", [*BELL, "serial", "id", "label", "owner", "created_at", "version", "currency"])
def test_pages_by_each_field_agree_with_the_whole(several: Besace, key: str) -> None:
    with several.read() as work:
        info = several.registry.type("sample")
        for sort in (key, f"-{key}"):
            whole = [row.id for row in reading.page(work, info, sort=sort)]
            assert sorted(whole) == [2, 3, 4, 5, 6]
            assert list(pages_differ(work, info, sort, whole)) == []


def test_empty_values_stand_last_both_ways(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    for key in ("number", "price", "made_on", "grade", "friend", "notes"):
        for sort in (key, f"-{key}"):
            assert do("sample", "list", f"--sort={sort}", "--json").json[-1]["label"] == "Anvil"


def test_a_page_says_how_to_go_on(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    first = do("sample", "list", "--limit", "1", "--columns", "name").stdout.splitlines()
    assert first == ["Name", "─────", "Anvil", "", "There are more: go on with --after 2"]
    rest = do("sample", "list", "--limit", "1", "--after", "2", "--columns", "name").stdout.splitlines()
    assert rest == ["Name", "────", "Bell"]
    assert [r["label"] for r in do("sample", "list", "--limit", "1", "--json").json] == ["Anvil"]


def test_every_column_is_shown(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    for column in (
        *BELL,
        "serial",
        "id",
        "label",
        "owner",
        "currency",
        "created_at",
        "modified_at",
        "version",
    ):
        lines = do("sample", "list", "--columns", f"id,{column}".replace("_", "-")).stdout.splitlines()
        assert len(lines) == 4
    lines = do("sample", "list", "--columns", "price,shiny,colour,grade,friend,made_on,number").stdout.splitlines()
    assert lines[2].split() == ["no"]
    assert lines[3].split() == ["€12.50", "yes", "Red", "High", "Anvil", "2026-01-02", "3"]


def test_groups_and_sums(bell: dict[str, Any], crm: Besace, run: Run) -> None:
    run(crm, "sample", "create", "--name", "Yen", "--price", "500JPY", "--number", "4", "--shiny", "yes")
    none, high = (
        {"by": None, "count": 2, "sum": {"JPY": "500"}},
        {"by": "high", "count": 1, "sum": {"EUR": "12.50"}},
    )
    assert run(crm, "sample", "count", "--by", "grade", "--sum", "price", "--json").json == [high, none]
    plain = run(crm, "sample", "count", "--sum", "number", "--json").json
    assert plain == [{"by": None, "count": 3, "sum": "7"}]
    sizes = run(crm, "sample", "count", "--by", "shiny", "--sum", "size", "--json").json
    assert sizes == [{"by": False, "count": 1, "sum": "0"}, {"by": True, "count": 2, "sum": "1.250"}]
    by_friend = run(crm, "sample", "count", "--by", "friend", "--json").json
    assert by_friend[0] == {"by": {"id": 2, "type": "sample", "label": "Anvil"}, "count": 1, "sum": None}
    for by in (
        "name",
        "notes",
        "number",
        "size",
        "made_on",
        "seen_at",
        "colour",
        "grade.points",
        "mail",
        "site",
        "owner",
    ):
        assert sum(r["count"] for r in run(crm, "sample", "count", "--by", by, "--json").json) == 3
        assert run(crm, "sample", "count", "--by", by).exit_code == 0


def test_groups_are_shown_by_their_labels(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    headings, _line, *rows = do("sample", "count", "--by", "grade", "--sum", "price").stdout.splitlines()
    assert headings.split() == ["Grade", "Count", "EUR"]
    assert [row.split() for row in rows] == [["High", "1", "€12.50"], ["(empty)", "1"]]
    assert "Red" in do("sample", "count", "--by", "colour").stdout
    assert "yes" in do("sample", "count", "--by", "shiny").stdout
    assert do("sample", "count").stdout.split() == ["Count", "─────", "2"]


def test_the_history_reads_in_words(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    do("sample", "edit", "Bell", "--colour", "blue", "--clear", "friend", "--shiny", "no")
    do("slice", "add", "Bell", "--what", "Rim", "--fee", "2")
    do("link", "sample:Bell", "likes", "sample:Anvil", "--set", "role=low")
    lines = [line.split("  ") for line in do("sample", "history", "Bell").stdout.splitlines()]
    words = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    told = [" | ".join(line[2:]) for line in words]
    assert "created | Friend | Anvil" in told
    assert "created | Seen at | 2026-01-02 03:04 UTC" in told
    assert "edited | Colour | Red | Blue" in told
    assert "edited | Friend | Anvil" in told
    assert "edited | Shiny | yes | no" in told
    assert "added: Slice 4 | Fee | €2.00" in told
    assert "linked: likes Anvil | Role | Low" in told
    other = do("sample", "history", "Anvil").stdout
    assert "linked: is liked by Bell" in other


def test_deleting_restoring_and_purging_say_what_happened(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    gone = 'Sample 3 "Bell" is in the trash now.\n\nTake it out with: besace sample restore 3\n'
    assert do("sample", "delete", "Bell").stdout == gone
    assert [r["label"] for r in do("sample", "list", "--json").json] == ["Anvil"]
    assert [r["label"] for r in do("sample", "list", "--trash", "--json").json] == ["Bell"]
    assert do("sample", "count", "--json").json[0]["count"] == 1
    assert do("search", "bell", "--json").json == []
    assert do("sample", "restore", "Bell").stdout == 'Sample 3 "Bell" is out of the trash, with its links.\n'
    assert do("sample", "delete", "Bell", "--json").json["id"] == 3
    assert do("sample", "purge", "Bell", "--json").json == {"id": 3, "type": "sample", "label": "Bell"}
    assert do("sample", "list", "--trash").stdout == "  None.\n"


def test_links_both_ways(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    assert do("link", "sample:Bell", "likes", "2", "--set", "role=high").stdout == "Bell likes Anvil.\n"
    assert do("link", "sample:Bell", "likes", "2").stdout == "Bell likes Anvil already.\n"
    (seen,) = do("related", "2", "--json").json
    assert (seen["predicate"], seen["label"], seen["attributes"]) == ("is liked by", "Bell", {"role": "high"})
    assert do("related", "2", "--relation", "cut-from").stdout == "  It has no links.\n"
    assert do("related", "2", "--type", "sample", "--limit", "1", "--json").json == [seen]
    assert do("unlink", "sample:Bell", "likes", "2").stdout == "The link is removed: Bell likes Anvil.\n"
    assert do("unlink", "sample:Bell", "likes", "2").stdout == "There was no such link.\n"


def test_parts(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    added = do("slice", "add", "Bell", "--what", "Rim", "--fee", "2.50", "--json").json
    assert added == {
        "id": 4, "type": "slice", "of": {"id": 3, "type": "sample", "label": "Bell"}, "what": "Rim",
        "fee": {"amount": "2.50", "currency": "EUR"},
    }  # fmt: skip
    assert (
        do("slice", "edit", "4", "--what", "Edge", "--clear", "fee", "--if-version", "2", "--json").json["fee"] is None
    )
    assert do("slice", "list", "Bell", "--json").json == [{**added, "what": "Edge", "fee": None}]
    assert do("slice", "list", "Anvil").stdout == "  None.\n"
    assert do("slice", "remove", "4").stdout == "Slice 4 is removed.\n"


def test_an_operation_that_gives_plain_values_is_laid_out(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    assert do("sample", "measure", "Bell", "--json").json == {"size": "1.250", "of": "Bell"}
    assert do("sample", "measure", "Bell").stdout == "  size  1.25\n  of    Bell\n"


def test_search_finds_words_in_any_order(bell: dict[str, Any], do: Callable[..., Any]) -> None:
    do("sample", "create", "--name", "Grande École")
    assert [r["label"] for r in do("search", "ecole", "GRANDE", "--json").json] == ["Grande École"]
    assert do("search", "nothing").stdout == "  Nothing found.\n"
