"""Completion in a shell: by click's own protocol, in processes of their own, and once in a bash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_help import HEAVY, probe

PROGRAM = Path(sys.executable).with_name("besace")


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion") / "install"
    code, _out, _modules = probe("--as", "alice", "init", str(folder), "--with", "persons,opportunities,documents")
    assert code == 0
    return folder


def completed(typed: str, folder: Path, shell: str = "bash") -> list[str]:
    """What a shell is offered behind the words typed so far, of which the last may not be finished."""
    words = typed.split()
    place = len(words) - (0 if typed.endswith(" ") else 1)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BESACE_")}
    asked = {"_BESACE_COMPLETE": f"{shell}_complete", "COMP_WORDS": typed, "COMP_CWORD": str(place)}
    ran = subprocess.run([PROGRAM], capture_output=True, text=True, cwd=folder, env=kept | asked, check=False)
    assert ran.stderr == ""
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("besace opp", ["plain,opportunity"]),
        ("besace opportunity follow", ["plain,follow-up"]),
        ("besace opportunity create --ex", ["plain,--expected-close-date", "plain,--expected-revenue",
                                            "plain,--external-system", "plain,--external-id"]),
        ("besace user create --language ", ["plain,en", "plain,fr"]),
        ("besace completion ", ["plain,bash", "plain,zsh", "plain,fish"]),
        ("besace plugin en", ["plain,enable"]),
        ("besace export quo", ["plain,quote"]),
        ("besace type show opp", ["plain,opportunity"]),
        ("besace import o", ["file,o"]),
        ("besace --as alice verify --f", ["plain,--fix"]),
        ("besace nothing ", []),
        ("besace opportunity nothing ", []),
    ],
)  # fmt: skip
def test_commands_types_verbs_options_and_choices_are_completed(
    install: Path, typed: str, expected: list[str]
) -> None:  # fmt: skip
    assert completed(typed, install) == expected


def test_the_install_that_is_named_on_the_line_is_the_one_that_counts(install: Path, tmp_path: Path) -> None:
    assert completed("besace opportunity wi", tmp_path) == []
    assert completed(f"besace --install {install} opportunity wi", tmp_path) == ["plain,win"]


def test_completing_opens_no_database_and_loads_nothing_heavy(install: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(install, tmp_path / "copy")
    for file in copy.glob("besace.sqlite3*"):
        file.unlink()
    assert "plain,win" in completed("besace opportunity ", copy)
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*{m.partition('.')[0] for m in sys.modules}, file=sys.stderr))\n"
        "from besace.cli import main\n"
        "sys.exit(main())\n"
    )
    asked = {"_BESACE_COMPLETE": "bash_complete", "COMP_WORDS": "besace opportunity ", "COMP_CWORD": "2"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=copy, env=os.environ | asked, check=True
    )
    assert ("plain,win" in ran.stdout, set(ran.stderr.split()) & HEAVY) == (True, set())


def test_an_install_without_a_description_is_not_opened_for_it(install: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(install, tmp_path / "copy")
    shutil.rmtree(copy / ".besace")
    assert completed("besace opportunity ", copy) == []
    assert not (copy / ".besace").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(install: Path, shell: str) -> None:
    ran = subprocess.run([PROGRAM, "completion", shell], capture_output=True, text=True, cwd=install, check=True)
    assert ("_BESACE_COMPLETE" in ran.stdout, f"{shell}_complete" in ran.stdout) == (True, True)


def test_another_shell_is_refused_with_those_there_are(install: Path) -> None:
    ran = subprocess.run([PROGRAM, "completion", "dos"], capture_output=True, text=True, cwd=install, check=False)
    assert (ran.returncode, "'bash', 'zsh', 'fish'" in ran.stderr) == (2, True)


def test_a_bash_completes_with_the_script(install: Path) -> None:
    script = (
        'eval "$(besace completion bash)"; COMP_WORDS=(besace opportunity wi); COMP_CWORD=2; '
        '_besace_completion besace; echo "${COMPREPLY[@]}"'
    )
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, cwd=install,
        env=os.environ | {"PATH": path}, check=True,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("win\n", "")


def test_no_word_of_the_core_can_be_the_key_of_a_type() -> None:
    from besace.cli.tree import CORE
    from besace.types import CORE_WORDS

    assert set(CORE) - CORE_WORDS == set()
