"""The pages show what their commands print."""

from __future__ import annotations

import pytest

from . import pages


@pytest.mark.parametrize("name", pages.PAGES)
def test_page_shows_what_its_commands_print(name, tmp_path):
    page = (pages.ROOT / name).read_text(encoding="utf-8")
    assert pages.played(page, tmp_path) == page, "write it anew: python -m tests.docs.pages --update"


def test_every_page_with_commands_is_run():
    with_commands = {
        path.relative_to(pages.ROOT).as_posix()
        for path in (pages.ROOT / "docs").rglob("*.md")
        if "```console" in path.read_text(encoding="utf-8")
    }
    assert with_commands == set(pages.PAGES)


def test_every_hook_has_a_page_that_shows_its_example():
    examples = {path.stem for path in (pages.ROOT / "examples" / "hooks").glob("*.py")} - {"register_entity_types"}
    guides = [path.read_text(encoding="utf-8") for path in (pages.ROOT / "docs" / "how-to").glob("declare-*.md")]
    assert {name for name in examples if not any(f"<!-- example: {name} as " in guide for guide in guides)} == set()


def test_a_change_that_does_not_fit_its_file_is_refused(tmp_path):
    page = "<!-- file: a.txt -->\n```\none\n```\n<!-- change: a.txt -->\n```diff\n-two\n+three\n```\n"
    with pytest.raises(pages.PageError, match=r"a\.txt holds 0 times"):
        pages.played(page, tmp_path)


def test_a_command_that_fails_unseen_is_refused(tmp_path):
    with pytest.raises(pages.PageError, match="ended with 3"):
        pages.played("```console\n$ sh -c 'exit 3'\n```\n", tmp_path)
