"""The transcript in the README: some steps of the demo, as the demo prints them.

    python -m tests.docs.transcript             say whether the README shows what the demo prints
    python -m tests.docs.transcript --update    write into the README what the demo prints

`<!-- demo: opportunity lose; objective explain -->` names the steps of the fence that follows, by the words
with which their commands begin: each the first one after the step before it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"

_FENCE = re.compile(r"(?s)(<!-- demo: (?P<steps>[^>]*) -->\n\n```console\n).*?(?=```\n)")


def demo(folder: Path) -> str:
    """What `python3 run.py demo` prints, with this interpreter."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BESACE_")}
    words = [sys.executable, "run.py", "demo", str(folder / "demo")]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=kept | {"BESACE_LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def written(readme: str, printed: str) -> str:
    """The README with the steps that it names as the demo printed them."""
    return _FENCE.sub(lambda fence: fence[1] + _excerpt(printed, fence["steps"].split("; ")), readme)


def _excerpt(printed: str, wanted: list[str]) -> str:
    steps = _steps(printed)
    found = [next(step for step in steps if step.startswith(f"$ besace {words}")) for words in wanted]
    return "\n\n...\n\n".join(found) + "\n"


def _steps(printed: str) -> Iterator[str]:
    """Each command of the demo with its output, without the prose that follows."""
    from besace_demo.command import scenario
    from besace_demo.scenario import Prose, Step

    pieces = [piece for piece in scenario("en") if isinstance(piece, Prose | Step)]
    outputs = re.split(r"(?m)^(?=\$ besace )", printed)[1:]
    following = [after for piece, after in zip(pieces, [*pieces[1:], None], strict=True) if isinstance(piece, Step)]
    for output, after in zip(outputs, following, strict=True):
        end = after.text.replace("*", "").replace("`", "")[:40] if isinstance(after, Prose) else "$ besace "
        yield output.partition(f"\n\n{end}")[0].rstrip("\n")


def main(words: list[str]) -> int:
    """Update or check the README; returns the exit code."""
    if words not in ([], ["--update"]):
        print(__doc__)
        return 2
    before = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        now = written(before, demo(Path(folder)))
    if now != before and words:
        README.write_text(now, encoding="utf-8")
    if now != before:
        print(f"README.md {'is written anew' if words else 'shows what the demo does not print any more'}.")
    return 1 if now != before and not words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
