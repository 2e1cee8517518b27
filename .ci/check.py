"""All checks but the tests: each is run whatever fails, and the failed ones are named again at the end."""

import subprocess
import sys
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

failed = []
for words in CHECKS:
    print(*words[:4], end=" ... ", flush=True)
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print("failed" if done.returncode else "ok", flush=True)
    if done.returncode:
        failed.append(" ".join(words[:4]))
        print(done.stdout)
sys.exit("Failed: " + ", ".join(failed) if failed else 0)
