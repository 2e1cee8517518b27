"""The examples of the hooks are plugins that work."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from besace import entities, relations
from besace.errors import Refused

EXAMPLES = Path(__file__).parents[2] / "examples" / "hooks"
SHIPPED = ("persons", "opportunities", "commercial_actions")


@pytest.fixture
def example(request):
    """Load an example as a module of its own, under the name of its hook."""

    def load(hook):
        name = f"example_{hook}"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{hook}.py")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        return sys.modules[name]

    return load


@pytest.fixture
def install(make_install, example):
    """An install with the shipped plugins and one example."""

    def make(hook):
        return make_install(*SHIPPED, plugins={hook: example(hook)})

    return make


@pytest.mark.parametrize("hook", sorted(path.stem for path in EXAMPLES.glob("*.py")))
def test_example_runs_as_a_plugin(install, hook):
    crm = install(hook)
    assert crm.host.quarantine == {}
    assert hook in crm.host.running


def test_entity_type_has_its_commands(install, run):
    crm = install("register_entity_types")
    run(crm, "training", "create", "--title", "First aid", "--seats", "12", "--price", "300")
    assert run(crm, "training", "count", "--where", "seats >= 10", "--json").json[0]["count"] == 1


def test_part_hangs_on_the_type_of_another_plugin(install, run):
    crm = install("register_part_types")
    run(crm, "organisation", "create", "--name", "SNCF")
    added = run(crm, "visit", "add", "organisation:SNCF", "--note", "First talk", "--json").json
    assert (added["of"]["label"], added["note"]) == ("SNCF", "First talk")


def test_list_is_filled(install, run):
    shown = run(install("register_lists"), "list", "show", "certificate_level", "--json").json
    assert [(item["key"], item["hours"]) for item in shown] == [("basic", 7), ("expert", 35)]


def test_condition_and_measure_are_counted(install, run):
    for hook, words, expected in (
        ("register_conditions", ("--where", "large"), {"count": 1, "sum": None}),
        ("register_measures", ("--sum", "commission"), {"count": 1, "sum": {}}),
    ):
        crm = install(hook)
        run(crm, "organisation", "create", "--name", "SNCF")
        run(
            crm, "opportunity", "create", "--name", "Trains", "--target", "organisation:SNCF",
            "--expected-revenue", "100000",
        )  # fmt: skip
        (row,) = run(crm, "opportunity", "count", *words, "--json").json
        assert row == {"by": None, **expected}


def test_measure_with_an_expression_is_summed(install, run):
    crm = install("register_measures")
    run(crm, "organisation", "create", "--name", "SNCF")
    run(
        crm,
        "opportunity",
        "create",
        "--name",
        "T",
        "--target",
        "organisation:SNCF",
        "--expected-revenue",
        "1000",
    )
    run(crm, "opportunity", "win", "T")
    (row,) = run(crm, "opportunity", "count", "--sum", "commission", "--json").json
    assert row["sum"] == {"EUR": "50.00"}


def test_counter_counts_each_company_once(install, run):
    crm = install("register_counters")
    run(crm, "commercial-action", "create", "--title", "Fair", "--start-date", "today", "--end-date", "today")
    run(crm, "organisation", "create", "--name", "SNCF")
    for name in ("Morel", "Petit"):
        run(crm, "contact", "create", "--last-name", name)
        run(crm, "link", f"contact:{name}", "works_for", "organisation:SNCF")
        run(crm, "link", f"contact:{name}", "fulfils_goal", "commercial_action:Fair")
    run(
        crm, "objective", "add", "commercial_action:Fair", "--name", "Met", "--target", "2",
        "--counter", "companies_met",
    )  # fmt: skip
    (objective,) = run(crm, "commercial-action", "progress", "commercial_action:Fair", "--json").json["objectives"]
    assert (objective["value"], objective["suspended"]) == ("1", None)


def test_operation_is_a_command(install, run):
    crm = install("register_operations")
    run(crm, "organisation", "create", "--name", "SNCF")
    run(crm, "opportunity", "create", "--name", "Trains", "--target", "organisation:SNCF")
    postponed = run(crm, "opportunity", "postpone", "Trains", "--days", "7", "--json").json
    assert postponed["expected_close_date"] == "2026-03-21"


def test_block_stands_in_the_view(install, run):
    crm = install("register_blocks")
    run(crm, "organisation", "create", "--name", "SNCF")
    run(
        crm,
        "opportunity",
        "create",
        "--name",
        "T",
        "--target",
        "organisation:SNCF",
        "--start-date",
        "2026-03-04",
    )
    assert run(crm, "opportunity", "show", "T", "--json").json["blocks"]["age"] == {"days": 10}


def test_setting_can_be_changed(install, run):
    crm = install("register_settings")
    run(crm, "config", "set", "hours_a_day", "8")
    assert run(crm, "config", "show", "--json").json["hours_a_day"] == 8


def test_command_is_offered(install, run):
    assert run(install("register_commands"), "whoami").stdout == "alice\n"


def test_verification_finds_the_forgotten_deal(install, run):
    crm = install("register_verifications")
    run(crm, "organisation", "create", "--name", "SNCF")
    for name, day in (("Old", "2024-01-31"), ("New", "2026-04-30")):
        dates = ("--start-date", "2024-01-01", "--expected-close-date", day)
        run(crm, "opportunity", "create", "--name", name, "--target", "organisation:SNCF", *dates)
    ran = run(crm, "verify", "--json")
    (verdict,) = (v for v in ran.json["verifications"] if v["found"])
    assert (ran.exit_code, verdict["plugin"], verdict["found"]) == (1, "register_verifications", 1)
    assert '"Old" should have been decided' in verdict["findings"][0]["message"]


def test_seed_is_planted_once(install, run):
    crm = install("register_seeds")
    crm.enable(["register_seeds"])
    assert run(crm, "organisation", "count", "--json").json[0]["count"] == 1


def test_check_save_refuses_large_deals_without_a_date(install):
    crm = install("check_save")
    client = crm.write(lambda work: entities.create(work, "organisation", name="SNCF").id)
    large = {"name": "Trains", "target": client, "expected_revenue": "100000EUR"}
    with pytest.raises(Refused, match='"Trains" is a large deal'):
        crm.write(lambda work: entities.create(work, "opportunity", **large))
    crm.write(lambda work: entities.create(work, "opportunity", **large, expected_close_date="2026-04-01"))


def test_after_save_links_who_created(install):
    crm = install("after_save")
    made = crm.write(lambda work: entities.create(work, "organisation", name="SNCF").id)
    with crm.read() as work:
        assert [r.label for r in relations.related(work, made, relation="follows")] == ["alice"]


def test_check_link_refuses_a_second_job(install):
    crm = install("check_link")

    def two_jobs(work):
        contact = entities.create(work, "contact", last_name="Morel")
        for name in ("SNCF", "RATP"):
            relations.link(work, contact, "works_for", entities.create(work, "organisation", name=name))

    with pytest.raises(Refused, match="already works for"):
        crm.write(two_jobs)


def test_check_unlink_keeps_who_decides(install, run):
    crm = install("check_unlink")
    run(crm, "organisation", "create", "--name", "SNCF")
    run(crm, "contact", "create", "--last-name", "Morel")
    run(crm, "opportunity", "create", "--name", "Trains", "--target", "organisation:SNCF")
    link = ("contact:Morel", "involved_in", "opportunity:Trains")
    run(crm, "link", *link, "--set", "role=decision_maker")
    assert "decides on opportunity" in run(crm, "unlink", *link).stderr
    run(crm, "link", *link, "--set", "role=user")
    assert run(crm, "unlink", *link).exit_code == 0


def test_after_link_completes_the_contact(install):
    crm = install("after_link")

    def job(work):
        contact = entities.create(work, "contact", last_name="Morel")
        relations.link(work, contact, "works_for", entities.create(work, "organisation", name="A", phone="+33 1 23"))
        return contact.id

    contact = crm.write(job)
    with crm.read() as work:
        info = work.crm.registry.type("contact")
        assert entities.read_values(work, info, [contact])[contact]["phone"] == "+33 1 23"


def test_check_delete_keeps_the_target_of_an_open_deal(install, run):
    crm = install("check_delete")
    run(crm, "organisation", "create", "--name", "SNCF")
    run(crm, "opportunity", "create", "--name", "Trains", "--target", "organisation:SNCF")
    assert 'the target of "Trains"' in run(crm, "organisation", "delete", "SNCF").stderr
    run(crm, "opportunity", "cancel", "Trains")
    assert run(crm, "organisation", "delete", "SNCF").exit_code == 0
