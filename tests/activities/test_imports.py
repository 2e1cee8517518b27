"""What is heavy is imported by the one command that needs it."""

from __future__ import annotations

import subprocess
import sys

LISTED = "import sys, besace_activities.plugin as p, besace_activities.command as c, besace_activities.agenda as a"


def test_an_agenda_without_a_file_imports_no_library_for_calendars() -> None:
    code = f"{LISTED}; p.register_commands(); print('icalendar' in sys.modules, 'sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_its_help_imports_no_sqlalchemy() -> None:
    code = "import sys, besace_activities.command; print('sqlalchemy' in sys.modules, 'icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
