"""Run Besace from a checkout: python3 run.py demo | test | check | bench | besace ARGS...

It needs Python 3.11 with pip. The first run puts uv into .uv/ and the libraries into .venv/ of the checkout.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
UV = ROOT / ".uv" / "bin" / "uv"
AS_OF = "2026-11-20"  # newer releases of the libraries are not taken; $UV_EXCLUDE_NEWER overrides it
TESTING, CHECKING = ["--group", "test"], ["--group", "test", "--group", "check"]
COMMANDS = {
    "demo": ["besace", "demo"],
    "besace": ["besace"],
    "test": [*TESTING, "pytest"],
    "bench": [*TESTING, "python", "-m", "benchmarks"],
    "check": [*CHECKING, "python", ".ci/check.py"],
}

if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
    sys.exit(__doc__)
if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall read this
    sys.exit("Besace needs Python 3.11 or newer.")
if not UV.exists():  # --target works without venv, and where Python is externally managed
    pip = [sys.executable, "-m", "pip", "install", "-q", "--target", ROOT / ".uv", "uv>=0.13.6,<0.14"]
    if subprocess.call(pip, env={**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}):
        sys.exit("uv could not be installed. This needs pip (on Debian: apt install python3-pip) and a network.")
os.environ.pop("VIRTUAL_ENV", None)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start the program hundreds of times: it is compiled once
os.environ.setdefault("UV_EXCLUDE_NEWER", AS_OF)
if sys.argv[1] not in ("demo", "besace"):  # the product works in the folder of its user
    os.chdir(ROOT)
words = [UV, "run", "-q", "--all-extras", "--project", ROOT, "--python", sys.executable]
words += [*COMMANDS[sys.argv[1]], *sys.argv[2:]]
os.execv(UV, [str(word) for word in words])
