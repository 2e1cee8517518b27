"""The tree of commands: core verbs named here, the rest built from the install's stored description."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli import cache
from besace.cli.groups import Group, UnknownCommand
from besace.errors import BesaceError, InstallError, UsageError
from besace.texts import LANGUAGES, Text, translator

if TYPE_CHECKING:
    from besace.app import Besace

_ = translator(__name__)

CORE: dict[str, tuple[str, Text]] = {
    "init": ("besace.cli.admin:init", _("Make a new install.")),
    "doctor": ("besace.cli.checkup:doctor", _("Say how the install is, and what to do about it.")),
    "verify": ("besace.cli.checkup:verify", _("Verify all that is stored.")),
    "plugin": ("besace.cli.plugins:plugin", _("Choose the plugins of the install.")),
    "config": ("besace.cli.admin:config", _("Show and change the settings of the install.")),
    "type": ("besace.cli.look:types", _("Show the types of the install and their fields.")),
    "list": ("besace.cli.lists:lists", _("Show and change the editable lists.")),
    "show": ("besace.cli.look:show", _("Show any entity.")),
    "search": ("besace.cli.look:search", _("Search all types by words of the label.")),
    "relation": ("besace.cli.links:relation", _("Show the relations that entities can have.")),
    "link": ("besace.cli.links:link", _("Link two entities.")),
    "unlink": ("besace.cli.links:unlink", _("Remove a link.")),
    "related": ("besace.cli.links:related", _("Show what an entity is linked to.")),
    "import": ("besace.cli.transfer:import_", _("Import a CSV file.")),
    "export": ("besace.cli.transfer:export", _("Export the entities of a type to a CSV file.")),
    "backup": ("besace.cli.archive:backup", _("Write the whole install to one file.")),
    "restore": ("besace.cli.archive:restore", _("Make an install from a backup.")),
    "move": ("besace.cli.archive:move", _("Move the install to another database.")),
    "completion": ("besace.cli.completion:completion", _("Print the script that completes commands in a shell.")),
}
"""The commands of the core: where each stands, and its line of help. Nothing is imported to show them."""

_NO_INSTALL = _("Go into the folder of one, name it with --install DIR, or make one with: besace init")
_OUTSIDE = _(
    "There is no install here, and most commands belong to one: go into its folder, or name it with --install DIR."
)


LOG_FORMATS = ("json", "text")
LOG_LEVELS = ("debug", "info", "warning", "error")
"""What may be logged, and how: named here, so that help needs no `logging`."""


class State:
    """What all commands of one run share: the words, the language, the install once it is open."""

    def __init__(
        self,
        words: Sequence[str],
        plugins: Mapping[str, Any],
        *,
        opened: Besace | None = None,
        is_completing: bool = False,
    ) -> None:
        self.plugins = plugins
        self.opened = opened
        self.is_completing = is_completing
        self.json = "--json" in before_double_dash(words)
        self.named = option(words, "--install")
        self.install = self.named or os.environ.get("BESACE_INSTALL")
        self.user = option(words, "--as") or os.environ.get("BESACE_USER")
        self.wanted_language = option(words, "--language") or os.environ.get("BESACE_LANGUAGE")
        self.log_format = option(words, "--log-format") or os.environ.get("BESACE_LOG_FORMAT")
        self.log_level = option(words, "--log-level")
        self.path: list[str] = []
        self.exit_code = 0
        self._crm: Besace | None = None
        self._language: str | None = None

    @property
    def is_logged(self) -> bool:
        """Whether logs were asked for, in a form that there is; others are refused with the options."""
        is_known = self.log_format in (None, *LOG_FORMATS) and self.log_level in (None, *LOG_LEVELS)
        return is_known and (self.log_format is not None or self.log_level is not None)

    @cached_property
    def folder(self) -> Path | None:
        """The folder of the install: the one named, or the nearest upwards with a besace.toml."""
        if self.install:
            return Path(self.install)
        here = Path.cwd()
        return next((p for p in (here, *here.parents) if (p / "besace.toml").exists()), None)

    def new_folder(self, given: Path | None) -> Path:
        """The folder of an install that is to be made: the one given, or that of --install, or this one."""
        named = Path(self.named) if self.named else None
        if given and named and given.resolve() != named.resolve():
            raise UsageError(
                _("{folder} is not the folder of --install {named}.").format(folder=given, named=named),
                _("Name the folder of the new install once."),
            )
        return given or named or Path()

    def settle(self, folder: Path) -> None:
        """Go on with the install that was made in a folder, and write the description that help reads."""
        self.install = str(folder)
        self.__dict__.pop("folder", None)
        self.crm()

    @cached_property
    def description(self) -> dict[str, Any]:
        """The install's stored description; empty where there is none yet."""
        return cache.load(self.folder) if self.folder else {}

    @property
    def language(self) -> str:
        """The language asked for, else that of who acts or of the install, else that of the environment."""
        chosen = self.wanted_language or self._language or self.description.get("language")
        if chosen not in LANGUAGES:
            surrounding = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
            chosen = surrounding[:2] if surrounding[:2] in LANGUAGES else LANGUAGES[0]
        return str(chosen)

    @property
    def may_open(self) -> bool:
        """Whether the install can be asked for what its description does not say: not while one types a command."""
        return self._crm is None and self.folder is not None and not self.is_completing

    def speak(self, language: str) -> None:
        """Go on in the language of who acts."""
        self._language = language

    def say(self, text: Text) -> str:
        """A text in the reader's language."""
        return text.in_language(self.language)

    def crm(self, *, warning: bool = True) -> Besace:
        """The install, opened once; its quarantined plugins are told on stderr, unless that is for later."""
        if self._crm is None:
            if self.folder is None:
                raise InstallError(_("There is no install here."), _NO_INSTALL)
            self._crm = self._open(self.folder)
            if warning:
                self.warn()
            self.__dict__["description"] = cache.refresh(self._crm, self.description)
        return self._crm

    def _open(self, folder: Path) -> Besace:
        from besace.app import Besace
        from besace.surroundings import read_config

        if self.opened is not None and self.opened.folder == folder and self.opened.config == read_config(folder):
            return self.opened.again(user=self.user, language=self.wanted_language)
        return Besace.open(folder, user=self.user, language=self.wanted_language, plugins=self.plugins)

    def warn(self) -> None:
        """Tell the quarantined plugins on stderr, one line each."""
        for problem in self.crm().host.quarantine.values():
            print(self.say(_("Warning: {problem}").format(problem=problem)), file=sys.stderr)

    def unloaded(self) -> Besace:
        """The install without its plugins, for what is done before they are loaded; whoever asks closes it."""
        if self.folder is None:
            raise InstallError(_("There is no install here."), _NO_INSTALL)
        from besace.app import Besace

        return Besace.unloaded(self.folder, user=self.user, language=self.wanted_language, plugins=self.plugins)

    def refresh(self) -> None:
        """Describe the install anew: its doors have changed."""
        self.__dict__["description"] = cache.refresh(self.crm(), {})

    def close(self) -> None:
        """Close the install, unless it came open."""
        if self._crm is not None and (self.opened is None or self._crm.engines is not self.opened.engines):
            self._crm.close()


_WITH_VALUE = ("--install", "--as", "--language", "--log-format", "--log-level")
"""The global options that a value follows."""


def option(words: Sequence[str], name: str) -> str | None:
    """The value of a global option, before the command or behind `init`; help knows it before click parses.

    Given twice, the last one counts, as it does for click.
    """
    known = _global_words(words)
    value = None
    for place, word in enumerate(known):
        if word == name and place + 1 < len(known):
            value = known[place + 1]
        elif word.startswith(f"{name}="):
            value = word.partition("=")[2]
    return value


def _global_words(words: Sequence[str]) -> Sequence[str]:
    """The words in which global options stand; elsewhere they are a command's own: user create --language."""
    known = before_double_dash(words)
    place = 0
    while place < len(known) and known[place].startswith("-"):
        place += 2 if known[place] in _WITH_VALUE else 1
    return known if list(known[place : place + 1]) == ["init"] else known[:place]


def before_double_dash(words: Sequence[str]) -> Sequence[str]:
    """The words that may be options: after `--` there are none."""
    return words[: words.index("--")] if "--" in words else words


class Doors(Group):
    """The root: core verbs, the install's types and parts, the plugins' commands."""

    def __init__(self, state: State) -> None:
        self.state = state
        say = state.say
        super().__init__(
            "besace",
            help=say(_("Besace keeps opportunities, commercial actions, and all that hangs on them.")),
            params=[
                click.Option(
                    ["--install"], metavar="DIR", is_eager=True, expose_value=False,
                    help=say(_("The folder of the install ($BESACE_INSTALL, or the nearest besace.toml upwards).")),
                ),
                click.Option(
                    ["--as", "user"], metavar="USER", is_eager=True, expose_value=False,
                    help=say(_("Who acts ($BESACE_USER, or the operating system's user).")),
                ),
                click.Option(
                    ["--language"], type=click.Choice(LANGUAGES), is_eager=True, expose_value=False,
                    help=say(_("The language of what is shown ($BESACE_LANGUAGE).")),
                ),
                click.Option(
                    ["--log-format"], type=click.Choice(LOG_FORMATS), is_eager=True, expose_value=False,
                    envvar="BESACE_LOG_FORMAT",
                    help=say(_("Log what happens to stderr, one event a line ($BESACE_LOG_FORMAT).")),
                ),
                click.Option(
                    ["--log-level"], type=click.Choice(LOG_LEVELS), is_eager=True, expose_value=False,
                    help=say(_("Log from this level on (info).")),
                ),
                click.Option(
                    ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version,
                    help=say(_("Show the version.")),
                ),
            ],
        )  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Core verbs first, then the types and commands of the install."""
        types = [k for k in self._types() if k not in CORE]
        return [*CORE, *(k.replace("_", "-") for k in types), *sorted(self._commands())]

    def _types(self) -> dict[str, Any]:
        """What is known of the types; an install that was never described, or not by this version, is opened for it."""
        state = self.state
        if not state.description and state.may_open:
            # An install that cannot be opened still has a help: its commands say why they fail.
            with suppress(BesaceError):
                state.crm()
        types: dict[str, Any] = state.description.get("types", {})
        return types

    def _commands(self) -> dict[str, dict[str, Any]]:
        stored: dict[str, dict[str, Any]] | None = self.state.description.get("commands")
        if stored is not None:
            return stored
        from besace.discovery import available

        return cache.installless_commands(available(self.state.plugins))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands in three sections, without importing any."""
        language = self.state.language
        types = self._types()
        sections = [
            (_("Core"), [(name, help.in_language(language)) for name, (_where, help) in CORE.items()]),
            (_("Types"), [(k.replace("_", "-"), cache.told(t["help"], language)) for k, t in types.items()]),
            (_("Commands"), [(n, cache.told(c["help"], language)) for n, c in sorted(self._commands().items())]),
        ]
        for title, rows in sections:
            if rows:
                with formatter.section(title.in_language(language)):
                    formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command by name; an unknown one opens the install once, whose description may be older than its plugins."""
        if name in CORE:
            return loaded(CORE[name][0], self.state)
        found = self._described(name)
        if found is None and self.state.may_open:
            self.state.crm()
            found = self._described(name)
        return found

    def _described(self, name: str) -> click.Command | None:
        from besace.cli.verbs import type_group

        key = name.replace("-", "_")
        types = self.state.description.get("types", {})
        if key in types:
            return type_group(key, types[key], self.state)
        commands = self._commands()
        if name in commands:
            return loaded(commands[name]["target"], self.state)
        return None

    def unknown(self, ctx: click.Context, name: str) -> UnknownCommand:
        """The error for a command that does not exist; outside an install, most do not."""
        outside = _OUTSIDE if self.state.folder is None else None
        return self.unknown_among(ctx, name, self.list_commands(ctx), outside)


def loaded(target: str, state: State) -> click.Command:
    """A command by "module:attribute": a click command, or a function that makes one for a run."""
    module, _colon, attribute = target.partition(":")
    found = getattr(import_module(module), attribute)
    return found if isinstance(found, click.Command) else found(state)


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"besace {version('besace-core')}")
        ctx.exit()
