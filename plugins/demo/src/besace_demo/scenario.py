"""A scenario: a Markdown file of prose and commands, read as steps. Pure.

A fence of the language `console` holds commands, one a line behind `$ `. Behind a command may stand:

    # refused        it is meant to be refused (exit code 1)
    # -> NAME        the id of what it created is called $NAME in the commands that follow

`<!-- today: 2026-03-16 -->` sets the day, `<!-- user: karim -->` who acts, from there on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Prose:
    """A heading (level 1 and more) or a paragraph (level 0)."""

    text: str
    level: int = 0


@dataclass(frozen=True)
class Setting:
    """What holds from here on: the day or who acts."""

    name: str
    value: str


@dataclass(frozen=True)
class Step:
    """One command, without the name of the program."""

    command: str
    is_refused: bool = False
    name: str | None = None


Piece = Prose | Setting | Step

_STEP = re.compile(r"\$ besace (?P<command>.*?)(?:\s+# (?:(?P<refused>refused)|-> (?P<name>[A-Z]+)))?")
_SETTING = re.compile(r"<!-- (today|user): (\S+) -->")


def read(markdown: str) -> Iterator[Piece]:
    """The pieces of a scenario in order; raises ValueError for a line in a fence that is no command."""
    fenced = False
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        if fenced or line.startswith("```"):
            yield from _flush(paragraph)
            if line.startswith("```"):
                fenced = not fenced
            else:
                yield _step(line)
        elif setting := _SETTING.fullmatch(line):
            yield from _flush(paragraph)
            yield Setting(setting[1], setting[2])
        elif line.startswith("#"):
            yield from _flush(paragraph)
            marks, _space, text = line.partition(" ")
            yield Prose(text, len(marks))
        elif line.strip():
            paragraph.append(line.strip())
        else:
            yield from _flush(paragraph)


def _flush(paragraph: list[str]) -> Iterator[Prose]:
    if paragraph:
        yield Prose(" ".join(paragraph))
        paragraph.clear()


def _step(line: str) -> Step:
    match = _STEP.fullmatch(line)
    if match is None:
        raise ValueError(f"{line!r} is no command of a scenario")
    return Step(match["command"], match["refused"] is not None, match["name"])
