"""Making and linking in one go, on the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from besace import Besace

from .conftest import Run, dump

FAIR = ("commercial-action", "create", "--title", "Fair", "--start-date", "2026-03-01", "--end-date", "2026-03-31")


@pytest.fixture
def fair(make_install: Callable[..., Besace], run: Run) -> Besace:
    crm = make_install("persons", "opportunities", "commercial_actions")
    assert run(crm, *FAIR).exit_code == 0
    return crm


def test_each_type_that_may_fulfil_a_goal_offers_it_when_it_is_created(fair: Besace, run: Run) -> None:
    for type_word in ("organisation", "contact", "opportunity", "commercial-action", "user"):
        shown = run(fair, type_word, "create", "--help").stdout
        assert "--fulfils REF" in shown
        assert 'Link it at once: it "fulfils the goal of"' in " ".join(shown.split())
    french = run(fair, "--language", "fr", "contact", "create", "--help").stdout
    assert "« remplit un but de »" in " ".join(french.split())


def test_C3_what_is_created_counts_at_once(fair: Besace, run: Run) -> None:
    again = run(fair, *FAIR[:3], "Spring", *FAIR[4:])
    assert again.exit_code == 0
    run(fair, "objective", "add", "Fair", "--name", "Met", "--target", "5", "--count", "organisation")
    made = run(fair, "organisation", "create", "--name", "SNCF", "--fulfils", "Fair", "--fulfils", "Spring", "--json")
    assert made.json["label"] == "SNCF"
    (met,) = run(fair, "commercial-action", "progress", "Fair", "--json").json["objectives"]
    assert met["value"] == "1"
    assert len(run(fair, "related", "organisation:SNCF", "--json").json) == 2


@pytest.mark.parametrize(
    ("ref", "words", "code"),
    [
        ("Nowhere", 'There is no Commercial action called "Nowhere".', 1),
        ("contact:Ann", "Contact is not one of the types expected here.", 2),
        ("1", 'There is no Commercial action 1: it is User 1 "alice".', 1),
    ],
)
def test_E3_a_wrong_goal_is_told_and_nothing_is_stored(fair: Besace, run: Run, ref: str, words: str, code: int) -> None:
    before = dump(fair)
    ran = run(fair, "organisation", "create", "--name", "SNCF", "--fulfils", "Fair", "--fulfils", ref)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert words in ran.stderr
    assert dump(fair) == before


def test_an_empty_option_links_nothing(fair: Besace, run: Run) -> None:
    made = run(fair, "organisation", "create", "--name", "SNCF", "--fulfils", "")
    assert (made.exit_code, made.stderr) == (0, "")
    assert run(fair, "related", "organisation:SNCF", "--json").json == []
