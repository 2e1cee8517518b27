"""An integrator's first plugin: written by one command, installed by one, enabled, and right at once."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .machine import Machine

ROOT = Path(__file__).parents[2]
UV = os.environ.get("UV") or str(ROOT / ".uv" / "bin" / "uv")


def uv(*words: str | Path) -> None:
    done = subprocess.run([UV, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A virtual environment outside the repository with the core alone, and the new plugin in it."""
    folder = tmp_path_factory.mktemp("integrator")
    python = folder / "venv" / "bin" / "python"
    assert Machine(folder).run("plugin", "new", "training").returncode == 0
    uv("venv", "--quiet", folder / "venv")
    uv(
        "pip",
        "install",
        "--quiet",
        "--system-certs",
        "--python",
        python,
        ROOT / "core",
        f"{folder}/besace-training[test]",
    )
    machine = Machine(folder, python)
    machine.environment.pop("PYTHONPATH", None)
    return machine


def test_its_own_tests_pass_at_once(machine: Machine) -> None:
    done = machine.run("-vv", "--rootdir", "besace-training", "besace-training", module="pytest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_contract[sqlite-training-is-linked-and-unlinked] PASSED" in done.stdout
    skipped = [line for line in done.stdout.splitlines() if " SKIPPED" in line]
    assert [line for line in skipped if "postgresql" not in line] == []  # no server for tests is installed there


def test_it_is_enabled_and_used(machine: Machine) -> None:
    assert machine.run("init", str(machine.install)).returncode == 0
    assert machine.besace("plugin", "enable", "training") == {"enabled": ["training"], "changed": ["training"]}
    made = machine.new("training", "create", "--title", "First aid", "--price", "300", "--day", "2026-03-20")
    shown = machine.besace("training", "show", made)
    assert (shown["state"], shown["blocks"]) == ("planned", {"timing": {"days_left": 6}})
    finished = machine.run("--language", "fr", "training", "finish", made)
    assert "Faite le" in finished.stdout
    (counted,) = machine.besace("training", "count", "--where", "done", "--sum", "final")
    assert counted == {"by": None, "count": 1, "sum": {"EUR": "300.00"}}
    again = machine.run("training", "finish", made)
    assert (again.returncode, again.stdout) == (1, "")
    assert "was done on 2026-03-14 already" in again.stderr
