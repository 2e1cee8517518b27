"""Notes and files on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def test_a_file_is_added_listed_and_written_out(desk, run, tmp_path):
    path = desk.file("Devis n°3 – été.pdf")
    added = run(desk.crm, "attachment", "add", "user:alice", str(path), "--description", "Signé", "--json").json
    assert (added["label"], added["about"]["label"], added["size"]) == ("Devis n°3 – été.pdf", "alice", 9)
    listed = run(desk.crm, "attachment", "list").stdout
    assert "Devis n°3 – été.pdf" in listed
    assert added["sha256"] not in listed
    (tmp_path / "out").mkdir()
    saved = run(desk.crm, "attachment", "save", str(added["id"]), str(tmp_path / "out"))
    assert saved.stdout == f"{tmp_path}/out/Devis n°3 – été.pdf is written: 9 bytes.\n"
    again = run(desk.crm, "attachment", "save", str(added["id"]), str(tmp_path / "out"), "--json")
    assert (again.exit_code, again.json["error"]["code"]) == (1, "refused")


def test_a_slash_at_the_end_of_a_path_names_a_folder(desk, run, tmp_path):
    attachment = str(desk.add(desk.file()))
    refused = run(desk.crm, "attachment", "save", attachment, f"{tmp_path}/missing/")
    assert (refused.exit_code, f"There is no folder {tmp_path}/missing/." in refused.stderr) == (2, True)
    assert not (tmp_path / "missing").exists()
    (tmp_path / "missing").mkdir()
    assert run(desk.crm, "attachment", "save", attachment, f"{tmp_path}/missing/").exit_code == 0
    assert (tmp_path / "missing" / "offer.pdf").read_bytes() == b"An offer."


def test_the_standard_output_has_the_content_and_nothing_else(desk, tmp_path):
    content = bytes(range(1, 256)) * 100
    attachment = desk.add(desk.file("a.txt", content))
    words = [sys.executable, "-m", "besace", "--install", str(desk.crm.folder), "--as", "alice"]
    done = subprocess.run([*words, "attachment", "save", str(attachment), "-"], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (content, b"")


@pytest.mark.parametrize("name", ["a/b.pdf", "...", "a\u200b.pdf", "a" * 201 + ".pdf", "offer"])
def test_a_wrong_name_is_told_with_an_option_that_there_is(desk, run, tmp_path, name):
    attachment, path = str(desk.add(desk.file())), str(desk.file("other.pdf"))
    assert " --file NAME" in run(desk.crm, "attachment", "edit", attachment, "--file", name).stderr
    assert " --name NAME" in run(desk.crm, "attachment", "add", "user:alice", path, "--name", name).stderr


def test_a_name_that_was_damaged_is_told_with_the_command_that_mends_it(desk, run, damage, tmp_path):
    attachment = desk.add(desk.file())
    damage(desk.crm, "UPDATE attachment SET file = '../outside.pdf'")
    refused = run(desk.crm, "attachment", "save", str(attachment), str(tmp_path))
    assert f"besace attachment edit {attachment} --file NAME" in refused.stderr


def test_json_and_a_content_do_not_share_the_standard_output(desk, run):
    done = run(desk.crm, "attachment", "save", str(desk.add(desk.file())), "-", "--json")
    assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (2, "usage")


def test_refusals_speak_french(desk, run, tmp_path):
    def told(*words: str) -> str:
        done = run(desk.crm, "--language", "fr", *words)
        assert (done.exit_code in (1, 2), done.stdout) == (True, "")
        return done.stderr

    desk.set("attachment_max_size", "1500 kB")
    desk.file("grand.pdf", b"x" * 1_600_000)
    desk.file("jeu.exe")
    assert "« grand.pdf » est trop grand : il fait 1,6 Mo, et la limite est de 1,5 Mo." in told(
        "attachment", "add", "1", str(tmp_path / "grand.pdf")
    )
    assert "est un programme" in told("attachment", "add", "1", str(tmp_path / "jeu.exe"))
    assert "Il n'y a pas de fichier" in told("attachment", "add", "1", str(tmp_path / "absent.pdf"))
    assert "Une pièce jointe se crée avec son fichier." in told("attachment", "create", "--file=a.pdf", "--about=1")


def test_notes_are_written_edited_and_found(desk, run):
    note = run(desk.crm, "note", "create", "--about", "user:alice", "--text", "Call back on Monday", "--json").json
    assert (note["label"], note["about"]["type"]) == ("Call back on Monday", "user")
    run(desk.crm, "note", "edit", str(note["id"]), "--subject", "To do")
    (found,) = run(desk.crm, "note", "list", "--where", 'text ~ "monday" and about = user:alice', "--json").json
    assert (found["subject"], found["text"]) == ("To do", "Call back on Monday")


def test_files_are_found_by_what_is_known_of_them(desk, run):
    attachment = desk.add(desk.file())
    (name,) = desk.kept()
    for where in ("size < 10", "media_type = application/pdf", f"sha256 = {name}", 'file ~ "offer"'):
        assert [a["id"] for a in run(desk.crm, "attachment", "list", "--where", where, "--json").json] == [attachment]


def test_an_export_of_files_lists_them_and_brings_none(desk, run, tmp_path: Path):
    desk.add(desk.file())
    done = run(desk.crm, "export", "attachment", str(tmp_path / "files.csv"))
    assert done.exit_code == 0
    assert "offer.pdf" in (tmp_path / "files.csv").read_text(encoding="utf-8")
