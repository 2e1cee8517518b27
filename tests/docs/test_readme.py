"""What the README claims holds: its commands run, and its transcript is what the demo prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from . import transcript

CI = transcript.ROOT / ".ci" / "run"


def commands():
    readme = transcript.README.read_text(encoding="utf-8")
    (fence,) = re.findall(r"```sh\n(.*?)```", readme, flags=re.DOTALL)
    return [line.partition("#")[0].strip() for line in fence.splitlines()]


def test_readme_names_the_two_commands():
    assert commands() == ["python3 run.py demo", "python3 run.py test"]


def test_demo_runs_and_the_transcript_is_what_it_prints(tmp_path):
    readme = transcript.README.read_text(encoding="utf-8")
    printed = transcript.demo(tmp_path)
    assert transcript.written(readme, printed) == readme, "write it anew: python -m tests.docs.transcript --update"


def test_test_command_starts_the_tests():
    words = [sys.executable, "run.py", "test", "--collect-only", "-n0", "tests/docs/test_readme.py"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(words, cwd=transcript.ROOT, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "test_test_command_starts_the_tests" in done.stdout


def test_ci_runs_the_test_command_of_the_readme():
    assert commands()[1] in CI.read_text(encoding="utf-8")
