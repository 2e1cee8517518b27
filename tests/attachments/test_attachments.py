"""Attachments: what is added comes back as it was, and what is refused leaves nothing."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from besace import bin, entities, reading
from besace.errors import BesaceError, NotFound, Refused
from besace.transfer import archive
from besace.transfer.restoring import restore


def test_a_file_is_kept_with_what_there_is_to_say_of_it(desk):
    made = desk.get("attachment", desk.add(desk.file("Devis été.pdf", b"hello"), description="The first one"))
    assert {k: made[k] for k in ("label", "file", "about", "description", "media_type", "size", "sha256")} == {
        "label": "Devis été.pdf", "file": "Devis été.pdf", "about": desk.subject, "description": "The first one",
        "media_type": "application/pdf", "size": 5, "sha256": hashlib.sha256(b"hello").hexdigest(),
    }  # fmt: skip


def test_it_is_written_out_as_it_was(desk, tmp_path):
    attachment = desk.add(desk.file(content=b"An offer."))
    saved = desk.save(attachment, tmp_path / "again.pdf")
    assert (saved.file, saved.size) == (str(tmp_path / "again.pdf"), 9)
    assert (tmp_path / "again.pdf").read_bytes() == b"An offer."


NAMES = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="/\\"), max_size=30)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=500).filter(lambda c: c[:1] not in b"M\x7f#\xca\xce\xcf\xfe"), name=NAMES)
def test_every_content_under_every_name_comes_back(desk, tmp_path, content, name):
    called = unicodedata.normalize("NFC", f"a{name}.txt")
    attachment = desk.add(desk.file("plain.txt", content), name=called)
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    saved = desk.save(attachment, folder, force=True)
    assert Path(saved.file) == folder / called
    assert Path(saved.file).read_bytes() == content


def test_the_same_content_is_kept_once(desk):
    one, other = desk.add(desk.file("a.pdf")), desk.add(desk.file("b.pdf"))
    assert one != other
    assert len(desk.kept()) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.pdf", b"", '"empty.pdf" is empty'),
        ("README", b"x", 'The name "README" does not tell what sort of file it is'),
        ("a.exe", b"x", '"a.exe" is a program'),
        ("a.pdf", b"MZ\x90\x00", '"a.pdf" is a program'),
        ("a.zzz", b"x", 'files of the type "zzz" are not allowed here'),
        ("a\nb.txt", b"x", "characters that cannot be seen"),
        ("large.pdf", b"x" * 1001, '"large.pdf" is too large: it has 2 kB, and at most 1 kB are taken'),
    ],
)
def test_what_is_not_taken_gets_a_sentence_and_is_not_kept(desk, name, content, words):
    desk.set("attachment_max_size", "1 kB")
    path = desk.file(name, content)
    with pytest.raises(BesaceError) as error:
        desk.add(path)
    assert words in str(error.value)
    assert desk.kept() == []


def test_what_is_no_file_gets_a_sentence(desk, tmp_path):
    (tmp_path / "folder.pdf").mkdir()
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "dangling.pdf").symlink_to("nowhere.pdf")
    desk.file("file.pdf")
    for name, words in (
        ("missing.pdf", "There is no file "),
        ("dangling.pdf", "There is no file "),
        ("folder.pdf", "is a folder. Add its files one by one"),
        ("pipe.pdf", "is no file whose content could be kept"),
        ("file.pdf/x.pdf", "cannot be read: Not a directory"),
        ("x" * 300 + ".pdf", "cannot be read: File name too long"),
    ):
        with pytest.raises(BesaceError) as error:
            desk.add(tmp_path / name)
        assert words in str(error.value)
    assert desk.kept() == []


def test_a_link_is_followed_and_names_the_file(desk, tmp_path):
    (tmp_path / "link.txt").symlink_to(desk.file())
    attachment = desk.add(tmp_path / "link.txt")
    assert (desk.get("attachment", attachment)["file"], desk.content(attachment)) == ("link.txt", b"An offer.")


def test_a_unit_that_is_refused_after_its_file_was_kept_leaves_no_row(desk):
    with pytest.raises(NotFound, match=r"There is no .* 999"):
        desk.add(desk.file(), about=999)
    with desk.crm.read() as work:
        assert reading.page(work, work.crm.registry.type("attachment")) == []
    assert desk.wrong() == []


def test_an_attachment_is_made_with_its_file_alone(desk):
    with (
        pytest.raises(Refused, match=r"An attachment is made with its file\. Add it with: besace attachment add"),
        desk.crm.write() as work,
    ):
        entities.create(work, "attachment", file="a.pdf", about=desk.subject)
    for key in ("sha256", "size", "media_type"):
        with pytest.raises(Refused, match="cannot be set by hand"):
            desk.edit("attachment", desk.add(desk.file()), **{key: "1"})


def test_code_that_stores_a_content_itself_meets_the_same_limits(desk):
    def create(name: str, content: bytes):
        stored = desk.crm.files.store(BytesIO(content)).sha256
        values = {"file": name, "about": desk.subject, "sha256": stored}
        return desk.crm.write(lambda work: entities.create(work, "attachment", unlock=("sha256",), **values))

    desk.set("attachment_max_size", "1 kB")
    for name, content, words in (
        ("a.pdf", b"", "is empty"), ("a.pdf", b"x" * 1001, "is too large"), ("a.pdf", b"#!/bin/sh", "is a program"),
        ("a.zzz", b"x", "are not allowed here"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            create(name, content)
    assert create("a.pdf", b"x").size == 1


def test_a_new_name_tells_the_media_type_and_meets_the_same_rules(desk):
    attachment = desk.add(desk.file("a.pdf"))
    desk.edit("attachment", attachment, file="a.txt")
    assert desk.get("attachment", attachment)["media_type"] == "text/plain"
    for name, words in (("a.exe", "is a program"), ("../a.pdf", "names a folder too"), ("a.zzz", "not allowed here")):
        with pytest.raises(BesaceError, match=words):
            desk.edit("attachment", attachment, file=name)


def test_smaller_limits_leave_alone_what_is_kept_already(desk):
    attachment = desk.add(desk.file("a.pdf", b"x" * 2000))
    desk.set("attachment_max_size", "1 kB")
    desk.set("attachment_types", "txt")
    desk.edit("attachment", attachment, description="Still here")
    assert desk.get("attachment", attachment)["description"] == "Still here"


def test_nothing_is_about_itself(desk):
    note, attachment = desk.note("x"), desk.add(desk.file())
    for key, entity_id in (("note", note), ("attachment", attachment)):
        with pytest.raises(Refused, match="cannot be about itself"):
            desk.edit(key, entity_id, about=entity_id)
    desk.edit("note", note, about=attachment)


def test_a_file_is_written_over_by_force_alone_and_never_outside_its_folder(desk, tmp_path, damage):
    attachment = desk.add(desk.file())
    (tmp_path / "there.pdf").write_text("precious")
    with pytest.raises(Refused, match=r"there\.pdf is there already\. Choose another name, or .* --force"):
        desk.save(attachment, tmp_path / "there.pdf")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(Refused, match="is there already"):
        desk.save(attachment, tmp_path / "dangling")
    assert (tmp_path / "there.pdf").read_text() == "precious"
    desk.save(attachment, tmp_path / "there.pdf", force=True)
    assert (tmp_path / "there.pdf").read_bytes() == b"An offer."
    damage(desk.crm, "UPDATE attachment SET file = '../outside.pdf'")
    (tmp_path / "in").mkdir()
    with pytest.raises(BesaceError, match="names a folder too"):
        desk.save(attachment, tmp_path / "in")
    assert not (tmp_path / "outside.pdf").exists()


def test_an_altered_content_is_not_written_out(desk, tmp_path):
    attachment = desk.add(desk.file())
    (name,) = desk.kept()
    (desk.crm.files.folder / name[:2] / name[2:]).write_bytes(b"Another offer.")
    with pytest.raises(Refused, match="was altered: it is not what was stored"):
        desk.save(attachment, tmp_path / "again.pdf")
    assert not (tmp_path / "again.pdf").exists()
    desk.edit("attachment", attachment, description="It can still be edited")
    desk.add(desk.file())
    desk.save(attachment, tmp_path / "again.pdf")


def test_E4_the_content_stays_while_in_the_trash_and_goes_with_the_last_row_that_has_it(desk):
    first, second = desk.add(desk.file("a.pdf")), desk.add(desk.file("b.pdf"))
    desk.delete(first)
    desk.purge(second)
    assert fixed(desk) == 1
    desk.crm.write(lambda work: bin.restore(work, [first]))
    assert desk.content(first) == b"An offer."
    desk.purge(first)
    assert fixed(desk) == 0


def fixed(desk) -> int:
    """How many files are kept after `verify --fix`, when all are old."""
    for path in desk.crm.files.folder.rglob("*"):
        os.utime(path, (0, 0))
    assert desk.wrong(fix=True) == []
    return len(desk.kept())


def test_E5_files_and_notes_come_back_with_the_plugin(desk, tmp_path):
    desk.note("Call back")
    attachment = desk.add(desk.file())
    desk.crm.disable("attachments")
    assert fixed(desk) == 1
    archive.backup(desk.crm, tmp_path / "a.zip")
    desk.crm.enable(["attachments"])
    assert desk.content(attachment) == b"An offer."
    assert restore(tmp_path / "a.zip", tmp_path / "new").files == 1


def test_a_file_that_was_attached_twice_is_in_a_backup_once(desk, tmp_path, recwarn):
    for name in ("a.txt", "b.txt"):
        desk.add(desk.file(name, b"the same"))
    told = archive.backup(desk.crm, tmp_path / "a.zip")
    assert (told.files, recwarn.list) == (1, [])
