"""Commands of relations: link, unlink, related, relation types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.errors import UsageError
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.database import Work

_ = translator(__name__)


def link(state: State) -> click.Command:
    """`besace link SUBJECT RELATION OBJECT [--set role=buyer]`."""

    def callback(subject: str, relation: str, object: str, attributes: tuple[str, ...], as_json: bool) -> None:
        from besace import relations
        from besace.cli.output import show_result

        given = dict(_pair(one) for one in attributes)

        def unit(work: Work) -> str:
            state.speak(work.language)
            one, other, kind = _ends(work, subject, relation, object)
            changed = relations.link(work, one.id, kind.key, other.id, **given)
            template = _("{subject} {predicate} {object}.") if changed else _("{subject} {predicate} {object} already.")
            sentence = template.format(subject=one.label, predicate=kind.label, object=other.label)
            return show_result(state, work, _told(one, kind.key, other, changed) if state.json else sentence)

        print(state.crm().write(unit, door="cli"))

    return click.Command(
        "link",
        params=[
            *_arguments(),
            click.Option(
                ["--set", "attributes"],
                multiple=True,
                metavar="KEY=VALUE",
                help=state.say(_("Set an attribute of the link.")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Link two entities by a relation, such as fulfils_goal.")),
    )


def unlink(state: State) -> click.Command:
    """`besace unlink SUBJECT RELATION OBJECT`."""

    def callback(subject: str, relation: str, object: str, as_json: bool) -> None:
        from besace import relations
        from besace.cli.output import show_result

        def unit(work: Work) -> str:
            state.speak(work.language)
            one, other, kind = _ends(work, subject, relation, object)
            changed = relations.unlink(work, one.id, kind.key, other.id)
            template = (
                _("The link is removed: {subject} {predicate} {object}.") if changed else _("There was no such link.")
            )
            sentence = template.format(subject=one.label, predicate=kind.label, object=other.label)
            return show_result(state, work, _told(one, kind.key, other, changed) if state.json else sentence)

        print(state.crm().write(unit, door="cli"))

    return click.Command(
        "unlink",
        params=[*_arguments(), json_option(state)],
        callback=callback,
        help=state.say(_("Remove a link; it stays in the history.")),
    )


def related(state: State) -> click.Command:
    """`besace related REF`."""

    def callback(ref: str, relation: str | None, type_key: str | None, limit: int, as_json: bool) -> None:
        from besace import reading, relations
        from besace.cli.output import show_result
        from besace.records import Table

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            if relation:
                work.crm.registry.relation_type(_key(relation))
            found = reading.resolve(work, ref)
            rows = relations.related(
                work,
                found.id,
                relation=_key(relation) if relation else None,
                type=work.crm.registry.type(_key(type_key)).key if type_key else None,
                limit=limit,
            )
            label = work.crm.registry.label_of_type
            table = Table(
                [_("Relation"), _("Id"), _("Type"), _("Label"), _("Attributes"), _("Since")],
                [
                    [
                        r.predicate,
                        r.id,
                        label(r.type),
                        r.label,
                        ", ".join(f"{k}={v}" for k, v in r.attributes.items()),
                        r.since.date(),
                    ]
                    for r in rows
                ],
                empty=_("It has no links."),
            )
            text = show_result(state, work, rows if state.json else table)
        print(text)

    return click.Command(
        "related",
        params=[
            click.Argument(["ref"]),
            click.Option(["--relation"], metavar="RELATION", help=state.say(_("Only this relation."))),
            click.Option(["--type", "type_key"], metavar="TYPE", help=state.say(_("Only entities of this type."))),
            click.Option(
                ["--limit"], type=click.IntRange(1), default=100, help=state.say(_("At most so many rows (100)."))
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(_("Show what an entity is linked to, both ways.")),
    )


def relation(state: State) -> click.Group:
    """`besace relation types`."""
    group = Group("relation", help=state.say(_("Show the relations that entities can have.")))

    def callback(as_json: bool) -> None:
        from besace.cli.output import show_result
        from besace.records import ANY, Table

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            kinds = list(work.crm.registry.relation_types.values())
            rows = [
                {
                    "key": k.key,
                    "label": k.label,
                    "reverse": k.reverse,
                    "subjects": k.subjects,
                    "objects": k.objects,
                    "attributes": list(k.attributes),
                    "plugin": k.plugin,
                }
                for k in kinds
            ]

            def shown(value: Any) -> Any:
                return _("any") if value == ANY else ", ".join(value) if isinstance(value, list | tuple) else value

            table = Table(
                [_("Key"), _("Predicate"), _("Reverse"), _("Subjects"), _("Objects"), _("Attributes"), _("Plugin")],
                [[shown(v) for v in row.values()] for row in rows],
                empty=_("None."),
            )
            text = show_result(state, work, rows if state.json else table)
        print(text)

    group.add_command(
        click.Command(
            "types", params=[json_option(state)], callback=callback, help=state.say(_("List the relation types."))
        )
    )
    return group


def _arguments() -> list[click.Parameter]:
    return [click.Argument(["subject"]), click.Argument(["relation"]), click.Argument(["object"])]


def _key(word: str) -> str:
    return word.replace("-", "_")


def _ends(work: Work, subject: str, relation: str, object: str) -> tuple[Any, Any, Any]:
    from besace import reading

    kind = work.crm.registry.relation_type(_key(relation))
    return reading.resolve(work, subject), reading.resolve(work, object), kind


def _told(one: Any, relation: str, other: Any, changed: bool) -> dict[str, Any]:
    return {"subject": one, "relation": relation, "object": other, "changed": changed}


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(
            _('"{text}" sets nothing.').format(text=text), _("Expected KEY=VALUE, for example role=buyer.")
        )
    return _key(key.strip()), value
