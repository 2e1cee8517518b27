"""Write the generated pages: the reference, and the lists of tests in the rules.

    python docs/generate.py             write them
    python docs/generate.py --check     say which are not up to date, and change nothing

They are made from docstrings, signatures, and the declarations of an install with all shipped plugins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from generating.commands import commands
from generating.declared import errors, hooks, settings
from generating.names import python
from generating.rules import RULES, rules

DOCS = Path(__file__).resolve().parent

PAGES: dict[Path, Callable[[], str]] = {
    DOCS / "reference" / "commands.md": commands,
    DOCS / "reference" / "errors.md": errors,
    DOCS / "reference" / "hooks.md": hooks,
    DOCS / "reference" / "python.md": python,
    DOCS / "reference" / "settings.md": settings,
    RULES: rules,
}


def outdated() -> dict[Path, str]:
    """The pages that do not say what the code says, with what they should say."""
    wanted = {path: make() for path, make in PAGES.items()}
    return {
        path: text for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(words: Sequence[str]) -> int:
    """Write or check the pages; returns the exit code."""
    if words not in ([], ["--check"]):
        print(__doc__)
        return 2
    for name in [name for name in os.environ if name.startswith("BESACE_")]:
        del os.environ[name]
    changed = outdated()
    for path, text in changed.items():
        place = path.relative_to(DOCS.parent)
        if words:
            print(f"{place} is not up to date. Write it anew: python docs/generate.py")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{place} is written.")
    return 1 if changed and words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
