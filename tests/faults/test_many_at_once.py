"""Many processes write at once: no error reaches a caller, nothing is lost, nothing collides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, entities, operations, reading, settings
from besace.errors import StaleVersion
from besace.testing.fixtures import TODAY
from besace.verification import runs
from besace_documents.lines import keep_totals

from .conftest import Processes

WRITERS = 8
FAIR = {"title": "Fair", "start_date": "2026-03-01", "end_date": "2026-03-31"}


def progress(crm: Besace, action: int) -> Any:
    with crm.read() as work:
        info = work.crm.registry.type("commercial_action")
        found = reading.get(work, "commercial_action", action)
        return operations.run(work, info.operations["progress"], info.fields, [found], {})


LINKING = """
ids = [int(i) for i in sys.stdin.readline().split()]
action, own = ids[0], ids[1:][number * 200:(number + 1) * 200]
for start in range(0, 200, 10):
    links = [Link(i, "fulfils_goal", action) for i in own[start:start + 10]]
    assert len(crm.write(lambda work: relations.link_many(work, links))) == 10
"""

READING = """
action = int(sys.stdin.readline())
seen = [0]
while seen[-1] < 1600:
    with crm.read() as work:
        info = work.crm.registry.type("commercial_action")
        found = reading.get(work, "commercial_action", action)
        (goal,) = operations.run(work, info.operations["progress"], info.fields, [found], {}).objectives
    seen.append(int(goal.value))
assert seen == sorted(seen) and all(n % 10 == 0 for n in seen), seen
"""


def test_C6_what_8_processes_link_is_counted_exactly_while_others_read(
    make_install: Callable[..., Besace], processes: Processes, make: Callable[..., int]
) -> None:
    crm = make_install("persons", "commercial_actions")
    rows = [{"name": f"Company {n}"} for n in range(WRITERS * 200)]
    companies = crm.write(lambda work: entities.create_many(work, "organisation", rows))
    action = make(crm, "commercial_action", **FAIR)
    given = {"action": str(action), "name": "Met", "target": "1600", "count": "organisation"}
    add = crm.registry.operations["objective", "add"]
    crm.write(lambda work: operations.run(work, add, {}, [], given).id)
    (reader,) = processes.start(crm, READING)
    writers = processes.start(crm, LINKING, times=WRITERS)
    for process in (reader, *writers):
        assert process.stdin is not None
        process.stdin.write(" ".join(map(str, [action, *companies])) + "\n" if process is not reader else f"{action}\n")
        process.stdin.flush()
    for process in (*writers, reader):
        processes.end(process)
    (goal,) = progress(crm, action).objectives
    assert (goal.value, goal.percent, goal.reached) == (1600, 100, True)


def test_ids_that_4_processes_reserve_in_bulk_never_collide(
    make_install: Callable[..., Besace], processes: Processes
) -> None:
    crm = make_install()
    code = """
for n in (1, 500, 3, 1000, 7):
    made = crm.write(lambda work: entities.create_many(
        work, "user", [{"name": f"user-{number}-{n}-{i}"} for i in range(n)]) and reserve_ids(work, n))
    print(*made)
"""
    taken = [int(word) for out in processes.all(crm, code, times=4) for word in out.split()]
    assert len(taken) == len(set(taken)) == 4 * 1511
    with crm.read() as work:
        used = {user.id for user in reading.page(work, work.crm.registry.type("user"), limit=None)}
    assert len(used) == 4 * 1511 + 1
    assert used.isdisjoint(taken)


ISSUING = """
import random
random.seed(number)
own = [int(i) for i in sys.stdin.readline().split()][number * 50:(number + 1) * 50]

class Undone(Exception):
    pass

def issue(work, invoice, fails):
    info = work.crm.registry.type("invoice")
    operations.run(work, info.operations["issue"], info.fields, [reading.get(work, "invoice", invoice)], {})
    if fails:
        raise Undone
for invoice in own:
    if random.random() < 0.2:
        try:
            crm.write(lambda work: issue(work, invoice, True))
        except Undone:
            print("undone")
    crm.write(lambda work: issue(work, invoice, False))
"""


def test_B4_400_invoices_of_8_processes_have_no_gap_and_no_duplicate(
    make_install: Callable[..., Besace], processes: Processes, make: Callable[..., int]
) -> None:
    crm = make_install("persons", "documents")
    address = {"address": "1 rue A", "city": "Lyon"}
    us = make(crm, "organisation", name="Us", ours=True, siren="732829320", vat_number="FR44732829320", **address)
    customer = make(crm, "organisation", name="Customer", siren="552049447", **address)
    crm.write(lambda work: settings.change(work, "own_organisation", us))
    rows = [{"customer": customer}] * 400
    lines = [{"document_line": [{"name": "Work", "unit_price": "100"}]}] * 400
    invoices = crm.write(lambda work: entities.create_many(work, "invoice", rows, parts=lines))
    crm.write(lambda work: keep_totals(work, invoices))
    with (crm.folder / "besace.toml").open("a") as config:
        config.write("\nwait = 60\n")  # SQLite lets anyone go first, and on a busy machine always the same one last
    writers = processes.start(crm, ISSUING, times=WRITERS)
    for process in writers:
        assert process.stdin is not None
        process.stdin.write(" ".join(map(str, invoices)) + "\n")
        process.stdin.flush()
    undone = sum(processes.end(process).count("undone") for process in writers)
    with crm.read() as work:
        numbers = sorted(i.number for i in reading.page(work, work.crm.registry.type("invoice"), limit=None))
    assert numbers == [f"F-{TODAY[:4]}-{n:04}" for n in range(1, 401)]
    assert [verdict.key for verdict in runs.run(crm) if verdict.found] == []
    assert 40 < undone < 120


EDITING = """
for _ in range(50):
    def raise_by_one(work):
        info = work.crm.registry.part("objective")
        goal = reading.get_part(work, "objective", PART)
        operations.run(work, info.operations["adjust"], info.fields, [goal], {"by": "1"})
    crm.write(raise_by_one)
"""


def test_C2_what_4_processes_count_by_hand_adds_up(
    make_install: Callable[..., Besace], processes: Processes, make: Callable[..., int]
) -> None:
    crm = make_install("commercial_actions")
    action = make(crm, "commercial_action", **FAIR)
    add = crm.registry.operations["objective", "add"]
    given = {"action": str(action), "name": "Leaflets", "target": "200"}
    goal = crm.write(lambda work: operations.run(work, add, {}, [], given).id)
    processes.all(crm, EDITING.replace("PART", str(goal)), times=4)
    assert progress(crm, action).objectives[0].value == 200


WINNING = """
from besace.errors import BesaceError
def unit(work):
    info = work.crm.registry.type("opportunity")
    deal = reading.get(work, "opportunity", DEAL)
    verb = ("win", "lose")[number % 2]
    operations.run(work, info.operations[verb], info.fields, [deal], {})
try:
    crm.write(unit)
    print("done")
except BesaceError as error:
    print(error)
"""


def test_O4_of_4_processes_that_close_a_deal_one_does_and_the_others_are_told(
    make_install: Callable[..., Besace], processes: Processes, make: Callable[..., int]
) -> None:
    crm = make_install("persons", "opportunities")
    target = make(crm, "organisation", name="Company")
    deal = make(crm, "opportunity", name="Deal", target=target, expected_revenue="10")
    said = processes.all(crm, WINNING.replace("DEAL", str(deal)), times=4)
    assert said.count("done\n") == 1
    assert all("already" in other or "cannot" in other for other in said if other != "done\n"), said
    with crm.read() as work:
        assert reading.get(work, "opportunity", deal).version == 2


def test_E7_of_two_people_who_edit_an_entity_the_second_is_told(
    make_install: Callable[..., Besace], make: Callable[..., int]
) -> None:
    crm = make_install("persons")
    company = make(crm, "organisation", name="Company")

    def edit(phone: str) -> None:
        crm.write(lambda work: entities.edit(work, reading.get(work, "organisation", company), version=1, phone=phone))

    edit("+33 1 11 11 11 11")
    with pytest.raises(StaleVersion, match=r"has changed since version 1: it is at version 2. See what changed"):
        edit("+33 2 22 22 22 22")
    with crm.read() as work:
        assert reading.get(work, "organisation", company).phone == "+33 1 11 11 11 11"


def test_readers_work_while_a_file_is_imported(
    make_install: Callable[..., Besace], processes: Processes, tmp_path: Path
) -> None:
    crm = make_install("persons")
    (tmp_path / "a.toml").write_text('type = "organisation"\n[identity]\ncolumn = "id"\n[fields]\nname = "name"\n')
    (tmp_path / "a.csv").write_text("id,name\n" + "".join(f"{n},Company {n}\n" for n in range(5_000)))
    code = f"""
from besace.transfer.importing import import_file
result = import_file(crm, {str(tmp_path / "a.csv")!r}, {str(tmp_path / "a.toml")!r})
assert (result.created, result.failed) == (5_000, 0), result
"""
    (importer,) = processes.start(crm, code)
    seen = []
    while importer.poll() is None:
        with crm.read() as work:
            seen.append(reading.count(work, work.crm.registry.type("organisation"))[0].count)
    processes.end(importer)
    assert seen == sorted(seen)
    assert any(0 < n < 5_000 for n in seen)  # it was read in the middle, batch by batch
    assert all(n % 500 == 0 for n in seen)
