"""Catalogues: what a package says, gathered from its source, and whether its translations are complete.

    python -m besace.testing.catalogues update PACKAGE_FOLDER...    take new messages into the .po, make the .mo
    python -m besace.testing.catalogues check PACKAGE_FOLDER...     say what is missing, outdated or stale

Gathered are: `_("...")` and `_("one", "many")`; the label and `help` of `fields.*`; the label, plural and first
docstring line of entity types and parts. All must be literals. Needs Babel, which is imported when used.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from besace.texts import LANGUAGES

Message = str | tuple[str, str]

_UNSTEADY = (
    "POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator", "Project-Id-Version",
    "Report-Msgid-Bugs-To", "Language-Team",
)  # fmt: skip
"""Headers that change from day to day or say nothing here."""


def messages_of(package: Path) -> dict[Message, list[tuple[str, int]]]:
    """Every message of a package with the places where it stands: (file, line)."""
    found: dict[Message, list[tuple[str, int]]] = {}
    for path in sorted(package.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for message, line in _in_source(path.read_text(encoding="utf-8")):
            found.setdefault(message, []).append((path.relative_to(package).as_posix(), line))
    return found


def update(package: Path, language: str) -> int:
    """Take the messages of a package into its catalogue and compile it; returns how many lack a translation."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    old = _read(package, language)
    new = Catalog(locale=language, charset="utf-8", fuzzy=False)
    missing = 0
    for message, places in messages_of(package).items():
        known = old.get(message[0] if isinstance(message, tuple) else message) if old else None
        translated = known.string if known is not None and _fits(message, known.string) else ""
        if isinstance(message, tuple) and not translated:
            translated = ("", "")
        missing += not _is_translated(translated)
        new.add(message, translated, locations=[(file, 0) for file in dict.fromkeys(f for f, _line in places)])
    path = _po(package, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    out = BytesIO()
    write_po(out, new, width=110, include_lineno=False, sort_output=True, omit_header=False)
    text = re.sub(rf'(?m)^"({"|".join(_UNSTEADY)}): .*\n', "", out.getvalue().decode())
    path.write_text(re.sub(r"\A(#.*\n)+", "", text), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(_compiled(package, language))
    return missing


def check(package: Path, language: str) -> list[str]:
    """What is wrong with a catalogue: messages without a translation, translations with other names, a stale .mo."""
    catalogue = _read(package, language)
    if catalogue is None:
        return [f"{package.name}: there is no {language} catalogue"]
    problems = []
    messages = messages_of(package)
    for message in messages:
        source = message[0] if isinstance(message, tuple) else message
        known = catalogue.get(source)
        if known is None or not _is_translated(known.string):
            problems.append(f"{package.name}: no {language} translation of {source!r}")
        elif _names(known.string) - _names(message):
            problems.append(f"{package.name}: the {language} translation of {source!r} names what the message does not")
    known_sources = {m[0] if isinstance(m, tuple) else m for m in messages}
    problems += [
        f"{package.name}: nothing says {m.id!r} any more"
        for m in catalogue
        if m.id and (m.id[0] if isinstance(m.id, tuple) else m.id) not in known_sources
    ]
    compiled = _po(package, language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != _compiled(package, language):
        problems.append(f"{package.name}: the {language} .mo is older than the .po")
    return problems


def _in_source(source: str) -> Iterator[tuple[Message, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _in_class(node)


def _in_call(node: ast.Call) -> Iterator[tuple[Message, int]]:
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if isinstance(node.func, ast.Name) and node.func.id == "_" and texts:
        yield (texts[0], texts[1]) if len(texts) == 2 else texts[0], node.lineno
    elif (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "fields"
    ):
        if texts and isinstance(node.args[0], ast.Constant):
            yield texts[0], node.lineno
        yield from _keywords(node.keywords, ("help",))


def _in_class(node: ast.ClassDef) -> Iterator[tuple[Message, int]]:
    keywords = {k.arg: k.value for k in node.keywords}
    key = keywords.get("type") or (keywords.get("key") if "of" in keywords else None)
    if not isinstance(key, ast.Constant):
        if "list" in keywords:
            yield from _keywords(node.keywords, ("label",))
        return
    yield from _keywords(node.keywords, ("label", "plural"))
    if "label" not in keywords:
        words = str(key.value).replace("_", " ").capitalize()
        yield words, node.lineno
        yield f"{words}s", node.lineno
    told = ast.get_docstring(node)
    if told:
        yield told.splitlines()[0], node.lineno


def _keywords(given: list[ast.keyword], names: tuple[str, ...]) -> Iterator[tuple[Message, int]]:
    for keyword in given:
        if keyword.arg in names and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield keyword.value.value, keyword.value.lineno


def _names(message: Any) -> set[str]:
    texts = message if isinstance(message, tuple | list) else (message,)
    return {name for text in texts for _before, name, *_rest in Formatter().parse(text) if name}


def _is_translated(translated: Any) -> bool:
    return all(translated) if isinstance(translated, tuple | list) else bool(translated)


def _fits(message: Message, translated: Any) -> bool:
    return isinstance(message, tuple) == isinstance(translated, tuple | list)


def _po(package: Path, language: str) -> Path:
    return package / "locale" / language / "LC_MESSAGES" / "messages.po"


def _read(package: Path, language: str) -> Any:
    from babel.messages.pofile import read_po

    path = _po(package, language)
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _compiled(package: Path, language: str) -> bytes:
    from babel.messages.mofile import write_mo

    catalogue = _read(package, language)
    # The .po has no dates, and a catalogue without them takes the present: the .mo would differ every minute.
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main(words: list[str]) -> int:
    """Update or check catalogues; returns the exit code."""
    if len(words) < 2 or words[0] not in ("update", "check"):
        print(__doc__)
        return 2
    problems = []
    for folder in words[1:]:
        for language in LANGUAGES[1:]:
            if words[0] == "update":
                print(f"{folder} {language}: {update(Path(folder), language)} without a translation")
            else:
                problems += check(Path(folder), language)
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
