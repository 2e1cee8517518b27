"""Commands of the author of a plugin: `besace plugin new`, `besace plugin make-migration`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from besace.cli.verbs import json_option
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)


def new(state: State) -> click.Command:
    """`besace plugin new NAME [--directory DIR]`."""

    def callback(name: str, directory: Path, as_json: bool) -> None:
        from besace.discovery import available
        from besace.scaffold import write_plugin
        from besace.version import VERSION

        folder = write_plugin(available(state.plugins), name, directory, VERSION)
        key = name.replace("-", "_")
        if state.json:
            written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            print(json.dumps({"plugin": key, "folder": str(folder), "files": written}, ensure_ascii=False))
            return
        shown = folder if folder.is_absolute() else f"./{folder}"
        for text in (
            _("{folder} holds the plugin {name}: its README says what is in it.").format(folder=folder, name=key),
            _('Install it: pip install --editable "{folder}[test]"').format(folder=shown),
            _("Enable it in an install: besace plugin enable {name}").format(name=key),
            _("Run its tests: pytest {folder}").format(folder=folder),
        ):
            print(state.say(text))

    return click.Command(
        "new",
        params=[
            click.Argument(["name"], metavar="NAME"),
            click.Option(
                ["--directory"], type=click.Path(path_type=Path), default=".", metavar="DIR",
                help=state.say(_("Where its folder is made (here).")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Write a new plugin, with tests, into a folder besace-NAME.")),
    )  # fmt: skip


def make_migration(state: State) -> click.Command:
    """`besace plugin make-migration PLUGIN -m MESSAGE`."""

    def callback(name: str, message: str) -> None:
        from besace import authoring
        from besace.discovery import available
        from besace.version import VERSION

        written = authoring.make_migration(available(state.plugins), name.replace("-", "_"), message, VERSION)
        if written is None:
            print(state.say(_("The tables are those of the models: there is nothing to write.")))
            return
        print(written.path)
        for doubt in written.doubts:
            print(state.say(_("Warning: {problem}").format(problem=doubt)), file=sys.stderr)

    return click.Command(
        "make-migration",
        params=[
            click.Argument(["name"], metavar="PLUGIN"),
            click.Option(
                ["-m", "--message"], required=True, metavar="TEXT", help=state.say(_("What the migration does."))
            ),
        ],
        callback=callback,
        help=state.say(_("Write the migration that brings a plugin's tables to its models.")),
    )
