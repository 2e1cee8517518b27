"""`besace plugin make-migration`, for a plugin in a folder of its own, as its author runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLUGIN = """
from besace import hookimpl

@hookimpl
def register_entity_types():
    from course_plugin import models
    return [models.Course]
"""

MODELS = '''
"""Courses."""
from besace import Entity, fields
from sqlalchemy.orm import Mapped

class Course(Entity, type="{type}"):
    """A course."""
    title: Mapped[str] = fields.text("Title", names_row=True)
    {field}
'''

SEATS = 'seats: Mapped[int | None] = fields.integer("Seats")'
PLACES = 'places: Mapped[int | None] = fields.integer("Places")'

Author = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def besace(tmp_path: Path) -> Author:
    """Run `besace` where a plugin is installed, whose models are written first: `besace(SEATS, "plugin", "list")`."""
    package, information = tmp_path / "course_plugin", tmp_path / "course_plugin-1.dist-info"
    for folder in (package, information):
        folder.mkdir()
    (package / "__init__.py").touch()
    (package / "plugin.py").write_text(PLUGIN)
    (information / "METADATA").write_text("Name: course-plugin\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[besace.plugins]\ncourses = course_plugin.plugin\n")

    def run(field: str, *words: str, type: str = "course") -> subprocess.CompletedProcess[str]:
        (package / "models.py").write_text(MODELS.format(type=type, field=field))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESACE_")}
        environment |= {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-m", "besace", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def migrate(besace: Author, field: str, message: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return besace(field, "plugin", "make-migration", "courses", "-m", message, **options)


def test_the_first_migration_makes_the_tables_and_the_next_finds_nothing(besace, tmp_path):
    made = migrate(besace, SEATS, "The tables of courses.")
    assert (made.returncode, made.stderr) == (0, "")
    path = tmp_path / "course_plugin" / "migrations" / "0001_the_tables_of_courses.py"
    assert made.stdout.strip() == str(path)
    assert 'op.create_table("course"' in path.read_text().replace("'", '"')
    again = migrate(besace, SEATS, "Nothing")
    assert again.stdout == "The tables are those of the models: there is nothing to write.\n"
    assert len(list(path.parent.glob("*.py"))) == 1


@pytest.mark.parametrize(
    ("field", "type", "call"),
    [
        (PLACES, "course", 'evolving.rename_column("course", "seats", "places")'),
        (SEATS, "training", 'evolving.rename_type("course", "training")'),
    ],
)
def test_what_may_be_a_rename_is_told(besace, field, type, call):
    assert migrate(besace, SEATS, "The tables").returncode == 0
    made = migrate(besace, field, "Another name", type=type)
    assert made.stdout.strip().endswith("0002_another_name.py")
    assert "rows lose what they had" in made.stderr
    assert made.stderr.strip().endswith(call)


def test_a_plugin_that_had_no_migrations_goes_on_with_them(besace):
    assert besace(SEATS, "init", "crm", "--with", "courses", "--currency", "EUR").returncode == 0
    assert besace(SEATS, "--install", "crm", "course", "create", "--title", "Law", "--seats", "9").returncode == 0
    assert migrate(besace, SEATS, "The tables").returncode == 0
    assert migrate(besace, f"{SEATS}\n    {PLACES}", "Places").returncode == 0
    both = f"{SEATS}\n    {PLACES}"
    done = besace(both, "--install", "crm", "plugin", "upgrade")
    assert done.stdout == "courses: 0001 the tables is done.\ncourses: 0002 places is done.\nUpgraded: courses.\n"
    shown = besace(both, "--install", "crm", "course", "list", "--columns", "title,seats,places")
    assert "Law" in shown.stdout
    assert "9" in shown.stdout


def test_a_single_module_has_no_place_for_migrations(besace, tmp_path):
    (tmp_path / "alone.py").write_text((tmp_path / "course_plugin" / "plugin.py").read_text())
    (tmp_path / "course_plugin-1.dist-info" / "entry_points.txt").write_text("[besace.plugins]\ncourses = alone\n")
    refused = migrate(besace, SEATS, "The tables")
    assert refused.returncode == 1
    assert 'Plugin "courses" has no package to hold migrations. Make it a folder' in refused.stderr
    assert not (tmp_path / "migrations").exists()
