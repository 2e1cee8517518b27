"""A plugin by somebody else: a wheel beside ours, it takes part in everything, and we know nothing of it."""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from besace import Besace, entities, relations

from .machine import Machine

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "tests/outside/subscriptions"
SHIPPED = ["persons", "opportunities", "commercial_actions", "documents", "activities"]

MAPPING = """
type = "subscription"
[identity]
column = "ref"
system = "shop"
[fields]
title = "title"
start_date = "start"
years = "years"
yearly_fee = "fee"
[fields.customer]
column = "customer"
look_up = { type = "organisation" }
[[links]]
relation = "fulfils_goal"
column = "campaign"
look_up = { type = "commercial_action" }
"""

ROWS = """ref,title,start,years,fee,customer,campaign
S1,Support,2025-03-14,1,600,SNCF,Fair
S2,Support,2026-01-01,1,100,Airbus,Fair
S3,Support,2026-02-01,1,100,Airbus,Fair
"""


def write_wheel(source: Path, folder: Path) -> Path:
    """What a build backend makes of a pure distribution: its package and its `.dist-info`."""
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    files = {
        path.relative_to(source / "src").as_posix(): path.read_bytes()
        for path in sorted((source / "src").rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    metadata = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {needed}" for needed in project["dependencies"]),
    ]
    points = [
        "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in named.items())])
        for group, named in project["entry-points"].items()
    ]
    information = {
        "METADATA": "\n".join(metadata),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any",
        "entry_points.txt": "\n".join(points),
    }
    files |= {f"{stem}.dist-info/{name}": f"{text}\n".encode() for name, text in information.items()}
    record = f"{stem}.dist-info/RECORD"
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        rows = [f"{name},{_digest(content)},{len(content)}" for name, content in files.items()]
        archive.writestr(record, "\n".join([*rows, f"{record},,", ""]))
    return wheel


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def live_a_while(work: Any) -> None:
    """A customer won by a fair, and another one met."""
    sncf = entities.create(work, "organisation", name="SNCF")
    entities.create(work, "organisation", name="Airbus")
    deal = {"target": sncf.id, "expected_revenue": 500, "phase": "won"}
    won = entities.create(work, "opportunity", name="CRM", **deal)
    fair = {"title": "Fair", "start_date": "2026-03-01", "end_date": "2026-03-31"}
    money = {"actual_cost": 1000, "expected_revenue": 20000}
    relations.link(work, won, "fulfils_goal", entities.create(work, "commercial_action", **fair, **money))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """An install with a year of data in it, and then the stranger's wheel beside it."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    with Besace.init(machine.install, user="alice", enable=SHIPPED) as crm:
        crm.write(live_a_while)
    machine.unpack(write_wheel(SOURCE, machine.folder))
    return machine


@pytest.fixture(scope="module")
def enabled(machine: Machine) -> dict[str, str]:
    """The plugin enabled after the others, objectives on its type, and three linked subscriptions: ids."""
    found = next(p for p in machine.besace("plugin", "list") if p["name"] == "subscriptions")
    assert (found["state"], found["version"], found["requires"]) == ("disabled", "1.2.0", ["persons"])
    machine.besace("plugin", "enable", "subscriptions")
    ids = {}
    for name, target, *asked in (
        ("taken", "4", "--count", "subscription"),
        ("renewed", "2", "--count", "subscription", "--condition", "renewed"),
        ("subscribers", "2", "--counter", "subscribers"),
        ("fees", "10000EUR", "--count", "subscription", "--sum", "final"),
    ):
        words = ["--name", name, "--target", target, *asked]
        ids[name] = machine.new("objective", "add", "commercial_action:Fair", *words)
    (machine.folder / "sold.toml").write_text(MAPPING, encoding="utf-8")
    (machine.folder / "sold.csv").write_text(ROWS, encoding="utf-8")
    brought = machine.run("import", "sold.csv", "--mapping", "sold.toml", "--json")
    assert (brought.returncode, json.loads(brought.stdout)["created"]) == (
        1,
        2,
    )  # its check refused the third
    listed = machine.besace("subscription", "list")
    ids |= {{"S1": "first", "S2": "third"}[row["external_id"]]: str(row["id"]) for row in listed}
    words = ["--customer", "organisation:SNCF", "--title", "Support", "--years", "2"]
    ids["second"] = machine.new("subscription", "create", *words, "--yearly-fee", "700.50")
    machine.besace("link", ids["second"], "fulfils_goal", "commercial_action:Fair")
    machine.besace("link", ids["second"], "renews", ids["first"])
    return ids


@pytest.fixture(scope="module")
def progress(machine: Machine, enabled: dict[str, str]) -> Any:
    return machine.besace("commercial-action", "progress", "commercial_action:Fair")


def test_the_wheel_is_what_a_stranger_would_install(machine: Machine) -> None:
    (wheel,) = machine.folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = archive.read("besace_subscriptions_example-1.2.0.dist-info/RECORD").decode()
    assert {line.split(",")[0] for line in record.splitlines()} == names
    information = "besace_subscriptions_example-1.2.0.dist-info"
    assert {name.split("/")[0] for name in names} == {"subscriptions_example", information}


def test_a_link_raises_count_condition_counter_and_sum(progress: Any) -> None:
    values = {o["name"]: (o["value"], o["percent"]) for o in progress["objectives"]}
    assert values == {
        "taken": ("3", 75),
        "renewed": ("1", 50),
        "subscribers": ("2", 100),
        "fees": (money("600.00"), 6),
    }


def test_its_amounts_are_in_the_revenue_of_the_action_beside_those_of_deals(progress: Any) -> None:
    (row,) = progress["revenue"]
    assert (row["deals"], row["won"]) == (4, 2)
    assert row["expected"] == money("2601.00")  # 500 + 600 + 2 x 700.50 + 100
    assert row["final"] == money("1100.00")  # 500 + 600, which was renewed
    assert (progress["attainment_percent"], progress["return_percent"]) == (5, 10)


def test_explain_lists_what_counts_and_why_the_rest_does_not(machine: Machine, enabled: dict[str, str]) -> None:
    explained = machine.besace("objective", "explain", enabled["renewed"])
    assert [str(r["id"]) for r in explained["rows"]] == [enabled["first"]]
    assert [str(r["id"]) for r in explained["left_out"]] == [enabled["third"], enabled["second"]]
    counted = machine.besace("objective", "explain", enabled["subscribers"])
    assert sorted(r["label"] for r in counted["rows"]) == ["Airbus", "SNCF"]


def test_its_hooks_take_part_in_what_our_doors_write(machine: Machine, enabled: dict[str, str]) -> None:
    words = ["--customer", "organisation:Airbus", "--title", "Support", "--yearly-fee", "1"]
    refused = machine.run("subscription", "create", *words)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Subscription" in refused.stderr and "runs until 2027-01-01" in refused.stderr  # noqa: PT018
    first = machine.besace("subscription", "show", enabled["first"])
    assert (first["renewed_on"], first["version"]) == ("2026-03-14", 2)


def test_every_door_offers_its_type(machine: Machine, enabled: dict[str, str]) -> None:
    help_ = machine.run("subscription", "create", "--help")
    assert "--yearly-fee" in help_.stdout
    (counted,) = machine.besace("subscription", "count", "--where", "not renewed", "--sum", "expected")
    assert counted == {"by": None, "count": 2, "sum": {"EUR": "1501.00"}}
    assert machine.run("export", "subscription", "out.csv").returncode == 0
    assert "700.50" in (machine.folder / "out.csv").read_text(encoding="utf-8")


def test_E5_disabled_its_rows_are_hidden_and_come_back_untouched(machine: Machine, progress: Any) -> None:
    before = machine.rows("subscription"), machine.rows("link")
    machine.besace("plugin", "disable", "subscriptions")
    assert machine.run("subscription", "list").returncode == 2
    hidden = machine.besace("commercial-action", "progress", "commercial_action:Fair")
    assert [o["value"] for o in hidden["objectives"]] == [None] * 4
    assert all(o["suspended"] for o in hidden["objectives"])
    assert [(r["deals"], r["final"]) for r in hidden["revenue"]] == [(1, money("500.00"))]
    assert (machine.rows("subscription"), machine.rows("link")) == before
    machine.besace("plugin", "enable", "subscriptions")
    assert (machine.rows("subscription"), machine.rows("link")) == before
    assert machine.besace("commercial-action", "progress", "commercial_action:Fair") == progress


def test_without_its_package_the_install_goes_on_and_says_so(machine: Machine, progress: Any) -> None:
    bare = Machine(machine.folder)
    done = bare.run("organisation", "list", "--json")
    assert (done.returncode, len(json.loads(done.stdout))) == (0, 2)
    assert "subscriptions" in done.stderr


@pytest.mark.parametrize("folder", ["core", "plugins"])
def test_no_line_of_ours_knows_it(folder: str) -> None:
    named = [
        path.relative_to(ROOT)
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".toml", ".md", ".po") and "subscri" in path.read_text(encoding="utf-8").lower()
    ]
    assert named == []
