"""Linking: every relation that takes the type is made, seen from both ends, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from besace import ANY, relations
from besace.errors import BesaceError
from besace.testing.building import build, example_of
from besace.testing.contract.bench import Bench


def is_linked_and_unlinked(bench: Bench) -> Iterator[str]:
    """Each relation type that takes it links it, once, both ways round, with attributes, and is unlinked."""
    for relation in bench.crm.registry.relation_types.values():
        for is_subject, allowed in ((True, relation.subjects), (False, relation.objects)):
            if allowed == ANY or bench.info.key in allowed:
                with bench.crm.write() as work:
                    try:
                        yield from _linked(work, bench, relation, is_subject)
                    except BesaceError as error:
                        yield f"{relation.key}: {error}"


def _linked(work: Any, bench: Bench, relation: Any, is_subject: bool) -> Iterator[str]:
    mine = bench.build(work)
    other = _partner(work, relation.objects if is_subject else relation.subjects)
    if other is None:
        return
    subject, object_ = (mine, other) if is_subject else (other, mine)
    given = bench.example(relation.key, work)
    for key, field in relation.attributes.items():
        given.setdefault(key, example_of(work, bench.info, field))
    name = f"{subject.label} {relation.label} {object_.label}"
    if not relations.link(work, subject, relation.key, object_, **given):
        yield f"{name}: linking changed nothing"
    if relations.link(work, subject, relation.key, object_):
        yield f"{name}: linking again changed something (rule E2)"
    for one, seen in ((subject, object_), (object_, subject)):
        found = [r.id for r in relations.related(work, one.id, relation=relation.key)]
        if seen.id not in found:
            yield f"{name}: it is not seen from {one.label}"
    if not relations.unlink(work, subject, relation.key, object_):
        yield f"{name}: there was nothing to unlink"
    try:
        relations.link(work, mine, relation.key, mine)
        yield f"{name}: it was linked to itself (rule E3)"
    except BesaceError:
        pass  # as it should be


def _partner(work: Any, allowed: Any) -> Any:
    """An entity for the other end; None where no type that it may have is enabled."""
    known = [t for t in (("user",) if allowed == ANY else allowed) if t in work.crm.registry.types]
    return build(work, known[0]) if known else None
