"""The scaffold: a whole plugin written into a new folder, for an integrator to change."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Set
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from besace.discovery import Available
from besace.errors import InvalidValue, Refused
from besace.texts import LANGUAGES, Text, translator

_ = translator(__name__)

LONGEST = 30
"""Letters of a name: with more, the lines that hold it would not fit."""

_SUFFIX = ".template"


def write_plugin(installed: Mapping[str, Available], name: str, directory: Path, version: str) -> Path:
    """Write the plugin `name`, with a type of that name, into a new folder in `directory`; returns the folder.

    Nothing is left half: it is written beside and renamed. Raises BesaceError for a name that cannot be used, for a
    folder that is there already, and where nothing can be written.
    """
    key = name.replace("-", "_")
    _check_name(installed, name, key, version)
    values = _values(key, version)
    folder = directory / values["distribution"]
    if folder.exists():
        raise Refused(
            _("{folder} is there already.").format(folder=folder),
            _("Choose another name, or another place with --directory."),
        )
    try:
        written = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=directory))
        try:
            _write(written, values)
            written.chmod(0o777 & ~_umask())  # a temporary folder is its owner's alone
            os.rename(written, folder)
        except BaseException:
            shutil.rmtree(written, ignore_errors=True)
            raise
    except OSError as error:
        raise Refused(
            _("{folder} cannot be written: {problem}.").format(folder=folder, problem=error.strerror or str(error)),
            _("Choose another place with --directory."),
        ) from error
    return folder


def _check_name(installed: Mapping[str, Available], name: str, key: str, version: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", key) or len(key) > LONGEST:
        raise InvalidValue(
            _('"{name}" cannot be the name of a plugin.').format(name=name),
            _("Expected at most {n} lower-case letters, digits and underscores, a letter first: training.").format(
                n=LONGEST
            ),
        )
    for taken, problem in _taken(installed, version):
        if key in taken:
            raise Refused(problem.format(name=key), _("Choose another name."))


def _taken(installed: Mapping[str, Available], version: str) -> Iterator[tuple[Set[str], Text]]:
    """The names that cannot be taken, each set with the sentence that says so."""
    import besace
    from besace import core_plugin
    from besace.plugins import Host
    from besace.types import CORE_WORDS, core_tables

    classes = {name.lower() for name in besace.__all__} | {"any", "mapped", "mapping", "refused", "sequence", "timing"}
    own = CORE_WORDS | {"core"} | {table.name for table in core_tables()} | classes
    yield own, _('"{name}" means something to Besace itself and cannot be the name of a plugin.')
    yield installed.keys(), _('There is already a plugin "{name}" on this machine.')
    host = Host(core_plugin, installed)
    host.load(list(installed), version)
    known = host.registry
    yield {*known.types, *known.parts, *known.lists}, _('There is already a type or list "{name}", of another plugin.')


def _values(key: str, version: str) -> dict[str, str]:
    """What the placeholders of the templates stand for."""
    words = key.replace("_", " ").capitalize()
    major, minor = version.split(".")[:2]
    return {
        "name": key,
        "word": key.replace("_", "-"),
        "package": f"besace_{key}",
        "distribution": f"besace-{key.replace('_', '-')}",
        "class_name": "".join(part.capitalize() for part in key.split("_")),
        "label": words,
        "plural": _plural(words),
        "core": f"{major}.{minor}",
        "next_core": f"{major}.{int(minor) + 1}",
    }


def _plural(word: str) -> str:
    """The English plural of most words; one that is a plural already stays what it is."""
    if re.search("[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    if re.search("(ss|x|z|ch|sh)$", word):
        return f"{word}es"
    return word if word.endswith("s") else f"{word}s"


def _write(folder: Path, values: Mapping[str, str]) -> None:
    from besace.testing.catalogues import update

    for place, text in _templates(files("besace") / "templates" / "plugin", ""):
        named = place.removesuffix(_SUFFIX).replace("PACKAGE", values["package"]).replace("NAME", values["name"])
        path = folder / named
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(values), encoding="utf-8")
    for language in LANGUAGES[1:]:
        update(folder / "src" / values["package"], language)  # sorted, and compiled


def _templates(folder: Traversable, place: str) -> Iterator[tuple[str, str]]:
    """The templates under a folder: (place, text)."""
    for one in folder.iterdir():
        if one.is_dir():
            yield from _templates(one, f"{place}{one.name}/")
        elif one.name.endswith(_SUFFIX):
            yield f"{place}{one.name}", one.read_text(encoding="utf-8")


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
