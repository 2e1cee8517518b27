from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from besace import Besace, bin, entities
from besace.dialects import one_at_a_time
from besace.reading import page

from .tables import GADGETS, bring, links, stored
from .toys import extra, plugin, toy

KEEPERS = GADGETS.replace('rank = "rank"', "") + (
    '[fields.keeper]\ncolumn = "rank"\nlook_up = { type = "gadget", create = true, set = { number = 5 } }\n'
)
HOLDS = GADGETS.replace('rank = "rank"', "") + (
    '[[links]]\nrelation = "holds"\ncolumn = "rank"\n'
    'look_up = { type = "gadget", by = "external_id", create = true, set = { colour = "red" } }\n'
)


def test_rows_become_entities(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, "a,Bell,3,12.50,2026-01-31,Low\nb,Drum,,,,\n")
    assert (result.created, result.failed, result.errors_file) == (2, 0, None)
    bell, drum = stored(crm)
    assert (bell["name"], bell["number"], bell["price"], str(bell["made_on"]), bell["rank"]) == (
        "Bell", 3, 1250, "2026-01-31", "low",
    )  # fmt: skip
    assert (bell["external_system"], bell["external_id"], bell["owner"]) == ("shop", "a", "user:alice")
    assert (drum["name"], drum["number"]) == ("Drum", None)


def test_importing_twice_changes_nothing(crm: Besace, tmp_path: Path, changes: Callable[..., Any]) -> None:
    rows = "a,Bell,3,12.50,2026-01-31,high\nb,Drum,,,,high\n"
    bring(crm, tmp_path, rows)
    before = len(changes(crm))
    again = bring(crm, tmp_path, rows)
    assert (again.created, again.updated, again.unchanged, again.failed) == (0, 0, 2, 0)
    assert len(changes(crm)) == before


def test_only_changed_fields_are_written(crm: Besace, tmp_path: Path) -> None:
    bring(crm, tmp_path, "a,Bell,3,,,low\nb,Drum,,,,\n")
    result = bring(crm, tmp_path, "a,Bell,4,,,low\nb,Drum,,,,\n")
    assert (result.updated, result.unchanged) == (1, 1)
    with crm.read() as work:
        from besace.changes import history

        lines = history(work, page(work, work.crm.registry.type("gadget"), where="name = Bell")[0].id)
        assert [(h.field, h.before, h.after) for h in lines if h.action == "edit"] == [("number", 3, 4)]


def test_an_empty_cell_says_nothing_of_what_is_known(crm: Besace, tmp_path: Path) -> None:
    bring(crm, tmp_path, "a,Bell,3,,,\n")
    assert bring(crm, tmp_path, "a,Bell,,,,\n").unchanged == 1
    assert stored(crm)[0]["number"] == 3


def test_an_empty_cell_empties_where_the_mapping_says_so(crm: Besace, tmp_path: Path) -> None:
    bring(crm, tmp_path, "a,Bell,3,,,\n")
    assert bring(crm, tmp_path, "a,Bell,,,,\n", 'empty_cells = "clear"\n' + GADGETS).updated == 1
    assert stored(crm)[0]["number"] is None


def test_E8_a_batch_is_one_change_by_the_door_import(crm: Besace, tmp_path: Path, changes: Callable[..., Any]) -> None:
    before = len(changes(crm))
    bring(crm, tmp_path, "".join(f"{n},Bell,,,,\n" for n in range(5)), batch=2)
    made = changes(crm)[before:]
    assert [(c.door, c.reason) for c in made] == [("import", "shop.csv")] * 3


def test_statements_of_a_batch_do_not_grow_with_its_rows(crm: Besace, tmp_path: Path) -> None:
    mapping = KEEPERS + (
        '[[links]]\nrelation = "holds"\ncolumn = "price"\nlook_up = { type = "gadget", create = true }\n'
    )
    counts = []
    for size in (4, 40, 400):
        rows = [f"{size}-{n},Bell {n},{n % 7},{n % 5 + size},,Keeper {size} {n % 3}" for n in range(size)]
        with _counted(crm) as seen:
            result = bring(crm, tmp_path, "\n".join(rows), mapping)
        assert (result.created, result.linked) == (size, size)
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2]


@contextmanager
def _counted(crm: Besace) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(crm.writer, "before_cursor_execute", note)
    yield seen
    sa.event.remove(crm.writer, "before_cursor_execute", note)


def test_constants_templates_and_value_maps(crm: Besace, tmp_path: Path) -> None:
    mapping = """
        type = "gadget"
        [identity]
        template = "{id}/{made}"
        [columns.name]
        values = { Bel = "Bell" }
        [fields]
        name = { template = "{name} no. {number} {{x}}" }
        number = { column = "number", empty = ["0"] }
        colour = { constant = "red" }
        shiny = { constant = true }
        made_on = { constant = 2026-01-31 }
        rank = { column = "rank", values = { A = "high", B = "low" } }
    """
    assert bring(crm, tmp_path, "a,Bel,0,,m,A\n", mapping).failed == 0
    (row,) = stored(crm)
    assert (row["name"], row["number"], row["colour"], row["shiny"]) == ("Bell no. 0 {x}", None, "red", True)
    assert (row["external_id"], row["external_system"], row["rank"]) == ("a/m", "import", "high")


def test_fallbacks_are_counted_per_field(crm: Besace, tmp_path: Path) -> None:
    mapping = GADGETS.replace('made_on = "made"', 'made_on = { column = "made", fallback = 2026-01-01 }')
    mapping += '[columns.rank]\nfallback = "low"\n'
    result = bring(crm, tmp_path, "a,Bell,,,,\nb,Bell,,,2026-02-02,\nc,Bell,,,,high\n", mapping)
    assert result.fallbacks == {"made_on": 2, "rank": 2}
    assert [(str(r["made_on"]), r["rank"]) for r in stored(crm)] == [
        ("2026-01-01", "low"), ("2026-02-02", "low"), ("2026-01-01", "high"),
    ]  # fmt: skip


def test_a_fallback_does_not_overwrite_what_is_known(crm: Besace, tmp_path: Path) -> None:
    mapping = GADGETS.replace('number = "number"', 'number = { column = "number", fallback = "9" }')
    bring(crm, tmp_path, "a,Bell,3,,,\n", mapping)
    assert bring(crm, tmp_path, "a,Bell,,,,\n", mapping).fallbacks == {}
    assert stored(crm)[0]["number"] == 3


def test_look_ups_find_and_create(crm: Besace, tmp_path: Path, gadget: Callable[..., int]) -> None:
    gadget("Ørsted")
    gadget("Été")
    result = bring(crm, tmp_path, "a,Bell,,,,ete\nb,Drum,,,,Newton\nc,Horn,,,,NEWTON\nd,Oboe,,,,\n", KEEPERS)
    assert (result.created, result.failed) == (4, 0)
    keepers = {row["name"]: row["keeper"] for row in stored(crm) if row["external_id"]}
    assert keepers == {"Bell": "gadget:Été", "Drum": "gadget:Newton", "Horn": "gadget:Newton", "Oboe": None}
    assert [row["number"] for row in stored(crm) if row["name"] == "Newton"] == [5]


def test_a_plain_reference_reads_as_on_the_command_line(
    crm: Besace, tmp_path: Path, gadget: Callable[..., int]
) -> None:
    known = gadget("Clock")
    mapping = GADGETS.replace('rank = "rank"', 'keeper = "rank"\nfriend = "price"').replace('price = "price"\n', "")
    rows = f"a,A,,{known},,{known}\nb,B,,gadget:clock,,clock\nc,C,,user:alice,,user:alice\n"
    rows += "d,D,,clock,,\ne,E,,,,77\n"
    result = bring(crm, tmp_path, rows, mapping)
    assert [(r["keeper"], r["friend"]) for r in stored(crm) if r["external_id"]] == [
        ("gadget:Clock", "gadget:Clock"), ("gadget:Clock", "gadget:Clock"), ("user:alice", "user:alice"),
    ]  # fmt: skip
    assert [p.row for p in result.errors] == [5, 6]


def test_an_ambiguous_name_is_a_bad_row_with_the_candidates(
    crm: Besace, tmp_path: Path, gadget: Callable[..., int]
) -> None:
    first, second = gadget("Clock"), gadget("clock")
    result = bring(crm, tmp_path, "a,Bell,,,,Clock\n", KEEPERS)
    assert f"gadget:Clock ({first}), gadget:clock ({second})" in str(result.errors[0].sentence)


def test_links_are_made_once(crm: Besace, tmp_path: Path) -> None:
    rows = "a,Bell,,,,b\nb,Drum,,,,\nc,Horn,,,,z\n"
    result = bring(crm, tmp_path, rows, HOLDS)
    assert (result.created, result.linked, result.failed) == (3, 2, 0)
    assert links(crm) == [("a", "holds", "b"), ("c", "holds", "z")]
    assert bring(crm, tmp_path, rows, HOLDS).linked == 0
    assert {row["external_id"]: row["colour"] for row in stored(crm)}["z"] == "red"


def test_a_created_one_is_completed_by_its_own_row(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, "a,Bell,,,,z\nz,Drum,7,,,\n", HOLDS, batch=1)
    assert (result.created, result.updated) == (1, 1)
    assert [(r["external_id"], r["name"], r["number"]) for r in stored(crm)] == [
        ("a", "Bell", None),
        ("z", "Drum", 7),
    ]


def test_reverse_links_carry_attributes(crm: Besace, tmp_path: Path, gadget: Callable[..., int]) -> None:
    gadget("Shelf")
    mapping = GADGETS + (
        '[[links]]\nrelation = "knows"\nconstant = "gadget:shelf"\nreverse = true\nattributes = { note = "box" }\n'
    )
    assert bring(crm, tmp_path, "a,Bell,,,,\n", mapping).linked == 1
    assert links(crm) == [("Shelf", "knows", "a")]


def test_a_later_row_of_the_same_id_updates_the_earlier(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, "a,Bell,3,,,\nb,Drum,,,,\na,Bell,4,,,\na,Gong,,,,\n")
    assert (result.created, result.updated, result.failed) == (2, 2, 0)
    assert [(r["name"], r["number"]) for r in stored(crm)] == [("Gong", 4), ("Drum", None)]


def test_E4_a_row_whose_entity_is_in_the_trash_is_bad(crm: Besace, tmp_path: Path) -> None:
    bring(crm, tmp_path, "a,Bell,,,,\n")
    crm.write(lambda work: bin.delete(work, [work.scalar(sa.text("SELECT max(id) FROM gadget"))]))
    result = bring(crm, tmp_path, "a,Bell,5,,,\nb,Drum,,,,\n")
    assert (result.created, result.failed) == (1, 1)
    assert "is in the trash. Take it out with: besace gadget restore" in str(result.errors[0].sentence)


def test_an_owner_is_looked_up(crm: Besace, tmp_path: Path) -> None:
    crm.write(lambda work: entities.create(work, "user", name="bob"))
    result = bring(crm, tmp_path, "a,Bell,,,,bob\nb,Drum,,,,eve\n", GADGETS.replace("rank =", "owner ="))
    assert stored(crm)[0]["owner"] == "user:bob"
    assert str(result.errors[0].sentence).startswith('shop.csv, row 3, column rank: There is no User called "eve".')


def test_O7_amounts_are_in_the_currency_of_their_row(crm: Besace, tmp_path: Path) -> None:
    mapping = GADGETS.replace("rank =", "currency =")
    result = bring(crm, tmp_path, "a,Bell,,100,,JPY\nb,Drum,,1.50,,usd\nc,Horn,,1.50,,JPY\n", mapping)
    assert [(r["price"], r["currency"]) for r in stored(crm)] == [(100, "JPY"), (150, "USD")]
    assert [(p.row, p.column) for p in result.errors] == [(4, "price")]


def test_a_dry_run_stores_nothing_and_tells_the_same(crm: Besace, tmp_path: Path) -> None:
    rows = "a,Bell,x,,,b\nb,Drum,,,,a\nc,forbidden,,,,new\nd,Horn,,,,e\na,Gong,2,,,d\n"
    before = stored(crm)
    tried = bring(crm, tmp_path, rows, HOLDS, batch=2, dry_run=True)
    assert stored(crm) == before == []
    assert not (tmp_path / "shop.errors.csv").exists()
    done = bring(crm, tmp_path, rows, HOLDS, batch=2)
    assert tried.dry_run
    assert tried.errors_file is None
    for name in ("created", "updated", "unchanged", "failed", "linked", "fallbacks", "errors"):
        assert getattr(tried, name) == getattr(done, name)
    assert (done.failed, done.linked) == (2, 3)


def test_a_batch_that_a_hook_refuses_is_redone_until_the_bad_row_is_found(
    make_install: Callable[..., Besace], tmp_path: Path
) -> None:
    from besace.errors import Refused

    def check_save(saves: Any) -> None:
        if any(save.new["name"] == "Cuckoo" for save in saves):
            raise Refused("No cuckoos.")

    strict = plugin(check_save=check_save)
    crm = make_install(plugins={"toy": toy, "extra": extra, "strict": strict})
    rows = "".join(f"{n},{'Cuckoo' if n == 7 else 'Bell'},,,,\n" for n in range(20))
    result = bring(crm, tmp_path, rows)
    assert (result.created, result.failed) == (19, 1)
    assert str(result.errors[0].sentence) == "shop.csv, row 9: No cuckoos."


def test_a_bad_row_leaves_nothing_that_was_made_for_it(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, "a,forbidden,,,,Newton\nb,Bell,,,,Watt\n", KEEPERS)
    assert (result.created, result.failed) == (1, 1)
    assert sorted(row["name"] for row in stored(crm)) == ["Bell", "Watt"]


def test_progress_tells_rows_done_and_all(crm: Besace, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    bring(
        crm,
        tmp_path,
        "".join(f"{n},Bell,,,,\n" for n in range(5)),
        batch=2,
        progress=lambda *at: seen.append(at),
    )
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_a_database_that_is_busy_ends_the_import(crm: Besace, tmp_path: Path, reopen: Callable[..., Besace]) -> None:
    from besace.errors import DatabaseUnavailable

    hasty = reopen(crm, "wait = 0.01")
    with crm.write() as work:
        one_at_a_time(work)
        with pytest.raises(DatabaseUnavailable):
            bring(hasty, tmp_path, "a,Bell,,,,\n")
    assert stored(crm) == []


def test_look_ups_by_a_field(crm: Besace, tmp_path: Path, gadget: Callable[..., int]) -> None:
    gadget("Clock", number="7")
    mapping = GADGETS.replace('rank = "rank"\n', "") + (
        '[fields.keeper]\ncolumn = "rank"\nlook_up = { type = "gadget", by = "number" }\n'
    )
    result = bring(crm, tmp_path, "a,A,,,,7\nb,B,,,,07\nc,C,,,,8\nd,D,,,,x\n", mapping)
    assert [r["keeper"] for r in stored(crm) if r["external_id"]] == ["gadget:Clock"] * 2
    assert [str(p.sentence) for p in result.errors] == [
        'shop.csv, row 4, column rank: There is no Gadget called "8". '
        "Import it first, or let the look-up of the mapping create it: create = true.",
        'shop.csv, row 5, column rank: "x" is not a whole number. Expected for example 20.',
    ]


def test_what_a_look_up_cannot_create_is_told(crm: Besace, tmp_path: Path) -> None:
    result = bring(crm, tmp_path, "a,Bell,,,,Newton\nb,Drum,,,,forbidden\nc,Horn,,,,\n", KEEPERS)
    assert (result.created, result.failed) == (2, 1)
    assert str(result.errors[0].sentence) == (
        "shop.csv, row 3, column rank: It is not there, and this Gadget cannot be created: "
        "A gadget cannot be called so. Import it first, or give what is missing in the mapping: look_up.set."
    )


def test_a_dry_run_survives_a_batch_that_a_hook_refuses(make_install: Callable[..., Besace], tmp_path: Path) -> None:
    from besace.errors import Refused

    def check_save(saves: Any) -> None:
        if any(save.new["name"] == "Cuckoo" for save in saves):
            raise Refused("No cuckoos.")

    crm = make_install(plugins={"toy": toy, "strict": plugin(check_save=check_save)})
    rows = "".join(f"{n},{'Cuckoo' if n == 2 else 'Bell'},,,,k{n % 2}\n" for n in range(6))
    tried = bring(crm, tmp_path, rows, HOLDS, batch=4, dry_run=True)
    done = bring(crm, tmp_path, rows, HOLDS, batch=4)
    assert (tried.created, tried.failed, tried.linked) == (done.created, done.failed, done.linked) == (5, 1, 5)


def test_a_column_called_error_may_be_read(crm: Besace, tmp_path: Path) -> None:
    mapping = GADGETS.replace('rank = "rank"', 'notes = "error"')
    result = bring(crm, tmp_path, b"id,name,number,price,made,error\na,Bell,x,,,my note\n", mapping)
    lines = Path(result.errors_file or "").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "import_error,id,name,number,price,made,error"
    assert lines[1].endswith(",a,Bell,x,,,my note")
