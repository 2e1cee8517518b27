"""Link options: those with which `create` links at once what it makes, as relation types declare them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from besace.kinds import EntityKind
from besace.records import ANY, Parameter, RelationType
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.database import Work
    from besace.types import TypeInfo

_ = translator(__name__)


@dataclass(frozen=True)
class LinkOption:
    """An option of `create`: what is made gets a relation to those named by it, as its subject when `forward`."""

    name: str
    relation: RelationType
    forward: bool

    @property
    def mine(self) -> tuple[str, ...] | Literal["any"]:
        """The types whose `create` has it."""
        return self.relation.subjects if self.forward else self.relation.objects

    @property
    def others(self) -> tuple[str, ...] | Literal["any"]:
        """The types of what it may name."""
        return self.relation.objects if self.forward else self.relation.subjects

    @property
    def predicate(self) -> Text:
        """What it says of the one that is made."""
        return self.relation.label if self.forward else self.relation.reverse


def options_of(type_key: str, relations: Iterable[RelationType]) -> Iterator[LinkOption]:
    """The options that relations give the `create` of a type."""
    for relation in relations:
        for name, forward in ((relation.option, True), (relation.reverse_option, False)):
            option = LinkOption(name, relation, forward)
            if name and (option.mine == ANY or type_key in option.mine):
                yield option


def parameters_of(info: TypeInfo) -> tuple[Parameter, ...]:
    """These options of a type as parameters: each names entities, and may be given several times."""
    told = _('Link it at once: it "{predicate}" this. May be given several times.')
    return tuple(
        Parameter(
            option.name,
            EntityKind(() if option.others == ANY else tuple(t.key for t in info.registry.types_named(option.others))),
            multiple=True,
            help=told.format(predicate=option.predicate),
        )
        for option in info.link_options.values()
    )


def link_made(work: Work, info: TypeInfo, entity_id: int, given: Mapping[str, Sequence[Any] | None]) -> None:
    """Link what was just made to those that its options name, through the door of all relations."""
    from besace.relations import Link, link_many

    links = []
    for name, ids in given.items():
        option = info.link_options[name]
        ends = [(entity_id, other) if option.forward else (other, entity_id) for other in ids or ()]
        links += [Link(subject, option.relation.key, object_) for subject, object_ in ends]
    link_many(work, links)
