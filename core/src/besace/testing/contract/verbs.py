"""Verbs: each operation runs from the command line, and refuses what it cannot take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from besace import operations
from besace.errors import BesaceError
from besace.fields import Field
from besace.records import Operation
from besace.testing.building import example_of
from besace.testing.contract.bench import Bench, options, word
from besace.testing.contract.values import wrong_values


def runs(bench: Bench) -> Iterator[str]:
    """It runs with example options, shows people of both languages a result, and says as JSON what it did."""
    operation = operation_of(bench)
    type_word, verb = (key.replace("_", "-") for key in (bench.info.key, operation.key))
    for before, after in (((), ("--json",)), (("--language", "en"), ()), (("--language", "fr"), ())):
        with bench.crm.write() as work:
            try:
                targets, given = _prepared(work, bench, operation)
            except (BesaceError, ValueError) as error:
                yield f"no options can be told: {error} {_hint(bench)}"
                return
        typed = [*targets, *_typed(operation, bench, given)]
        done = bench.run(bench.crm, *before, type_word, verb, *typed, *after)
        if (done.exit_code, done.stderr) != (0, ""):
            yield f"{verb} {' '.join(typed)}: {done.stderr.strip()} {_hint(bench)}"
            return
        if after:
            json.loads(done.stdout)  # one document and nothing else


def refuses_wrong_options(bench: Bench) -> Iterator[str]:
    """Without a required option, or with a wrong value in any, it gets a sentence and stores nothing."""
    operation = operation_of(bench)
    parameters = operations.parameters_of(operation, bench.info.fields)
    with bench.crm.write() as work:
        targets, good = _ready(work, bench, operation), _options(work, bench, operation)
    before = bench.stored()
    wrong: list[tuple[str, Any]] = [(p.name, None) for p in parameters if p.required]
    wrong += [
        (p.name, value)
        for p in parameters
        for value in wrong_values(Field(p.kind, "", length=None))
        if not p.raw and not (p.multiple and value == ["x"])
    ]

    def act(work: Any, name: str, value: Any) -> None:
        given = {**good, name: [value] if _is_many(operation, bench, name) and value is not None else value}
        rows = [bench.read(work, int(target)) for target in targets]
        operations.run(work, operation, bench.info.fields, rows, given)

    acts = [
        (f"{operation.key} with {name} = {value!r:.40}", partial(act, name=name, value=value)) for name, value in wrong
    ]
    yield from (f"{name} {told}" for name, told in bench.not_refused(acts))
    if bench.stored() != before:
        yield "what was refused left something behind"


def shows_its_help(bench: Bench) -> Iterator[str]:
    """It tells people of both languages what it does and what each option is."""
    operation = operation_of(bench)
    verb = operation.key.replace("_", "-")
    for language in ("en", "fr"):
        done = bench.run(bench.crm, "--language", language, bench.info.key.replace("_", "-"), verb, "--help")
        shown = " ".join(done.stdout.split())
        told = operation.help or operation.label
        if done.exit_code or told.in_language(language).split(":")[0][:40] not in shown:
            yield f"{verb} --help in {language} does not say {told.in_language(language)!r}"


def operation_of(bench: Bench) -> Operation:
    """The operation that is looked at."""
    return bench.info.operations[bench.key.partition(" ")[2]]  # type: ignore[no-any-return]


def _prepared(work: Any, bench: Bench, operation: Operation) -> tuple[list[str], dict[str, Any]]:
    """The words that name what it runs on, which is brought to where the operation begins, and its options."""
    rows = [] if operation.scope == "none" else [bench.build(work)]
    given = bench.example(bench.key, work, *rows)
    return [str(row.id) for row in rows], {**_options(work, bench, operation, given), **given}


def _ready(work: Any, bench: Bench, operation: Operation) -> list[str]:
    return [] if operation.scope == "none" else [str(bench.build(work).id)]


def _options(work: Any, bench: Bench, operation: Operation, given: Any = ()) -> dict[str, Any]:
    """Examples of the options that it requires."""
    parameters = operations.parameters_of(operation, bench.info.fields)
    examples: dict[str, Any] = {}
    for one in (p for p in parameters if p.required and p.name not in given):
        known = bench.info.fields.get(one.name)
        field = known if known is not None else Field(one.kind, str(one.help or one.name), key=one.name)
        value = example_of(work, bench.info, field)
        examples[one.name] = [value] if one.multiple else value
    return examples


def _typed(operation: Operation, bench: Bench, given: Any) -> list[str]:
    positional = [p.name for p in operations.parameters_of(operation, bench.info.fields) if p.positional]
    named = {k: v for k, v in given.items() if k not in positional}
    return [word(given[name]) for name in positional if name in given] + options(named)


def _is_many(operation: Operation, bench: Bench, name: str) -> bool:
    return any(p.multiple for p in operations.parameters_of(operation, bench.info.fields) if p.name == name)


def _hint(bench: Bench) -> str:
    return f'Say with what it succeeds: check_plugin(..., examples={{"{bench.key}": {{...}}}})'
