"""Pages that are run: the commands of a Markdown page, and what they print.

    python -m tests.docs.pages              say which pages do not show what their commands print
    python -m tests.docs.pages --update     write into the pages what their commands print

A fence of the language `console` holds commands behind `$ `, each followed by what it prints. They are run in
turn, in a new folder, as the user `sophie` on 2026-01-12. Comments say what else is to be done:

    <!-- today: 2026-03-16 -->      the day from here on
    <!-- user: karim -->            who acts from here on
    <!-- times: typed -->           the times of the day from here on were typed: they are shown as they are
    <!-- file: training.py -->      the next fence is written to this file
    <!-- change: models.py -->      the next fence, lines with -, + or nothing before them, changes this file
    <!-- example: NAME as visits --> the next fence is examples/hooks/NAME.py, the plugin `visits` from here on
    <!-- install: persons visits --> an install is made here with these plugins

`besace` runs in this process. `uv pip install` puts a package beside the environment instead of into it, for
this page alone; the sources of one that is installed with --editable count as they are. Times of the day are shown as
09:00, those of pytest as 1.00s, the folder of the page as /srv, free space and the versions of other programs as if
they never changed.
"""

from __future__ import annotations

import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "docs/tutorial/your-first-deal.md",
    "docs/tutorial/your-first-plugin.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "how-to").glob("declare-*.md")),
    "docs/how-to/add-an-entity-type.md",
    "docs/how-to/change-a-type-that-has-rows.md",
    "docs/how-to/change-what-an-install-has.md",
    "docs/how-to/fill-the-bag.md",
    "docs/how-to/import-a-csv.md",
    "docs/how-to/keep-notes-and-files.md",
    "docs/how-to/plan-an-action.md",
    "docs/how-to/keep-activities.md",
    "docs/how-to/quotes-orders-invoices.md",
    "docs/how-to/look-after-an-install.md",
    "docs/how-to/run-an-install.md",
    "docs/reference/conditions.md",
    "docs/reference/json.md",
]
USER, TODAY = "sophie", "2026-01-12"

_COMMENT = re.compile(r"<!-- (today|user|times|file|change|example|install): (.+) -->")
_TIME = re.compile(r"(?<=\d{4}-\d\d-\d\d)([ T])\d\d:\d\d(:\d\d(?:\.\d+)?(?=Z))?")
_FAILED = re.compile(r"(?m)^(Error|Usage|FAILED)[: ]|^\S+\.csv, row \d+|^ +PROBLEM ")
_VARYING = [
    (re.compile(r"(?<=Python )[\d.]+\w*(?=,)"), "3.13.1"),
    (re.compile(r"(?<=SQLAlchemy )[\d.]+\w*(?=\.)"), "2.1.0"),
    (re.compile(r"SQLite [\d.]+, through sqlite3 [\d.]+(?=\.)"), "SQLite 3.50.0, through sqlite3 3.50.0"),
    (re.compile(r"\d+ MB left"), "52000 MB left"),
]
_SECONDS = re.compile(r"(?<= in )[\d.]+s(?: \(\S+\))?(?=\s|$)")
_ASSIGNMENT = re.compile(r"[A-Z][A-Z_]*=.*")


class PageError(Exception):
    """Raised when a command of a page fails and its page does not show that it should."""


@dataclass
class Shell:
    """Runs the commands of a page in a folder of its own."""

    folder: Path
    environment: dict[str, str]
    packages: Path
    home: Path
    has_typed_times: bool = False
    is_reinstalled: bool = False
    """A package was installed once more: what this process has imported of it is of another version."""
    sources: list[Path] = field(default_factory=list)
    plugins: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path) -> Shell:
        """A shell in an empty folder, with nothing of the surrounding Besace."""
        home = folder / "home"
        home.mkdir()
        foreign = ("BESACE_", "PYTEST_", "LANGUAGE", "CI", "BUILD_NUMBER")  # pytest prints more where CI is set
        kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        own = {
            "BESACE_USER": USER,
            "BESACE_TODAY": TODAY,
            "COLUMNS": "100",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        return cls(home, kept | own, folder / "packages", home)

    def run(self, command: str) -> str:
        """What a command prints, on both streams; raises PageError where it fails without saying `Error:`."""
        words = shlex.split(command)
        environment = dict(self.environment)
        while words and _ASSIGNMENT.fullmatch(words[0]):
            name, _equals, value = words.pop(0).partition("=")
            environment[name] = value
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            return ""
        if words[:3] == ["uv", "pip", "install"]:
            code, output = self._install(words[3:])
        elif words[0] == "besace":
            code, output = self._besace(words[1:], environment)
        elif words[0] in ("pytest", "python"):
            environment["PYTHONPATH"] = os.pathsep.join(self._paths)
            typed = ["-m", *words] if words[0] == "pytest" else words[1:]
            code, output = self._process([sys.executable, *typed], environment)
            output = _SECONDS.sub("1.00s", output)
        else:
            code, output = self._process(["sh", "-c", command], environment)
            self._forget()  # it may have changed a source
        if not self.has_typed_times:
            output = _TIME.sub(lambda time: f"{time[1]}09:00{':00' if time[2] else ''}", output)
        output = output.replace(str(self.home.resolve()), "/srv")
        for varying, shown in _VARYING:
            output = varying.sub(shown, output)
        output = "\n".join(line.rstrip() for line in output.splitlines()).strip("\n")
        if bool(code) != bool(_FAILED.search(output) and "--help" not in words):
            raise PageError(f"$ {command}\n{output}\nended with {code}")
        return output

    def _besace(self, words: list[str], environment: dict[str, str]) -> tuple[int, str]:
        from besace.cli import main

        if self.is_reinstalled:
            return self._process(
                [sys.executable, "-m", "besace", *words], {**environment, "PYTHONPATH": str(self.packages)}
            )
        printed = io.StringIO()
        with (
            self._surroundings(environment),
            redirect_stdout(printed),
            redirect_stderr(printed),
            warnings.catch_warnings(),
        ):
            # A changed class was there before under its name; in a process of its own it would not have been.
            warnings.filterwarnings("ignore", "This declarative base already contains a class")
            code = main(words, plugins=self.plugins)
        return code, printed.getvalue()

    @contextmanager
    def _surroundings(self, environment: dict[str, str]) -> Iterator[None]:
        before, here = dict(os.environ), Path.cwd()
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def _process(self, words: list[str], environment: dict[str, str]) -> tuple[int, str]:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def _install(self, words: list[str]) -> tuple[int, str]:
        uv = os.environ.get("UV") or ROOT / ".uv" / "bin" / "uv"
        packages = [word for word in words if not word.startswith("-")]
        beside = [
            "--quiet",
            "--offline",
            "--no-deps",
            "--python",
            sys.executable,
            "--target",
            str(self.packages),
        ]
        self.is_reinstalled = str(self.packages) in sys.path
        if not self.is_reinstalled:
            sys.path.append(str(self.packages))
        if "--editable" in words or "-e" in words:
            self.sources += [(self.folder / package.partition("[")[0] / "src").resolve() for package in packages]
        sys.path[:] = [*map(str, self.sources), *(p for p in sys.path if p not in self._paths), str(self.packages)]
        done = self._process([str(uv), "pip", "install", *beside, *packages], dict(self.environment))
        importlib.invalidate_caches()
        return done

    @property
    def _paths(self) -> list[str]:
        return [str(path) for path in (*self.sources, self.packages)]

    def write(self, name: str, block: list[str]) -> None:
        """Write a file; modules that were loaded from here are loaded anew."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(block) + "\n", encoding="utf-8")
        self._forget()

    def change(self, name: str, block: list[str]) -> None:
        """Change a file as told: what is before, and what is in its place; a blank line stands between two places."""
        text = (self.folder / name).read_text(encoding="utf-8")
        for hunk in "\n".join(block).split("\n\n"):
            lines = hunk.splitlines()
            old, new = ("\n".join(line[1:] for line in lines if line[0] != sign) for sign in "+-")
            if text.count(old) != 1:
                raise PageError(f"{name} holds {text.count(old)} times:\n{old}")
            text = text.replace(old, new)
        self.write(name, text.splitlines())

    def take_example(self, told: str) -> list[str]:
        """The lines of an example, which is a plugin from here on: `register_part_types as visits`."""
        hook, _as, name = told.split()
        path = ROOT / "examples" / "hooks" / f"{hook}.py"
        spec = importlib.util.spec_from_file_location(f"example_{name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        self.plugins[name] = module
        return path.read_text(encoding="utf-8").splitlines()

    def make_install(self, names: str) -> None:
        """Make an install here with some plugins."""
        code, output = self._besace(["init", "--with", ",".join(names.split())], self.environment)
        if code:
            raise PageError(output)

    def _forget(self) -> None:
        inside = (f"{self.packages}{os.sep}", *(f"{path}{os.sep}" for path in self.sources))
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(inside):
                del sys.modules[name]

    def close(self) -> None:
        """Forget the packages that the page installed, and its examples."""
        self._forget()
        sys.path[:] = [path for path in sys.path if path not in self._paths]
        for name in self.plugins:
            del sys.modules[f"example_{name}"]


def played(page: str, folder: Path) -> str:
    """The page with what its commands print now; they are run in `folder`, which must be empty."""
    shell = Shell.new(folder)
    try:
        return "\n".join(_lines(shell, iter(page.splitlines()))) + "\n"
    finally:
        shell.close()


def _lines(shell: Shell, lines: Iterator[str]) -> Iterator[str]:
    file: tuple[str, Callable[[str, list[str]], None]] | None = None
    example: list[str] | None = None
    for line in lines:
        yield line
        if comment := _COMMENT.fullmatch(line):
            match comment[1]:
                case "file":
                    file = comment[2], shell.write
                case "change":
                    file = comment[2], shell.change
                case "example":
                    example = shell.take_example(comment[2])
                case "install":
                    shell.make_install(comment[2])
                case "times":
                    shell.has_typed_times = comment[2] == "typed"
                case name:
                    shell.environment[f"BESACE_{name.upper()}"] = comment[2]
        elif line.startswith("```"):
            block = _fence(lines)
            if file is not None:
                name, write = file
                write(name, block)
                file = None
            elif example is not None:
                block, example = example, None
            elif line == "```console":
                block = _run_all(shell, block)
            yield from [*block, "```"]


def _fence(lines: Iterator[str]) -> list[str]:
    block = []
    for line in lines:
        if line == "```":
            return block
        block.append(line)
    raise PageError("a fence is not closed")


def _run_all(shell: Shell, block: list[str]) -> list[str]:
    """The commands of a fence with their output; a blank line follows each output."""
    result: list[str] = []
    output: list[str] = []
    place = 0
    while place < len(block):
        if not block[place].startswith("$ "):
            place += 1
            continue
        if output:
            result.append("")
        typed = [block[place]]
        while typed[-1].endswith("\\"):
            typed.append(block[place + len(typed)])
        place += len(typed)
        command = " ".join(line.removeprefix("$ ").removeprefix("> ").removesuffix("\\") for line in typed)
        output = shell.run(command).splitlines()
        result += [*typed, *output]
    return result


def main(words: list[str]) -> int:
    """Update or check the pages; returns the exit code."""
    if words not in ([], ["--update"]):
        print(__doc__)
        return 2
    stale = 0
    for name in PAGES:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            now = played(before, Path(folder))
        if now != before:
            stale += 1
            print(f"{name} {'is written anew' if words else 'shows what is not printed any more'}.")
            if words:
                path.write_text(now, encoding="utf-8")
    return 1 if stale and not words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
