"""The files of the repository hold together: links, rules, records, and nothing of one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "docs"))

from generating.rules import rule_numbers, rule_tests  # noqa: E402

PAGES = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("plugins/*/README.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
    if path.is_file()
)
RULES = [
    *(f"E{n}" for n in range(1, 9)), *(f"O{n}" for n in range(1, 8)), *(f"C{n}" for n in range(1, 11)),
    *(f"B{n}" for n in range(1, 8)),
]  # fmt: skip

REGISTRY = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|anaconda|npmjs|registry|artifactory|nexus)[\w.-]*", re.I)
MACHINE_PATH = re.compile(r"(?<![\w.$~}/-])/(?:home|root|Users|work|mnt|opt)/[\w.-]+")


def repository_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern):
    for path in repository_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a compiled catalogue
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def headings(path):
    lines = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8")).splitlines()
    for line in lines:
        if line.startswith("#"):
            yield re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    text = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?://|mailto:", target):
            name, _sharp, anchor = target.partition("#")
            place = (path.parent / name).resolve() if name else path
            assert place.exists(), f"{target} does not exist"
            assert not anchor or anchor in headings(place), f"{target} has no such heading"


def test_every_page_can_be_reached_from_the_index():
    seen, waiting = set(), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in seen:
            seen.add(page)
            targets = re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
            waiting += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert set((ROOT / "docs").rglob("*.md")) - seen == set()


def test_rules_are_all_there():
    assert rule_numbers() == RULES


@pytest.mark.parametrize("number", RULES)
def test_rule_is_shown_by_a_test(number):
    assert rule_tests().get(number)


def test_decisions_are_numbered_without_a_gap_and_listed():
    records = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for number, path in enumerate(records, start=1):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert title.startswith(f"{number}. ")
        assert f"{number}. [{title.partition('. ')[2]}]({path.name})" in index


def test_changelog_tells_what_is_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"(?m)^## \[Unreleased\]\n\n### Added\n\n- ", changelog)


def test_no_registry_host_stands_in_the_repository():
    assert list(lines_with(REGISTRY)) == []


def test_no_path_of_one_machine_stands_in_the_repository():
    assert list(lines_with(MACHINE_PATH)) == []
