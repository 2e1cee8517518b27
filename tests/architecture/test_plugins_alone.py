"""A plugin stands on the core and what it requires: its tests pass where the others are not installed at all."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = Path(sysconfig.get_path("purelib"))


@pytest.fixture
def without(tmp_path: Path):
    """The environment of a machine that has all libraries but only these members of the workspace."""

    def environment(*members: str) -> dict[str, str]:
        libraries = tmp_path / "libraries"
        libraries.mkdir()
        ours = [f"besace_{name}" for name in members]
        for entry in LIBRARIES.iterdir():
            is_member = entry.name.startswith("besace_") and entry.suffix in (".dist-info", ".pth")
            if not is_member or any(entry.name.startswith((f"{name}-", f"{name}.")) for name in ours):
                (libraries / entry.name).symlink_to(entry)
        folders = ["core", *(f"plugins/{name}" for name in members if name != "core")]
        paths = [libraries, *(ROOT / folder / "src" for folder in folders)]
        # -S: no .pth file is read, so that nothing is found but what stands here.
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTEST_ADDOPTS": ""}

    return environment


def run_python(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_an_absent_distribution_is_really_absent(without):
    code = (
        "import besace_commercial_actions, importlib.util as u, importlib.metadata as m;"
        "print(sorted(p.name for p in m.entry_points(group='besace.plugins')), u.find_spec('besace_persons'))"
    )
    done = run_python(without("core", "commercial_actions"), "-c", code)
    assert done.stdout.strip() == "['commercial_actions'] None", done.stderr


def test_commercial_actions_passes_its_tests_without_persons_opportunities_and_documents(without):
    words = [
        "-m",
        "pytest",
        "-o",
        "addopts=--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-k",
        "not postgresql",  # what is not installed has nothing to do with the database
        "tests/commercial_actions",
    ]
    done = run_python(without("core", "commercial_actions"), *words)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout
