"""Run Besace from a checkout: python3 run.py demo | test | check | bench | besace ARGS...

It needs Python 3.11 and pip. The first run puts uv into .uv/ and the libraries into .venv/ of the checkout.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
UV = ROOT / ".uv" / "bin" / ("uv.exe" if os.name == "nt" else "uv")
LIBRARIES_AS_OF = "2026-11-20"  # newer releases are not taken; $UV_EXCLUDE_NEWER overrides it

COMMANDS = {
    "demo": ["besace", "demo"],
    "besace": ["besace"],
    "test": ["--group", "test", "pytest"],
    "bench": ["--group", "test", "python", "benchmarks"],
}
CHECKS = [  # what `check` runs; all of them, whatever fails
    ["ruff", "format", "--check"],
    ["ruff", "check"],
    ["mypy"],
    ["lint-imports", "--no-logo"],
]


def main(command="help", *args):
    """Run one command and give its exit status."""
    if command != "check" and command not in COMMANDS:
        print(__doc__, end="")
        return 0 if command in ("help", "-h", "--help") else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall read this
        return "Besace needs Python 3.11 or newer, and this is {}.{}.".format(*sys.version_info)
    if not UV.exists():
        fetch_uv()
    if not (ROOT / ".venv").exists():
        print("Setting up .venv, this once ...", file=sys.stderr)
    if "besace" not in COMMANDS.get(command, []):  # the product works in the folder of its user
        os.chdir(ROOT)
    if command == "check":
        return check()
    argv = uv_run(*COMMANDS[command], *args)
    if os.name == "posix":  # become it, so that a signal reaches it
        os.execv(argv[0], argv)
    return subprocess.call(argv)


def check():
    """Run all checks, print what the failing ones said, and name them again at the end."""
    failed = []
    for words in CHECKS:
        print(*words, end=" ... ", flush=True)
        argv = uv_run("--group", "test", "--group", "check", *words)
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print("failed" if done.returncode else "ok", flush=True)
        if done.returncode:
            failed.append(" ".join(words))
            sys.stdout.buffer.write(done.stdout)
            sys.stdout.flush()
    return "Failed: " + ", ".join(failed) if failed else 0


def uv_run(*words):
    """Give the command line of `uv run` with this interpreter, whatever environment is active."""
    os.environ.pop("VIRTUAL_ENV", None)
    os.environ.setdefault("UV_EXCLUDE_NEWER", LIBRARIES_AS_OF)
    return [UV, "run", "--quiet", "--project", ROOT, "--python", sys.executable, *words]


def fetch_uv():
    """Install uv into .uv/ with pip: this works without venv, and where Python is externally managed."""
    settings = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", ROOT / ".uv", "uv>=0.13.6,<0.14"]
    done = subprocess.run(pip, env={**os.environ, **settings}, capture_output=True, text=True)
    if done.returncode:
        *_, reason = ["", *done.stderr.split("\n")[:-1]]
        sys.exit(
            f"{reason}\nuv could not be installed, and it sets up everything else. This needs pip"
            " (on Debian: apt install python3-pip) and, the first time, a network."
        )


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
