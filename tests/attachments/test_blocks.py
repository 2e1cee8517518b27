"""The blocks of notes and files: the newest ones, beside everything, at a fixed cost."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from besace import bin, crud, entities, reading
from besace.errors import Refused
from besace_attachments.blocks import SHOWN, Files, FileShown, Notes, NoteShown, lay_out_files, lay_out_notes


def blocks(desk, type_key: str, entity_id: int):
    with desk.crm.read() as work:
        return crud.show(work, reading.get(work, type_key, entity_id)).blocks


def test_the_newest_notes_and_files_stand_beside_what_they_are_about(desk):
    first, second = desk.note("Call back", subject="Call"), desk.note("Long\nstory")
    file = desk.add(desk.file(), description="Signed")
    found = blocks(desk, "user", desk.subject)
    assert [(n.id, n.label, n.subject, n.text) for n in found["notes"].notes] == [
        (second, "Long", None, "Long\nstory"), (first, "Call", "Call", "Call back"),
    ]  # fmt: skip
    (shown,) = found["files"].files
    told = (shown.id, shown.label, shown.media_type, shown.size, shown.description, shown.owner)
    assert told == (file, "offer.pdf", "application/pdf", 9, "Signed", "alice")
    assert (found["notes"].count, found["files"].count) == (2, 1)


def test_they_stand_beside_notes_and_files_too(desk):
    note = desk.note("A note")
    about = desk.note("About the note", about=note)
    assert [n.id for n in blocks(desk, "note", note)["notes"].notes] == [about]
    assert blocks(desk, "note", about)["notes"].count == 0


def test_each_shows_the_day_of_the_zone_on_which_it_was_made(desk):
    desk.set("time_zone", "Europe/Paris")
    late = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
    note = NoteShown(1, "Call", "Call", "Call back", late, "alice")
    file = FileShown(2, "offer.pdf", "application/pdf", 9, late, "alice", None)
    with desk.crm.read() as work:
        laid = [*lay_out_notes(work, Notes([note], 1)), *lay_out_files(work, Files([file], 1))]
    assert [table.rows[0][1] for table in laid] == [date(2026, 3, 14)] * 2


def test_what_is_in_the_trash_is_not_shown(desk):
    note, file = desk.note("A note"), desk.add(desk.file())
    desk.delete(note, file)
    found = blocks(desk, "user", desk.subject)
    assert (found["notes"].count, found["files"].count) == (0, 0)


def test_only_the_newest_are_shown_and_the_others_counted(desk, run):
    rows = [{"text": f"Note {n}", "about": desk.subject} for n in range(SHOWN + 3)]
    ids = desk.crm.write(lambda work: entities.create_many(work, "note", rows))
    found = blocks(desk, "user", desk.subject)["notes"]
    assert ([n.id for n in found.notes], found.count) == (ids[::-1][:SHOWN], SHOWN + 3)
    assert "... and 3 older ones." in run(desk.crm, "show", str(desk.subject)).stdout


def test_each_block_costs_one_statement(desk, count_statements):
    for _more in range(3):
        desk.note("A note")
        desk.add(desk.file())
        with desk.crm.read() as work:
            user = reading.get(work, "user", desk.subject)
            for key in ("notes", "files"):
                with count_statements(work) as seen:
                    work.crm.registry.type("user").blocks[key].query(work, user)
                assert seen.count == 1


def test_nothing_is_shown_where_there_is_none(desk, run):
    assert "Notes" not in run(desk.crm, "show", str(desk.subject)).stdout


def test_E4_what_a_note_is_about_is_restored_with_it_and_not_purged_under_it(desk):
    other = desk.crm.write(lambda work: entities.create(work, "user", name="bob").id)
    note = desk.note("About Bob", about=other)
    desk.delete(other)
    assert desk.get("note", note)["about"] == other
    with pytest.raises(Refused, match='cannot be purged: 1 row of the plugin "attachments" refers to it'):
        desk.crm.write(lambda work: bin.purge(work, other))
    desk.crm.write(lambda work: bin.restore(work, [other]))
    assert [n.id for n in blocks(desk, "user", other)["notes"].notes] == [note]


def test_a_note_is_called_by_its_subject_or_its_first_words(desk):
    long = "word " * 30
    labels = [
        desk.get("note", n)["label"] for n in (desk.note("x", subject="S"), desk.note("\n a\nb"), desk.note(long))
    ]
    assert labels[:2] == ["S", "a"]
    assert labels[2] == "word " * 11 + "word…"
