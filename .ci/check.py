"""All checks but the tests: each is run whatever fails, and the failed ones are named again at the end.

The plugin that `besace plugin new` writes is checked like our own.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ["core/src/besace", *sorted(str(p) for p in Path("plugins").glob("*/src/besace_*"))]
CHECKS = [
    ["ruff", "format", "--check"],
    ["ruff", "check"],
    ["mypy"],
    ["lint-imports", "--no-logo"],
    ["python", "docs/generate.py", "--check"],
    ["python", "-m", "besace.testing.catalogues", "check", *PACKAGES],
]

NEW_PLUGIN = ["besace", "plugin", "new", "fire_drill"]
CHECKS_OF_NEW_PLUGIN = [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy", "--cache-dir", "../mypy"]]

failed = []


def run(words: list[str], folder: Path = Path()) -> None:
    """Run one check, and print what it says where it fails."""
    named = " ".join([*words[:4], *(["in", folder.name] if folder.name else [])])
    print(named, end=" ... ", flush=True)
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=folder)
    print("failed" if done.returncode else "ok", flush=True)
    if done.returncode:
        failed.append(named)
        print(done.stdout)


for words in CHECKS:
    run(words)
with tempfile.TemporaryDirectory() as folder:
    run([*NEW_PLUGIN, "--directory", folder])
    for words in CHECKS_OF_NEW_PLUGIN:
        run(words, Path(folder) / "besace-fire-drill")
sys.exit("Failed: " + ", ".join(failed) if failed else 0)
