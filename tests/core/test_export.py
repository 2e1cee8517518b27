from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Mapped

from besace import Besace, Entity, Ref, entities, fields, hookimpl
from besace.errors import BesaceError
from besace.reading import page
from besace.transfer import exporting
from besace.transfer.exporting import export_type
from besace.transfer.importing import import_file
from besace.transfer.keys import Key

from .tables import stored
from .toys import EVERY_VALUE, extra, toy


@pytest.fixture
def filled(both: Besace) -> Besace:
    """Gadgets with a value of every kind, references of every sort and labels that several share."""

    def fill(work: Any) -> None:
        entities.create(work, "user", name="bob")
        first = entities.create(work, "gadget", **EVERY_VALUE, external_system="erp:eu%", external_id="a/1:2")
        clock = entities.create(work, "gadget", name="Clock", shiny=True, currency="JPY", price="12")
        other = entities.create(work, "gadget", name="clock", keeper=clock.id, friend="user:bob", owner="bob")
        widget = entities.create(work, "widget", title='Semi;colon, "quote"', gadget=other.id, fee="3.50")
        entities.create(work, "gadget", name="=1+1", notes="one\n\ntwo, three", friend=widget.id, keeper=first.id)

    both.write(fill)
    return both


@pytest.fixture
def empty(make_install: Callable[..., Besace]) -> Besace:
    """Another install with the same plugins."""
    return make_install(plugins={"toy": toy, "extra": extra})


def _moved(source: Besace, to: Besace, folder: Path, *types: str, orders: int = 1) -> None:
    for key in types:
        export_type(source, key, folder / f"{key}.csv")
    for key in types[::orders]:
        result = import_file(to, folder / f"{key}.csv", folder / f"{key}.toml")
        assert (result.failed, result.errors) == (0, ())


@pytest.mark.parametrize("orders", [1, -1])
def test_a_round_trip_brings_the_same_rows_back(filled: Besace, empty: Besace, tmp_path: Path, orders: int) -> None:
    _moved(filled, empty, tmp_path, "gadget", "widget", orders=orders)
    gadgets, copies = _by_name(filled), _by_name(empty)
    assert gadgets.keys() == copies.keys() == {"Été", "Clock", "clock", "=1+1"}
    for name, row in gadgets.items():
        assert {k: v for k, v in row.items() if k not in HIDDEN} == {
            k: v for k, v in copies[name].items() if k not in HIDDEN
        }


HIDDEN = ("external_system", "external_id", "keeper", "friend")


def _by_name(crm: Besace) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in stored(crm)}


def test_references_to_ambiguous_labels_come_back(filled: Besace, empty: Besace, tmp_path: Path) -> None:
    _moved(filled, empty, tmp_path, "widget", "gadget")
    with empty.read() as work:
        gadgets = {g.label: g for g in page(work, work.crm.registry.type("gadget"))}
        (widget,) = page(work, work.crm.registry.type("widget"))
        assert gadgets["clock"].keeper_id == gadgets["Clock"].id
        assert widget.gadget_id == gadgets["clock"].id
        assert gadgets["=1+1"].friend_id == widget.id
        assert gadgets["=1+1"].keeper_id == gadgets["Été"].id
        assert (gadgets["clock"].friend.label, gadgets["clock"].owner.label) == ("bob", "bob")
        assert (gadgets["Été"].external_system, gadgets["Été"].external_id) == ("erp:eu%", "a/1:2")


def test_importing_into_the_same_install_changes_nothing(filled: Besace, tmp_path: Path) -> None:
    before = stored(filled)
    export_type(filled, "gadget", tmp_path / "gadget.csv")
    result = import_file(filled, tmp_path / "gadget.csv", tmp_path / "gadget.toml")
    assert (result.created, result.updated, result.unchanged, result.failed) == (0, 0, 4, 0)
    assert stored(filled) == before


def test_what_was_imported_can_be_exported_again(filled: Besace, empty: Besace, tmp_path: Path) -> None:
    _moved(filled, empty, tmp_path, "gadget", "widget")
    export_type(empty, "gadget", tmp_path / "again.csv")
    result = import_file(empty, tmp_path / "gadget.csv", tmp_path / "gadget.toml")
    assert (result.created, result.updated, result.unchanged) == (0, 0, 4)


def test_read_only_fields_are_columns_but_not_mapped(filled: Besace, tmp_path: Path) -> None:
    export_type(filled, "gadget", tmp_path / "gadget.csv")
    with (tmp_path / "gadget.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"id", "label", "version", "created_at", "serial"} <= rows[0].keys()
    assert "serial" not in (tmp_path / "gadget.toml").read_text(encoding="utf-8")
    assert rows[0]["price"] == "1200.50"
    assert (rows[2]["keeper"], rows[2]["owner"]) == ("Clock", "bob")


def test_a_condition_narrows_the_rows(filled: Besace, tmp_path: Path) -> None:
    result = export_type(filled, "gadget", tmp_path / "some.csv", where="name ~ clo and shiny")
    assert result.rows == 1
    with pytest.raises(BesaceError, match="no condition"):
        export_type(filled, "gadget", tmp_path / "none.csv", where="bright")
    assert not (tmp_path / "none.csv").exists()


def test_rows_are_streamed_by_pages(filled: Besace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = export_type(filled, "gadget", tmp_path / "whole.csv")
    monkeypatch.setattr(exporting, "PAGE", 3)
    seen: list[tuple[int, int]] = []
    export_type(filled, "gadget", tmp_path / "paged.csv", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 4), (4, 4)]
    assert (tmp_path / "paged.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert whole.rows == 4


def test_nothing_is_exported_for_a_type_without_rows(crm: Besace, tmp_path: Path) -> None:
    assert export_type(crm, "gadget", tmp_path / "none.csv").rows == 0
    assert import_file(crm, tmp_path / "none.csv", tmp_path / "none.toml").created == 0


def test_a_mapping_that_someone_wrote_is_not_written_over(filled: Besace, tmp_path: Path) -> None:
    (tmp_path / "deals.toml").write_text("type = 'gadget'\n", encoding="utf-8")
    with pytest.raises(BesaceError, match="is there already, and was not written by an export"):
        export_type(filled, "gadget", tmp_path / "deals.csv")
    assert sorted(p.name for p in tmp_path.glob("deals.*")) == ["deals.toml"]
    export_type(filled, "gadget", tmp_path / "mine.csv")
    export_type(filled, "gadget", tmp_path / "mine.csv")


def test_a_file_that_cannot_be_written_gives_a_sentence(filled: Besace, tmp_path: Path) -> None:
    with pytest.raises(BesaceError, match=r"cannot be written: No such file or directory"):
        export_type(filled, "gadget", tmp_path / "nowhere" / "x.csv")
    with pytest.raises(BesaceError, match=r'There is no type "gadgets". Did you mean gadget'):
        export_type(filled, "gadgets", tmp_path / "x.csv")
    for folder in ("", ".", "/"):
        with pytest.raises(BesaceError, match=r"cannot be written: Is a directory"):
            export_type(filled, "gadget", folder)


@pytest.mark.parametrize("key", [Key("gadget", "a", "b"), Key("gadget", "a:b%3A", "c:d"), Key("x", "%", ":")])
def test_a_key_is_read_as_it_was_written(key: Key) -> None:
    assert Key.read(str(key)) == key


@pytest.mark.parametrize("text", ["", "a", "a:b", "a:b:", ":b:c", "a::c"])
def test_another_form_is_no_key(text: str) -> None:
    if text == "a::c":
        assert Key.read(text).system == ""
    else:
        with pytest.raises(BesaceError, match=r"Expected TYPE:SYSTEM:ID\."):
            Key.read(text)


class Errand(Entity, type="errand"):
    """Something that may be for a type of a plugin that is absent here."""

    name: Mapped[str] = fields.text("Name", names_row=True)
    client: Mapped[Ref | None] = fields.entity("Client", types=("no_such_type", "errand"))


class Errands:
    """A plugin whose fields name types of others."""

    @hookimpl
    def register_entity_types(self) -> Any:
        return [Errand]


errands = Errands()


def test_a_reference_to_types_of_absent_plugins_does_not_stop_the_way_back(make_install: Any, tmp_path: Path) -> None:
    source, to = (make_install(plugins={"errands": errands}) for _side in range(2))

    def fill(work: Any) -> None:
        first = entities.create(work, "errand", name="First")
        entities.create(work, "errand", name="Second", client=first.id)

    source.write(fill)
    _moved(source, to, tmp_path, "errand")
    with to.read() as work:
        rows = page(work, work.crm.registry.type("errand"), sort="name")
        assert [(row.name, row.client and row.client.label) for row in rows] == [("First", None), ("Second", "First")]
