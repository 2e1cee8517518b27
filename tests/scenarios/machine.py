"""A machine of its own for the tests: packages, an install, and the command line in a process of its own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any


class Machine:
    """A machine with Besace and a stranger's plugin on it, used from the command line alone."""

    def __init__(self, folder: Path, python: Path | str = sys.executable) -> None:
        self.folder = folder
        self.python = str(python)
        self.packages = folder / "packages"
        self.install = folder / "install"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BESACE_", "PYTEST_"))}
        fixed = {"BESACE_TODAY": "2026-03-14", "BESACE_USER": "alice", "BESACE_INSTALL": str(self.install)}
        self.environment = kept | fixed

    def unpack(self, wheel: Path) -> None:
        """Install a wheel: it is an archive of what belongs on the path."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.packages)
        path = os.pathsep.join(filter(None, [str(self.packages), self.environment.get("PYTHONPATH")]))
        self.environment["PYTHONPATH"] = path

    def run(self, *words: str, module: str = "besace") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, "-m", module, *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def besace(self, *words: str) -> Any:
        """What a command that succeeds prints as JSON."""
        done = self.run(*words, "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return json.loads(done.stdout)

    def new(self, *words: str) -> str:
        """The id of what a command made."""
        return str(self.besace(*words)["id"])

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.install / "besace.sqlite3")) as database:
            return database.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
