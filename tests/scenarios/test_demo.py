"""The demo, played step by step in both languages: every figure it prints, computed again from the raw rows.

The recount uses sqlite3, integers and fractions alone: no line of the product.
"""

import re
import sqlite3
from collections import Counter
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from besace.cli import main
from besace_demo.command import Player, scenario
from besace_demo.scenario import Prose, Setting, Step

LINKED = (
    "SELECT l.subject_id FROM link l WHERE l.type = 'fulfils_goal' AND l.object_id = {action}"
    " AND l.subject_id NOT IN (SELECT entity_id FROM trash)"
)
DEALS = (
    "SELECT o.id, p.outcome, o.expected_revenue, o.final_revenue, coalesce(o.probability, p.probability)"
    " FROM opportunity o JOIN sales_phase p ON p.key = o.phase_key WHERE o.id IN ({linked})"
)


class Books:
    """The raw rows of an install, and the figures that follow from them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "besace.sqlite3"

    def rows(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path)) as raw:
            return raw.execute(statement).fetchall()

    def action(self, name: str) -> tuple:
        (row,) = self.rows(
            "SELECT e.id, a.start_date, a.end_date, a.expected_revenue, a.actual_cost FROM commercial_action a"
            f" JOIN entity e ON e.id = a.id WHERE e.label = '{name}'"
        )
        return row

    def revenue(self, *actions: int) -> dict[str, int]:
        """Sums in cents over the deals linked to any of these actions, each deal once."""
        linked = " UNION ".join(LINKED.format(action=a) for a in actions)
        deals = self.rows(DEALS.format(linked=linked))
        chance = {"won": 100, "lost": 0, "cancelled": 0}
        return {
            "deals": len(deals),
            "won": sum(outcome == "won" for _id, outcome, *_rest in deals),
            "expected": sum(e or 0 for _id, outcome, e, *_ in deals if outcome in ("open", "won")),
            "final": sum(f for _id, outcome, _e, f, _p in deals if outcome == "won"),
            "weighted": sum(
                int(Fraction((e or 0) * chance.get(outcome, p), 100) + Fraction(1, 2))
                for _id, outcome, e, _f, p in deals
            ),
        }

    def objectives(self, action: int) -> list[tuple[str, int, int, bool]]:
        """Name, value, target (cents for amounts) and whether it is an amount, of each objective of an action."""
        linked = LINKED.format(action=action)
        won = self.rows(DEALS.format(linked=linked))
        counts = {
            ("organisation", None, None): len(self.rows(f"SELECT id FROM organisation WHERE id IN ({linked})")),
            ("opportunity", "won", None): sum(outcome == "won" for _id, outcome, *_ in won),
            ("opportunity", "won", "final"): sum(f for _id, outcome, _e, f, _p in won if outcome == "won"),
            ("quote", "sent", None): len(
                self.rows(f"SELECT id FROM quote WHERE sent_on IS NOT NULL AND id IN ({linked})")
            ),
        }
        rows = self.rows(
            f"SELECT name, target, counts, condition, sum FROM objective WHERE owner_id = {action} ORDER BY id"
        )
        return [
            (
                name,
                counts[type_, condition, measure],
                target // 100 if measure else target // 10_000,
                bool(measure),
            )
            for name, target, type_, condition, measure in rows
        ]


def figures(text: str) -> list[int]:
    """All numbers of a line, amounts in cents; thousands separated in either language."""
    plain = re.sub(r"(?<=\d)[,\s\u202f\xa0](?=\d{3}(?!\d))", "", text)
    return [int(re.sub(r"[.,]", "", n)) for n in re.findall(r"-?\d+(?:[.,]\d{2})?(?!\d)", plain)]


def lines_with(printed: str, *words: str) -> list[str]:
    return [line for line in printed.splitlines() if all(word in line for word in words)]


def check_progress(books: Books, action: tuple, printed: str, day: str) -> None:
    id_, start, end, expected, cost = action
    for name, value, target, _is_amount in books.objectives(id_):
        (line,) = [line for line in lines_with(printed, name) if "░" in line or "█" in line]
        percent = value * 100 // target
        assert figures(line.split(name)[1]) == [percent, value, target], line
        bar = line.count("█")
        assert bar == min(24, percent * 24 // 100)
    days = (_ordinal(end) - _ordinal(start) + 1, _ordinal(day) - _ordinal(start) + 1)
    assert f" {max(0, min(100, days[1] * 100 // days[0]))} %" in printed
    sums = books.revenue(id_)
    if sums["deals"]:
        shown = [n for line in printed.splitlines() for n in figures(line)]
        assert {sums["expected"], sums["final"]} <= set(shown)
    attainment, returned = books.revenue(id_)["final"] * 100 // expected, None
    if cost:
        returned = (sums["final"] - cost) * 100 // cost
        assert lines_with(printed, f"  {returned}")
    assert lines_with(printed, f"  {attainment}")


def _ordinal(day: str) -> int:
    from datetime import date

    return date.fromisoformat(day).toordinal()


def check_compare(books: Books, printed: str, names: list[str]) -> None:
    table = {}
    for name in names:
        id_, _start, _end, expected, cost = books.action(name)
        sums = books.revenue(id_)
        table[name] = [sums["deals"], sums["won"], sums["expected"], sums["final"], sums["weighted"]]
        table[name] += [cost] if cost else []
        table[name] += [sums["final"] * 100 // expected]
        table[name] += [(sums["final"] - cost) * 100 // cost] if cost else []
    actions = [books.action(name) for name in names]
    sums = books.revenue(*(a[0] for a in actions))
    cost = sum(a[4] or 0 for a in actions)
    total = [sums["deals"], sums["won"], sums["expected"], sums["final"], sums["weighted"], cost]
    total += [sums["final"] * 100 // sum(a[3] for a in actions), (sums["final"] - cost) * 100 // cost]
    rows = [figures(line) for line in printed.splitlines()]
    for name, expected_row in {**table, "Total": total}.items():
        assert any(row[-len(expected_row) :] == expected_row for row in rows), (name, expected_row, printed)


def check_bag(books: Books, printed: str) -> None:
    """All that hangs on a deal is on its screen: people, activities, products with their sum, documents, actions."""
    ((deal,),) = books.rows("SELECT DISTINCT owner_id FROM offer")
    linked = (
        "SELECT l.type, e.type, e.label FROM link l JOIN entity e ON e.id = l.subject_id AND l.object_id = {0}"
        " OR e.id = l.object_id AND l.subject_id = {0} WHERE l.subject_id = {0} OR l.object_id = {0}"
    )
    around = books.rows(linked.format(deal))
    sorts = Counter(type_ for _relation, type_, _label in around)
    assert sorts == {"contact": 2, "activity": 2, "quote": 1, "invoice": 1, "commercial_action": 1}
    for _relation, type_, label in around:
        assert lines_with(printed, label.split(" ")[0] if type_ in ("quote", "invoice") else label), label
    offers = books.rows(
        "SELECT e.label, o.quantity / 1e4, o.unit_price / 1e6, coalesce(o.discount, 0) / 1e2"
        f" FROM offer o JOIN entity e ON e.id = o.product_id WHERE o.owner_id = {deal}"
    )
    nets = {label: round(quantity * price * (100 - discount)) for label, quantity, price, discount in offers}
    assert len(nets) == 2
    for label, net in [*nets.items(), ("Total", sum(nets.values()))]:
        assert figures(lines_with(printed, f" {label} ", "€")[0])[-1] == net
    for table in ("quote", "invoice"):
        ((number, net, gross),) = books.rows(
            f"SELECT number, net, gross FROM {table} WHERE id IN"
            f" (SELECT subject_id FROM link WHERE type = 'raised_for' AND object_id = {deal})"
        )
        (line,) = lines_with(printed, number)
        assert figures(line.split(number)[1])[3:5] == [net, gross]


@pytest.fixture(scope="module", params=["en", "fr"])
def played(request, tmp_path_factory):
    """The demo, with what each step printed checked against the rows as they were then."""
    return request.param, tmp_path_factory.mktemp("demo") / "install"


def test_every_figure_of_the_demo_follows_from_the_raw_rows(played, capfd, monkeypatch):
    language, folder = played
    monkeypatch.delenv("BESACE_BLOCK", raising=False)
    books, day, seen = Books(folder), "", Counter()
    with Player(folder, language) as player:
        for piece in scenario(language):
            capfd.readouterr()
            player.play(piece)
            if isinstance(piece, Setting) and piece.name == "today":
                day = piece.value
            if isinstance(piece, Step):
                seen[check_step(books, piece.command, capfd.readouterr().out, day)] += 1
    assert seen["progress"] == 3
    assert seen["compare"] == 2
    assert seen["bag"] == 1
    assert seen["explain"] == 1
    assert seen["count"] == 1
    assert seen["import"] == 2


def check_step(books: Books, command: str, printed: str, day: str) -> str:
    """Check the figures of one command; returns what sort of command it was."""
    words = command.split()
    named = re.findall(r'"commercial-action:([^"]+)"', command)
    if words[:2] in (["commercial-action", "progress"], ["commercial-action", "show"]):
        check_progress(books, books.action(named[0]), printed, day)
        return "progress"
    if words[:2] == ["commercial-action", "compare"]:
        every = [row[0] for row in books.rows("SELECT title FROM commercial_action")]
        check_compare(books, printed, named or every)
        return "compare"
    if words[:2] == ["opportunity", "show"]:
        check_bag(books, printed)
        return "bag"
    if words[:2] == ["objective", "explain"]:
        labels = books.rows(
            "SELECT e.label FROM entity e JOIN link l ON l.subject_id = e.id WHERE l.type = 'fulfils_goal'"
        )
        assert len(labels) == 3
        assert all(lines_with(printed, label) for (label,) in labels)
        assert lines_with(printed, " 3")
        return "explain"
    if words[:2] == ["opportunity", "count"]:
        for outcome, count, total in books.rows(
            "SELECT p.outcome, count(*), sum(o.final_revenue) FROM opportunity o"
            " JOIN sales_phase p ON p.key = o.phase_key GROUP BY p.outcome"
        ):
            assert any(figures(line) == [count, *([total] if total else [])] for line in printed.splitlines()), outcome
        return "count"
    if words[0] == "import":
        total = len(books.rows("SELECT id FROM entity WHERE external_system IN ('fair', 'salon')"))
        assert [figures(line)[0] for line in printed.splitlines() if figures(line)].count(total) >= 1
        return "import"
    return words[0]


def test_the_demo_is_told_in_french_without_an_english_message(tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("BESACE_TODAY", raising=False)
    assert main(["--language", "fr", "demo", str(tmp_path / "install")]) == 0
    answers = "\n".join(line for line in capfd.readouterr().out.splitlines() if not line.startswith("$ "))
    answers = answers.replace(plain(scenario_path("fr").read_text(encoding="utf-8")), "")
    assert [text for text in english_fragments() if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", answers)] == []


def plain(markdown: str) -> str:
    return markdown.replace("**", "").replace("`", "")


def english_fragments() -> set[str]:
    """The longest run of words of each message of the product that no French message holds."""
    from besace.discovery import available
    from besace.testing.catalogues import messages_of
    from besace.texts import Text

    found, french = set(), ""
    for package in [ROOT / "core/src/besace", *sorted((ROOT / "plugins").glob("*/src/besace_*"))]:
        for message in messages_of(package):
            source = message if isinstance(message, str) else message[1]
            longest = max(re.split(r"\{[^}]*\}", source), key=len).strip(' :.,"')
            french += "\n" + Text(source if isinstance(message, str) else message[0], package.name).in_language("fr")
            found.add(longest)
    named = set(available({}))  # the names of plugins are said as they are in every language
    return {text for text in found if len(text) > 5 and text not in french and text not in named}


ROOT = Path(__file__).parents[2]


def scenario_path(language: str) -> Path:
    return ROOT / f"plugins/demo/src/besace_demo/scenario.{language}.md"


def test_both_languages_play_the_same_steps():
    def shape(language):
        pieces = scenario(language)
        steps = [(p.command.split()[0], p.is_refused, p.name) for p in pieces if isinstance(p, Step)]
        return steps, [type(p) for p in pieces if not isinstance(p, Prose)]

    assert shape("en") == shape("fr")


def test_the_demo_refuses_a_folder_that_is_not_empty(tmp_path, run):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    ran = run(None, "demo", str(tmp_path))
    assert ran.exit_code == 1
    assert str(tmp_path) in ran.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
