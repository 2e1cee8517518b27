"""`besace demo [DIR]`: plays the scenario, each command as a person would type it."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from besace import translator
from besace.errors import BesaceError, InstallError
from besace_demo.scenario import Piece, Prose, Setting, Step, read

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)

_WIDTH = 100
_INPUT = {"en": ("companies.csv", "companies.toml"), "fr": ("societes.csv", "societes.toml")}


class StepFailed(BesaceError):
    """Raised when a command of the scenario does not end as the scenario says."""


def demo(state: State) -> click.Command:
    """The click command."""

    def callback(folder: Path | None, pause: bool) -> None:
        language = state.language
        place = folder or Path(tempfile.mkdtemp(prefix="besace-demo-")) / "install"
        if place.exists() and any(place.iterdir()):
            raise InstallError(
                _("{folder} is not empty.").format(folder=place), _("Give the demo a new folder, or none.")
            )
        print(state.say(_("This demo works in {folder}").format(folder=place)))
        with Player(place, language) as player:
            for piece in scenario(language):
                player.play(piece)
                if pause and isinstance(piece, Step):
                    input()
        print()
        print(state.say(_("Look around: besace --install {folder} --as sophie --help").format(folder=place)))

    return click.Command(
        "demo",
        params=[
            click.Argument(
                ["folder"], type=click.Path(path_type=Path, file_okay=False), required=False, metavar="[DIR]"
            ),
            click.Option(["--pause"], is_flag=True, help=state.say(_("Wait for Enter after each command."))),
        ],
        callback=callback,
        help=state.say(
            _("Play the story of an opportunity and of a trade fair, step by step, on an install of its own.")
        ),
    )


def scenario(language: str) -> list[Piece]:
    """The pieces of the story in a language."""
    return list(read(files("besace_demo").joinpath(f"scenario.{language}.md").read_text(encoding="utf-8")))


class Player:
    """Plays a scenario on an install of its own, printing prose, commands and what they say.

    While it is entered, the commands see no other install, day, user and language than its own.
    """

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder.resolve()
        self.language = language
        self.names: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Player:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _INPUT[self.language]:
            source = files("besace_demo").joinpath(self.language, name)
            (self.folder / name).write_bytes(source.read_bytes())
        self._stack.enter_context(_surroundings(self.folder, self.language))
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def play(self, piece: Piece) -> None:
        """Play one piece; raises StepFailed for a command that does not end as the scenario says."""
        match piece:
            case Prose(text, level):
                self._tell(text, level)
            case Setting("today", value):
                os.environ["BESACE_TODAY"] = value
            case Setting(_name, value):
                os.environ["BESACE_USER"] = value
            case Step():
                self._run(piece)

    def _tell(self, text: str, level: int) -> None:
        print()
        plain = text.replace("**", "").replace("*", "").replace("`", "")
        if level:
            print(_bold(plain.upper() if level == 1 else plain))
            return
        print(textwrap.fill(plain, _WIDTH))

    def _run(self, step: Step) -> None:
        from besace.cli import main

        command = re.sub(r"\$([A-Z]+)", lambda match: self.names[match[1]], step.command)
        print(f"\n{_bold('$ besace ' + command)}", flush=True)
        code = main(shlex.split(command))
        sys.stderr.flush()
        if code != (1 if step.is_refused else 0):
            raise StepFailed(_("The demo stopped: this command ended with {code}.").format(code=code))
        if step.name:
            self.names[step.name] = str(self._newest())

    def _newest(self) -> int:
        """The id of what the last change created: an entity, else a part."""
        from sqlalchemy import select

        from besace import Besace
        from besace.changes import entry

        with Besace.open(self.folder, user=os.environ["BESACE_USER"]) as crm, crm.read() as work:
            last = select(entry.c.change_id).order_by(entry.c.id.desc()).limit(1).scalar_subquery()
            rows = work.execute(select(entry).where(entry.c.change_id == last).order_by(entry.c.id)).all()
        created = [row.entity_id for row in rows if row.action == "create"]
        return int(created[0] if created else rows[0].about.partition(":")[2])


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() else text


@contextmanager
def _surroundings(folder: Path, language: str) -> Iterator[None]:
    """The environment in which the commands run, put back afterwards; they see no other install."""
    names = ("BESACE_INSTALL", "BESACE_TODAY", "BESACE_USER", "BESACE_LANGUAGE")
    before = {name: os.environ.get(name) for name in names}
    here = Path.cwd()
    os.environ["BESACE_LANGUAGE"] = language
    os.environ["BESACE_INSTALL"] = str(folder)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
