"""Rows that refer to files: in backups, when they come back, and what becomes of files to which none refers."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, bin, entities, parts, reading
from besace.errors import InvalidValue, NotFound, Refused
from besace.file_references import remove_unused
from besace.transfer import archive, moving
from besace.transfer.restoring import restore
from besace.verification.runs import run as verify

from .archives import checksums, rewritten, written
from .killing import is_killed
from .papers import age, kept, papers, scanned, stored
from .toys import toy


@pytest.fixture
def crm(make_install: Callable[..., Besace]) -> Besace:
    """An install with papers."""
    return make_install(plugins={"papers": papers, "toy": toy})


def wrong(crm: Besace, **options: Any) -> list[str]:
    verdicts = [v for v in verify(crm, **options) if v.key in ("files", "unused_files")]
    return [str(f.message) for v in verdicts for f in v.findings]


def stored_name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def purge(crm: Besace, paper: int) -> None:
    crm.write(lambda work: bin.delete(work, [paper]))
    crm.write(lambda work: bin.purge(work, paper))


def refused(path: Path, folder: Path, words: str) -> None:
    with pytest.raises(Refused, match=words):
        restore(path, folder, plugins={"papers": papers, "toy": toy})
    assert not folder.exists()


# ---- rows --------------------------------------------------------------------------------------


def test_a_row_refers_only_to_a_file_that_is_kept(crm):
    def create(work: Any, scan: Any) -> Any:
        return entities.create(work, "paper", title="x", unlock=("scan",), scan=scan)

    with crm.write() as work:
        with pytest.raises(Refused, match=r"Scan: no file is kept under 0{64}\. Store it first"):
            create(work, "0" * 64)
        with pytest.raises(InvalidValue, match=r'Scan: "\.\./x" is not the SHA-256 of a file'):
            create(work, "../x")
        with pytest.raises(Refused, match="Scan of Paper cannot be set by hand"):
            entities.create(work, "paper", title="x", scan=stored(crm, b"x"))
        assert create(work, stored(crm, b"x").upper()).scan == stored(crm, b"x")


def test_a_part_refers_only_to_a_file_that_is_kept(crm):
    paper = scanned(crm, b"a", b"b")
    with crm.write() as work:
        (page,) = reading.parts_of(work, work.crm.registry.part("page").model, [paper])
        with pytest.raises(Refused, match=r"Picture: no file is kept under 0{64}"):
            parts.edit(work, page, unlock=("picture",), picture="0" * 64)


# ---- verify and doctor ---------------------------------------------------------------------------


def test_verify_names_missing_and_altered_files_and_mends_neither(crm):
    scanned(crm, b"whole", b"missing", b"altered")
    missing, altered = stored(crm, b"missing"), stored(crm, b"altered")
    crm.files.remove(missing)
    (crm.files.folder / altered[:2] / altered[2:]).write_bytes(b"other")
    told = [
        f'The file {m}, and 1 row refers to it: Paper 2 "Letter".'
        for m in (f"{missing} is missing", f"{altered} was altered")
    ]
    assert sorted(wrong(crm, fix=True)) == sorted(told)
    stored(crm, b"missing"), stored(crm, b"altered")
    assert wrong(crm) == []


def test_a_file_to_which_no_row_refers_any_more_is_removed_once_it_is_old(crm):
    both, one = scanned(crm, b"shared", b"gone"), scanned(crm, b"shared")
    purge(crm, both)
    assert wrong(crm) == []  # who stored it may be about to refer to it
    age(crm)
    assert wrong(crm) == [f"No row refers to the file {stored_name(b'gone')} any more."]
    (verdict,) = [v for v in verify(crm, fix=True) if v.key == "unused_files"]
    assert (verdict.found, verdict.mended, list(kept(crm).values())) == (0, 1, [b"shared"])
    purge(crm, one)
    age(crm)
    verify(crm, fix=True)
    assert kept(crm) == {}


def test_a_file_of_what_is_in_the_trash_stays(crm):
    paper = scanned(crm, b"a", b"b")
    crm.write(lambda work: bin.delete(work, [paper]))
    age(crm)
    assert wrong(crm, fix=True) == []
    assert len(kept(crm)) == 2


def test_E5_a_disabled_plugins_files_stay_and_are_verified_by_whoever_lacks_its_code(crm, reopen):
    scanned(crm, b"a", b"b")
    crm.disable("papers")
    age(crm)
    without = reopen(crm, toy=toy)
    assert wrong(without, fix=True) == []
    assert len(kept(without)) == 2
    without.files.remove(stored_name(b"a"))
    assert len(wrong(without)) == 1


def test_a_file_that_a_row_refers_to_meanwhile_is_not_removed(crm):
    name = stored(crm, b"found unused")
    age(crm)
    with crm.read() as work:
        verification = work.crm.registry.verifications["unused_files"]
        findings = list(verification.find(work))
    scanned(crm, b"found unused")
    assert crm.write(lambda work: verification.mend(work, findings)) == 0
    assert list(kept(crm)) == [name]


def test_removing_waits_for_a_unit_that_is_about_to_refer_to_a_file(crm):
    name = stored(crm, b"about to be referred to")
    with ThreadPoolExecutor(1) as pool:
        with crm.write() as work:
            entities.create(work, "paper", title="Letter", unlock=("scan",), scan=name)
            removing = pool.submit(lambda: crm.write(lambda other: remove_unused(other, [name])))
            assert not wait([removing], timeout=0.3).done
        assert removing.result() == 0
    assert list(kept(crm)) == [name]


def test_drafts_that_a_killed_process_left_are_removed(crm):
    stored(crm, b"x")
    draft = crm.files.folder / ".1234.part"
    draft.write_bytes(b"half")
    scanned(crm, b"x")
    age(crm)
    assert wrong(crm) == [f"{draft} was never completed."]
    assert wrong(crm, fix=True) == []
    assert not draft.exists()


def test_a_process_that_is_killed_between_its_file_and_its_row_leaves_nothing_half(make_install):
    for place in range(1, 20):
        crm = make_install(plugins={"papers": papers})
        crm.close()

        def act(folder: Path = crm.folder) -> None:
            with Besace.open(folder, user="alice", plugins={"papers": papers}) as again:
                scanned(again, b"a", b"b")

        killed = is_killed(place, act)
        assert wrong(crm) == []
        age(crm)
        assert wrong(crm, fix=True) == []
        assert len(kept(crm)) == (0 if killed else 2)
        if not killed:
            assert place > 3
            return
    raise AssertionError("it does not end")


def test_doctor_counts_the_files_and_those_that_are_missing(crm, run):
    def told() -> Any:
        return [
            (r["state"], r["message"]) for r in run(crm, "doctor", "--json").json["remarks"] if r["topic"] == "files"
        ]

    assert told() == []
    scanned(crm, b"a", b"b")
    assert told() == [("ok", "2 files are there that rows refer to.")]
    crm.files.remove(stored_name(b"a"))
    assert told() == [("problem", "1 file that rows refer to is missing.")]


def test_all_files_are_compared_in_one_statement(crm, count_statements):
    def count(find: Any) -> int:
        with crm.read() as work, count_statements(work) as seen:
            list(find(work))
        return len([sql for sql in seen.sql if "UNION" in sql or ("ORDER BY" in sql and "sha256" in sql)])

    finds = [crm.registry.verifications[key].find for key in ("files", "unused_files")]
    for pages in ((), (b"b", b"c", b"d")):
        scanned(crm, b"a", *pages)
        assert [count(find) for find in finds] == [1, 1]


# ---- archives ------------------------------------------------------------------------------------


def test_a_backup_has_the_files_of_its_rows_and_no_others(crm, tmp_path):
    scanned(crm, b"a", b"bb")
    stored(crm, b"no row refers to it")
    told = archive.backup(crm, tmp_path / "a.zip")
    assert (told.files, told.lost) == (2, [])
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        names = [n for n in file.namelist() if n.startswith("files/")]
        assert {file.read(n) for n in names} == {b"a", b"bb"}
        assert json.loads(file.read("manifest.json"))["files"] == [
            {"sha256": n.removeprefix("files/"), "size": len(file.read(n))} for n in names
        ]


def test_a_restored_install_has_the_files(crm, restored):
    scanned(crm, b"a", b"b")
    again = restored(crm)
    assert kept(again) == kept(crm)
    assert checksums(again) == checksums(crm)
    assert wrong(again) == []


def test_E5_files_of_a_disabled_plugin_are_in_backups_and_come_back_without_its_code(crm, tmp_path, reopen):
    scanned(crm, b"a", b"b")
    crm.disable("papers")
    archive.backup(reopen(crm, toy=toy), tmp_path / "a.zip")
    made = restore(tmp_path / "a.zip", tmp_path / "new", plugins={"toy": toy})
    assert made.files == 2
    with Besace.open(tmp_path / "new", user="alice", plugins={"papers": papers, "toy": toy}) as again:
        again.enable(["papers"])
        assert kept(again) == kept(crm)


def test_a_file_that_is_lost_stops_no_backup_and_is_told(crm, tmp_path, run):
    scanned(crm, b"a", b"b", b"c")
    lost, altered = stored_name(b"a"), stored_name(b"b")
    crm.files.remove(lost)
    (crm.files.folder / altered[:2] / altered[2:]).write_bytes(b"other")
    told = run(crm, "backup", str(tmp_path / "a.zip"))
    assert "1 file is with it.\n2 files that rows refer to were missing or altered, and are not in it" in told.stdout
    made = restore(tmp_path / "a.zip", tmp_path / "new", plugins=crm.extra)
    assert (made.files, made.lost) == (1, sorted([lost, altered]))


def test_an_archive_with_another_content_of_a_file_or_without_it_is_refused(crm, tmp_path):
    scanned(crm, b"a", b"b")
    written(crm, tmp_path / "a.zip")
    name = stored_name(b"a")
    for content in (b"other", b"", None):
        path = rewritten(tmp_path / "a.zip", tmp_path / "wrong.zip", **{name: content})
        refused(path, tmp_path / "new", "is damaged, or it is not complete")


def test_an_archive_whose_manifest_leaves_a_file_out_or_names_a_path_is_refused(crm, tmp_path):
    scanned(crm, b"a")
    written(crm, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        told = json.loads(file.read("manifest.json"))
    for files, words in (
        ([], f"has no file {stored_name(b'a')}, and rows in it refer to that"),
        ([{"sha256": "../../besace.toml", "size": 1}], "is damaged"),
        ([{"sha256": stored_name(b"a"), "size": 2}], "is damaged"),
    ):
        manifest = json.dumps({**told, "files": files}).encode()
        path = rewritten(tmp_path / "a.zip", tmp_path / "wrong.zip", manifest=manifest)
        refused(path, tmp_path / "new", words)


def test_an_archive_of_format_1_has_no_files_and_is_still_restored(crm, tmp_path):
    crm.write(lambda work: entities.create(work, "paper", title="Letter").id)
    written(crm, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        told = json.loads(file.read("manifest.json"))
    old = {k: v for k, v in told.items() if k not in ("files", "lost")} | {"format": 1}
    path = rewritten(tmp_path / "a.zip", tmp_path / "old.zip", manifest=json.dumps(old).encode())
    assert restore(path, tmp_path / "new", plugins=crm.extra).files == 0


def test_what_was_in_the_folder_before_a_failed_restore_stays(crm, tmp_path):
    scanned(crm, b"a", b"b")
    written(crm, tmp_path / "a.zip")
    path = rewritten(tmp_path / "a.zip", tmp_path / "wrong.zip", gadget=b"nonsense\n")
    folder = tmp_path / "new"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "mine.txt").write_text("mine")
    with pytest.raises(Refused):
        restore(path, folder, plugins=crm.extra)
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["mine.txt"]


def test_a_large_file_is_never_whole_in_memory(crm, tmp_path):
    content = os.urandom(1000) * 20_000
    scanned(crm, content)
    tracemalloc.start()
    try:
        archive.backup(crm, tmp_path / "a.zip")
        restore(tmp_path / "a.zip", tmp_path / "new", plugins=crm.extra)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < len(content) / 2


# ---- moving and purging ----------------------------------------------------------------------------


def test_a_moved_install_keeps_its_files(crm, besace_databases, request):
    scanned(crm, b"a", b"b")
    before = kept(crm)
    other = "_besace_sqlite" if besace_databases.is_postgresql else "_besace_postgresql"
    url = "sqlite:///away.sqlite3" if besace_databases.is_postgresql else request.getfixturevalue(other).new()
    moving.move(crm, url)
    with Besace.open(crm.folder, user="alice", plugins=crm.extra) as again:
        assert kept(again) == before
        assert wrong(again) == []


def test_a_purged_plugins_archive_has_its_files_which_then_go(make_install, tmp_path):
    crm = make_install(plugins={"papers": papers})
    scanned(crm, b"a", b"b")
    other = stored(crm, b"of somebody else")
    crm.disable("papers")
    path = crm.purge("papers")
    assert list(kept(crm)) == [other]
    with zipfile.ZipFile(path) as file:
        assert {file.read(n) for n in file.namelist() if n.startswith("files/")} == {b"a", b"b"}


def test_a_missing_file_is_told_with_the_way_on(crm):
    paper = scanned(crm, b"a")
    crm.files.remove(stored_name(b"a"))
    with crm.read() as work:
        scan = reading.get(work, "paper", paper).scan
    with pytest.raises(NotFound, match=r"is missing\. Take it from a backup, or add the same file anew"):
        list(crm.files.read(scan))
