"""Look-ups: the entities that the texts of a batch name, found by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from besace import entities
from besace.errors import Ambiguous, BesaceError, NotFound, Refused
from besace.model import entity_table, trash
from besace.reading import mention, untrashed
from besace.texts import Text, fold, joined, translator
from besace.transfer.keys import Key, own_system
from besace.transfer.mapping import LookUp, naming_field

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)

Answer = int | BesaceError
"""The id that a text names, or why it names none."""

_CANDIDATES = 5


@dataclass(frozen=True)
class Known:
    """An entity with an external id."""

    id: int
    type: str
    label: str
    currency: str
    trashed: bool


def known_by_external_id(
    work: Work, types: Sequence[str], wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str, str], Known]:
    """The entities with these (system, external id), by (type, system, external id), trashed ones too.

    It is one statement. Under the name of this very install an external id is the id itself.
    """
    by_system: dict[str, set[str]] = {}
    for system, external_id in wanted:
        by_system.setdefault(system, set()).add(external_id)
    if not by_system:
        return {}
    e = entity_table.c
    told = [sa.and_(e.external_system == s, e.external_id.in_(sorted(ids))) for s, ids in by_system.items()]
    own = own_system(work) if any(s.startswith("besace-") for s in by_system) else ""
    own_ids = [int(i) for i in by_system.get(own, ()) if _is_id(i)]
    if own_ids:
        told.append(e.id.in_(own_ids))
    statement = (
        sa.select(
            e.id,
            e.type,
            e.label,
            e.currency,
            e.external_system,
            e.external_id,
            trash.c.entity_id.label("gone"),
        )
        .outerjoin_from(entity_table, trash, trash.c.entity_id == e.id)
        .where(e.type.in_(types), sa.or_(*told))
    )
    found: dict[tuple[str, str, str], Known] = {}
    for row in work.execute(statement):
        known = Known(row.id, row.type, row.label, row.currency, row.gone is not None)
        if row.id in own_ids:
            found.setdefault((row.type, own, str(row.id)), known)
        if row.external_id in by_system.get(row.external_system, ()):
            found[row.type, row.external_system, row.external_id] = known
    return found


class LookUps:
    """The look-ups of one batch; `created` tells what they had to make, by (type, system, external id)."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.created: dict[tuple[str, str, str], Known] = {}
        self.has_created = False

    def find(self, look_up: LookUp, wanted: Mapping[str, str]) -> dict[str, Answer]:
        """What each text names; the value is the name for what has to be created."""
        if not wanted:
            return {}
        known = self.work.crm.registry.types
        types = [t for t in look_up.types if t in known] if look_up.types else list(known)
        match look_up.by:
            case "reference":
                return self._by_reference(types, bool(look_up.types), list(wanted))
            case "key":
                return self._by_key(look_up, types, wanted)
            case "external_id":
                keys = {text: Key(types[0], look_up.system, text) for text in wanted} if types else {}
                return self._keyed(look_up, keys, wanted)
            case "label":
                answers = self._by_label([(types, text) for text in wanted])
                found = {text: answers[tuple(types), text] for text in wanted}
            case _:
                found = self._by_field(types, look_up.by, list(wanted))
        return self._with_created(look_up, found, wanted)

    def _with_created(self, look_up: LookUp, found: dict[str, Answer], wanted: Mapping[str, str]) -> dict[str, Answer]:
        if not look_up.create:
            return found
        missing = [text for text, answer in found.items() if isinstance(answer, NotFound)]
        # Two texts that differ in case or accents alone name one label.
        first: dict[str, str] = {}
        for text in missing:
            first.setdefault(fold(text) if look_up.by == "label" else text, text)
        rows = [{**look_up.values, str(look_up.name_field): wanted[text]} for text in first.values()]
        made = dict(zip(first, self._create(look_up.types[0], rows), strict=True))
        return found | {text: made[fold(text) if look_up.by == "label" else text] for text in missing}

    def _create(self, type_key: str, rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """New entities; a row that is refused gives the reason in its place."""
        if not rows:
            return []
        refused: dict[int, BesaceError] = {}
        ids = iter(entities.create_many(self.work, type_key, rows, refused=refused))
        self.has_created = True
        info = self.work.crm.registry.type(type_key)
        return [_not_creatable(info.label, refused[n]) if n in refused else next(ids) for n in range(len(rows))]

    # ---- by what --------------------------------------------------------------------------------

    def _by_label(self, wanted: Sequence[tuple[Sequence[str], str]]) -> dict[tuple[tuple[str, ...], str], Answer]:
        """What labels name among some types each: one statement."""
        e = entity_table.c
        types = sorted({t for allowed, _label in wanted for t in allowed})
        statement = (
            sa.select(e.id, e.type, e.label, e.label_key)
            .where(e.type.in_(types), e.label_key.in_({fold(label) for _types, label in wanted}), untrashed(e.id))
            .order_by(e.id)
        )
        rows: dict[str, list[Any]] = {}
        for row in self.work.execute(statement):
            rows.setdefault(row.label_key, []).append(row)
        return {
            (tuple(allowed), label): self._only(
                allowed, label, [r for r in rows.get(fold(label), ()) if r.type in allowed]
            )
            for allowed, label in wanted
        }

    def _by_field(self, types: Sequence[str], key: str, wanted: Sequence[str]) -> dict[str, Answer]:
        """What the exact value of a field names: one statement for each type (mostly there is one)."""
        answers: dict[str, Answer] = {}
        rows: dict[str, list[Any]] = {text: [] for text in wanted}
        for type_key in types:
            source = self.work.crm.registry.type(type_key).source()
            field = source.info.field(key)
            texts: dict[Any, list[str]] = {}
            for text in wanted:
                try:
                    value = field.kind.read(text, self.work)
                    texts.setdefault(field.kind.store(value), []).append(text)
                except BesaceError as error:
                    answers[text] = error
            columns = source.id.label("id"), source.entity.c.type, source.entity.c.label
            statement = (
                sa.select(*columns, source.of(field).label("value"))
                .select_from(source.join)
                .where(source.of(field).in_(list(texts)), untrashed(source.id))
                .order_by(source.id)
            )
            for row in self.work.execute(statement):
                for text in texts[row.value]:
                    rows[text].append(row)
        return {text: answers.get(text) or self._only(types, text, rows[text]) for text in wanted}

    def _by_reference(self, types: Sequence[str], narrowed: bool, wanted: Sequence[str]) -> dict[str, Answer]:
        """What a person types: an id, `type:label`, or a label where the types are known."""
        answers: dict[str, Answer] = {}
        ids = [text for text in wanted if _is_id(text)]
        labels: dict[str, tuple[Sequence[str], str]] = {}
        for text in wanted:
            prefix, colon, label = text.partition(":")
            key = prefix.strip().replace("-", "_")
            if text in ids:
                continue
            if colon and key in types:
                labels[text] = ((key,), label.strip())
            elif narrowed:
                labels[text] = (tuple(types), text)
            else:
                answers[text] = NotFound(
                    _('"{text}" does not name an entity.').format(text=text),
                    _("Name it by its id, for example 42, or as TYPE:LABEL, for example user:alice."),
                )
        answers |= self._by_id(types, ids)
        if labels:
            found = self._by_label(list(labels.values()))
            answers |= {text: found[tuple(allowed), label] for text, (allowed, label) in labels.items()}
        return answers

    def _by_id(self, types: Sequence[str], wanted: Sequence[str]) -> dict[str, Answer]:
        if not wanted:
            return {}
        e = entity_table.c
        statement = sa.select(e.id).where(e.id.in_([int(t) for t in wanted]), e.type.in_(types), untrashed(e.id))
        there = set(self.work.scalars(statement))
        return {t: int(t) if int(t) in there else NotFound(self._none(types, _NO_ID, t)) for t in wanted}

    def _by_key(self, look_up: LookUp, types: Sequence[str], wanted: Mapping[str, str]) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        keys: dict[str, Key] = {}
        for text in wanted:
            try:
                key = Key.read(text)
            except BesaceError as error:
                answers[text] = error
                continue
            if key.type in types:
                keys[text] = key
            else:
                answers[text] = NotFound(_('There is no type "{name}".').format(name=key.type))
        users = {text: wanted[text] for text, key in keys.items() if key.type == "user"}
        others = {text: key for text, key in keys.items() if text not in users}
        return answers | self._users(look_up, users) | self._keyed(look_up, others, wanted)

    def _users(self, look_up: LookUp, wanted: Mapping[str, str]) -> dict[str, Answer]:
        """Users are the same where they have the same name, whatever the install."""
        if not wanted:
            return {}
        by_name = replace(look_up, types=("user",), by="label", name_field="name")
        found = self.find(by_name, {name: name for name in wanted.values()})
        return {text: found[name] for text, name in wanted.items()}

    def _keyed(self, look_up: LookUp, keys: Mapping[str, Key], wanted: Mapping[str, str]) -> dict[str, Answer]:
        """What external ids name; what is missing is created under its external id, to be found by it."""
        types = sorted({key.type for key in keys.values()})
        known = known_by_external_id(self.work, types, [(k.system, k.id) for k in keys.values()])
        answers: dict[str, Answer] = {}
        missing: dict[str, list[str]] = {}
        for text, key in keys.items():
            there = known.get((key.type, key.system, key.id))
            label = self.work.crm.registry.label_of_type(key.type)
            if there is None:
                missing.setdefault(key.type, []).append(text)
            elif there.trashed:
                answers[text] = in_trash(label, there)
            else:
                answers[text] = there.id
        for type_key, texts in missing.items():
            answers |= self._missing_keys(look_up, type_key, [(t, keys[t]) for t in texts], wanted)
        return answers

    def _missing_keys(
        self, look_up: LookUp, type_key: str, missing: Sequence[tuple[str, Key]], wanted: Mapping[str, str]
    ) -> dict[str, Answer]:
        info = self.work.crm.registry.type(type_key)
        if not look_up.create:
            return {text: NotFound(self._none([type_key], _NO_EXTERNAL_ID, key.id), _HOW) for text, key in missing}
        name_field = look_up.name_field
        if name_field is None:
            try:
                name_field = naming_field(info).key
            except Refused as error:
                return {text: error for text, _key in missing}
        rows = [
            {**look_up.values, name_field: wanted[text], "external_system": key.system, "external_id": key.id}
            for text, key in missing
        ]
        answers = dict(zip([text for text, _key in missing], self._create(type_key, rows), strict=True))
        for text, key in missing:
            answer = answers[text]
            if isinstance(answer, int):
                made = Known(answer, type_key, wanted[text], self.work.currency, False)
                self.created[type_key, key.system, key.id] = made
        return answers

    # ---- what is told ---------------------------------------------------------------------------

    def _only(self, types: Sequence[str], label: str, rows: Sequence[Any]) -> Answer:
        if len(rows) == 1:
            return int(rows[0].id)
        if not rows:
            return NotFound(self._none(types, _('There is no {types} called "{label}".'), label), _HOW)
        candidates = ", ".join(f"{r.type}:{r.label} ({r.id})" for r in rows[:_CANDIDATES])
        return Ambiguous(
            _('Several are called "{label}": {candidates}.').format(
                label=label, candidates=candidates + (", ..." if len(rows) > _CANDIDATES else "")
            ),
            _("Name the one you mean by its id."),
        )

    def _none(self, types: Sequence[str], sentence: Text, label: str) -> Text:
        names = joined([self.work.crm.registry.label_of_type(t) for t in types[:4]], " / ")
        return sentence.format(types=names, label=label)


_NO_ID = _("There is no {types} {label}.")
_NO_EXTERNAL_ID = _('There is no {types} with the external id "{label}".')
_HOW = _("Import it first, or let the look-up of the mapping create it: create = true.")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def in_trash(label: Text | str, entity: Known) -> Refused:
    """The error for a row or reference whose entity is in the trash: it is neither revived nor made twice."""
    return Refused(
        _("{entity} is in the trash.").format(entity=mention(label, entity.id, entity.label)),
        _("Take it out with: besace {type} restore {id}").format(type=entity.type.replace("_", "-"), id=entity.id),
    )


def _not_creatable(label: Text | str, reason: BesaceError) -> Refused:
    return Refused(
        _("It is not there, and this {type} cannot be created: {problem}").format(type=label, problem=reason.message),
        _("Import it first, or give what is missing in the mapping: look_up.set."),
    )
