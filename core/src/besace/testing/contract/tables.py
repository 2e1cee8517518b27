"""Tables: named after what they hold, made and unmade by migrations, untouched while the plugin is disabled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from besace import Besace, schema, settings
from besace.errors import BesaceError
from besace.fields import Field
from besace.kinds import ItemKind
from besace.testing.contract.bench import Bench, differing
from besace.testing.contract.values import wrong_values
from besace.verification.tables import worded


def have_the_names_of_what_they_hold(bench: Bench) -> Iterator[str]:
    """Its tables are named by its types, parts and lists, and there is no other."""
    told = bench.crm.host.summary(bench.subject.name)
    declared = {*told["types"], *told["parts"], *told["lists"]}
    module = bench.subject.module
    kept = {f"version_{bench.subject.name}"} if declared and schema.folder_of(module) is not None else set()
    neighbours = ("core", *bench.subject.needs, *bench.subject.beside)
    others = {t.name for name in neighbours for t in bench.crm.registry.tables_of(name)}
    others |= {"sqlite_sequence", *(f"version_{name}" for name in neighbours)}
    found = tables(bench.crm) - others
    yield from differing({"the set of its tables": (found, declared | kept)})


def migrate_up_and_down_with_data(bench: Bench) -> Iterator[str]:
    """With rows in them its tables are made and unmade by its migrations, and equal the models."""
    crm, name, module = bench.crm, bench.subject.name, bench.subject.module
    live(bench)
    own = {t.name for t in crm.registry.tables_of(name)} - _shared_lists(bench)
    if not own or schema.folder_of(module) is None:
        return
    for to, there in (("base", set()), ("head", own)):
        with schema.migrating(crm.writer) as connection:
            revision = schema.migrate(connection, name, module, crm.registry, to=to)
        wanted = None if to == "base" else schema.revisions(module)[-1]
        yield from differing(
            {f"its revision at {to}": (revision, wanted), f"its tables at {to}": (tables(crm) & own, there)}
        )
    with crm.reader.connect() as connection:
        different = schema.differences(connection, name, crm.registry)
    yield from (f"its migrations and its models differ: {worded(one)}" for one in different)
    if different:
        yield f"write what is missing: besace plugin make-migration {name} -m TEXT"


def _shared_lists(bench: Bench) -> set[str]:
    """The lists to which rows of other plugins refer: these keep them."""
    others = [row for row in bench.crm.registry.rows if row.plugin != bench.subject.name]
    return {f.kind.list for row in others for f in row.fields.values() if isinstance(f.kind, ItemKind)}


def keep_their_rows_while_it_is_disabled(bench: Bench) -> Iterator[str]:
    """Disabling it hides its types and keeps every row; enabled again, all is as it was (rule E5)."""
    crm, name = bench.crm, bench.subject.name
    live(bench)
    before, types = bench.stored(), {k for k, t in crm.registry.types.items() if t.plugin == name}
    crm.disable(name)
    yield from differing({
        "the rows while it is disabled": (_changed(before, bench.stored()), []),
        "its types while it is disabled": (types & set(crm.registry.types), set()),
    })  # fmt: skip
    crm.enable([name])
    yield from differing({
        "the rows once it is enabled again": (_changed(before, bench.stored()), []),
        "its types once it is enabled again": (types - set(crm.registry.types), set()),
    })  # fmt: skip


def live(bench: Bench) -> None:
    """Rows of every type and part of the plugin."""
    for row in [r for r in bench.crm.registry.rows if r.plugin == bench.subject.name]:
        with bench.crm.write() as work:
            replace(bench, key=row.key).fill(work)


def tables(crm: Besace) -> set[str]:
    """The names of the tables of an install's database."""
    with crm.reader.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def _changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def settings_take_and_refuse(bench: Bench) -> Iterator[str]:
    """Each setting shows its default, and a wrong value for it gets a sentence."""
    for setting in [s for s in bench.crm.registry.settings.values() if s.plugin == bench.subject.name]:
        with bench.crm.read() as work:
            yield from differing({f"the setting {setting.key}": (work.setting(setting.key), setting.default)})
            if setting.default is not None:
                try:
                    setting.kind.accept(setting.default, work)
                except BesaceError as error:
                    yield f"{setting.key} does not take its own default: {error}"
        for value in wrong_values(Field(setting.kind, setting.label)):

            def change(work: Any, key: str = setting.key, value: Any = value) -> None:
                settings.change(work, key, value)

            told = bench.refusal(change)
            if told is not None:
                yield f"{setting.key} = {value!r:.40} {told}"
