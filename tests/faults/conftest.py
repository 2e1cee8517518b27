from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from besace import Besace

HEAD = """
import sys
from pathlib import Path
from besace import Besace, entities, operations, reading, relations
from besace.dialects import reserve_ids
from besace.relations import Link
crm, number = Besace.open(Path(sys.argv[1]), user="alice"), int(sys.argv[2])
"""


class Processes:
    """Several processes that do the same at the same time, each with its number."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def start(self, crm: Besace | Path, code: str, *, times: int = 1) -> list[subprocess.Popen[str]]:
        """Start `code` in new processes, where `crm` and `number` are known."""
        folder = crm if isinstance(crm, Path) else crm.folder
        words = [sys.executable, "-c", HEAD + code, str(folder)]
        started = [
            subprocess.Popen(
                [*words, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for n in range(times)
        ]
        self.running += started
        return started

    def all(self, crm: Besace | Path, code: str, *, times: int) -> list[str]:
        """What each of them printed; none may fail."""
        return [self.end(process) for process in self.start(crm, code, times=times)]

    @staticmethod
    def end(process: subprocess.Popen[str]) -> str:
        """Wait until a process is done; what it printed."""
        out, err = process.communicate(timeout=300)
        assert (process.returncode, err) == (0, ""), err
        return out


@pytest.fixture
def processes(besace_environment: None) -> Iterator[Processes]:
    started = Processes()
    yield started
    for process in started.running:
        process.kill()
        process.communicate()


@pytest.fixture
def make(besace_environment: None) -> Callable[..., int]:
    """Create an entity in a unit of its own; gives its id."""
    from besace import entities

    def create(crm: Besace, type_key: str, **values: object) -> int:
        made: int = crm.write(lambda work: entities.create(work, type_key, **values).id)
        return made

    return create
