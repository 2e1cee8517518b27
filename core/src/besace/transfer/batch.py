"""A batch: rows of a file on their way into the database, in one unit and a fixed number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from besace import entities, relations
from besace.dialects import one_at_a_time
from besace.errors import BesaceError, InvalidValue
from besace.model import SYSTEM_FIELDS
from besace.texts import Text, translator
from besace.transfer.lookups import Answer, Known, LookUps, in_trash, known_by_external_id
from besace.transfer.mapping import FieldSource, ImportMapping, LinkSource, LookUp
from besace.transfer.sources import Cells, Columns
from besace.transfer.table import TextRow
from besace.values import check_values

if TYPE_CHECKING:
    from besace.database import Work

_ = translator(__name__)


@dataclass(frozen=True)
class BadRow:
    """A row that was not imported, and why; `column` and `value` where it is one cell's fault."""

    row: TextRow
    error: BesaceError
    column: str | None = None
    value: str | None = None


@dataclass
class Outcome:
    """What became of the rows of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    linked: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)
    bad: list[BadRow] = field(default_factory=list)


class Again(Exception):
    """Raised when rows prove bad after something was written for them: the unit is run again without them."""

    def __init__(self, bad: Sequence[BadRow]) -> None:
        super().__init__(f"{len(bad)} bad rows")
        self.bad = bad


@dataclass
class Pending:
    """A row whose cells were read; `known` is the entity that it describes, None for one to be created."""

    row: TextRow
    cells: Cells
    key: tuple[str, str]
    known: Known | None
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    fallbacks: list[str] = field(default_factory=list)
    id: int = 0


Read = tuple[TextRow, Cells, tuple[str, str]]
"""A row with its cleaned cells, and the system and external id by which it is known."""


class _BadCell(Exception):
    def __init__(self, error: BesaceError, column: str | None, value: str | None) -> None:
        super().__init__(str(error))
        self.bad = (error, column, value)


def write_batch(work: Work, mapping: ImportMapping, columns: Columns, rows: Sequence[TextRow]) -> Outcome:
    """Write what some rows say. A bad row leaves nothing: raises Again when one has to be taken back."""
    one_at_a_time(work)  # two imports that look for the same name would both find none, and both create it
    batch = _Batch(work, mapping, columns)
    waiting: list[Read] = []
    for row in rows:
        try:
            cells = batch.cells(row)
            waiting.append((row, cells, batch.key(cells)))
        except _BadCell as bad:
            batch.outcome.bad.append(BadRow(row, *bad.bad))
    # A later row of the same identity updates what the earlier one made.
    while waiting:
        first: dict[tuple[str, str], Read] = {}
        later = [one for one in waiting if first.setdefault(one[2], one) is not one]
        batch.write(list(first.values()))
        waiting = later
    return batch.outcome


class _Batch:
    def __init__(self, work: Work, mapping: ImportMapping, columns: Columns) -> None:
        self.work = work
        self.mapping = mapping
        self.columns = columns
        self.outcome = Outcome()
        self.look_ups = LookUps(work)
        self.too_late: list[BadRow] = []

    # ---- reading a row ---------------------------------------------------------------------------

    def cells(self, row: TextRow) -> Cells:
        if len(row.cells) != self.columns.width:
            problem = _("It has {found} cells, and the first row {expected}.").format(
                found=len(row.cells), expected=self.columns.width
            )
            raise _BadCell(InvalidValue(problem), None, None)
        return self.columns.clean(row.cells)

    def key(self, cells: Cells) -> tuple[str, str]:
        """The system and the external id of a row."""
        mapping = self.mapping
        system = cells.texts[mapping.system_column] if mapping.system_column else mapping.system
        external_id = mapping.identity.text(cells)[0]
        for text, longest, column in (
            (external_id, SYSTEM_FIELDS["external_id"].length or 0, mapping.identity.column),
            (system, SYSTEM_FIELDS["external_system"].length or 0, mapping.system_column),
        ):
            if not text:
                raise _BadCell(InvalidValue(_("It is empty, and identifies the row.")), column, text)
            if len(text) > longest:
                problem = _("A text of {length} characters is too long to identify a row; at most {most}.").format(
                    length=len(text), most=longest
                )
                raise _BadCell(InvalidValue(problem), column, text)
        return system, external_id

    def read(self, row: TextRow, cells: Cells, key: tuple[str, str], known: Known | None) -> Pending:
        """The values of a row, but for the references, which are looked up for the whole batch."""
        if known is not None and known.trashed:
            raise _BadCell(in_trash(self.mapping.info.label, known), self.mapping.identity.column, key[1])
        pending = Pending(row, cells, key, known)
        texts = self._texts(pending)
        currency = str(texts.get("currency") or (known.currency if known else self.work.currency)).upper()
        with self.work.amounts_in(currency):
            for source in self.mapping.fields:
                if source.field.key not in texts:
                    continue
                text = texts[source.field.key]
                if source.look_up is not None and text:
                    pending.references[source.field.key] = text
                else:
                    pending.values[source.field.key] = self._value(source, text)
        return pending

    def _texts(self, pending: Pending) -> dict[str, str]:
        """The text of each field; those that say nothing of a known entity are left out."""
        texts: dict[str, str] = {}
        for source in self.mapping.fields:
            text, fell = source.source.text(pending.cells)
            if pending.known is not None and not self.mapping.clear and (fell or not text):
                continue
            texts[source.field.key] = text
            if fell:
                pending.fallbacks.append(source.field.key)
        return texts

    def _value(self, source: FieldSource, text: str) -> Any:
        f = source.field
        try:
            value = f.kind.read(text, self.work) if text else None
            if value is not None:
                check_values({f.key: f}, {f.key: value}, [f.key])
        except BesaceError as error:
            raise _BadCell(error, source.source.column, text) from None
        if value is None and source.source.column and f.must_be_given:
            problem = _("It is empty, and {field} is required.").format(field=f.label)
            raise _BadCell(InvalidValue(problem, _FILL), source.source.column, "")
        return value

    # ---- writing -------------------------------------------------------------------------------

    def write(self, rows: Sequence[Read]) -> None:
        """Write rows of different identities."""
        type_key = self.mapping.info.key
        known = known_by_external_id(self.work, [type_key], [key for _row, _cells, key in rows])
        pending: list[Pending] = []
        for row, cells, key in rows:
            try:
                pending.append(self.read(row, cells, key, known.get((type_key, *key))))
            except _BadCell as bad:
                self.outcome.bad.append(BadRow(row, *bad.bad))
        pending = self._with_references(pending)
        for one in pending:  # a reference to another row of this batch may just have made its entity
            one.known = one.known or self.look_ups.created.get((type_key, *one.key))
        pending = self._created([p for p in pending if p.known is None]) + self._edited(
            [p for p in pending if p.known is not None]
        )
        for source in self.mapping.links:
            self._link(source, pending)
        if self.too_late:
            raise Again([*self.outcome.bad, *self.too_late])
        for one in pending:
            self.outcome.fallbacks.update(one.fallbacks)

    def _with_references(self, pending: list[Pending]) -> list[Pending]:
        """The rows whose references were all found. Look-ups that create come last, for good rows alone."""
        sources = [s for s in self.mapping.fields if s.look_up is not None]
        for source in sorted(sources, key=lambda s: bool(s.look_up and s.look_up.create)):
            assert source.look_up is not None
            key = source.field.key
            answers = self._answers(source.look_up, [(p, p.references[key]) for p in pending if key in p.references])
            good = []
            for one in pending:
                answer = answers[one.references[key]] if key in one.references else None
                if isinstance(answer, BesaceError):
                    self._refuse(BadRow(one.row, answer, source.source.column, one.references[key]))
                    continue
                if answer is not None:
                    one.values[key] = answer
                good.append(one)
            pending = good
        return pending

    def _answers(self, look_up: LookUp, wanted: Iterable[tuple[Pending, str]]) -> dict[str, Answer]:
        names: dict[str, str] = {}
        for one, text in wanted:
            names.setdefault(text, (look_up.name.text(one.cells)[0] if look_up.name else "") or text)
        return self.look_ups.find(look_up, names)

    def _refuse(self, bad: BadRow) -> None:
        (self.too_late if self.look_ups.has_created else self.outcome.bad).append(bad)

    def _created(self, pending: list[Pending]) -> list[Pending]:
        refused: dict[int, BesaceError] = {}
        rows = [{**p.values, "external_system": p.key[0], "external_id": p.key[1]} for p in pending]
        ids = entities.create_many(self.work, self.mapping.info.key, rows, refused=refused)
        for place, error in refused.items():
            self._refuse(BadRow(pending[place].row, error))
        good = [p for place, p in enumerate(pending) if place not in refused]
        for one, new_id in zip(good, ids, strict=True):
            one.id = new_id
        self.outcome.created += len(good)
        return good

    def _edited(self, pending: list[Pending]) -> list[Pending]:
        changes: dict[int, Mapping[str, Any]] = {}
        for one in pending:
            assert one.known is not None
            one.id = one.known.id
            changes[one.id] = one.values
        refused: dict[int, BesaceError] = {}
        changed = entities.edit_many(self.work, self.mapping.info.key, changes, refused=refused)
        for one in pending:
            if one.id in refused:
                self._refuse(BadRow(one.row, refused[one.id]))
        good = [p for p in pending if p.id not in refused]
        self.outcome.updated += len(changed)
        self.outcome.unchanged += len(good) - len(changed)
        return good

    def _link(self, source: LinkSource, pending: Sequence[Pending]) -> None:
        texts = [(one, source.source.text(one.cells)[0]) for one in pending]
        named = [(one, text) for one, text in texts if text]
        answers = self._answers(source.look_up, named)
        links = []
        for one, text in named:
            answer = answers[text]
            if isinstance(answer, BesaceError):
                self.too_late.append(BadRow(one.row, answer, source.source.column, text))
                continue
            subject, object_ = (answer, one.id) if source.reverse else (one.id, answer)
            links.append(relations.Link(subject, source.relation.key, object_, source.attributes))
        if not self.too_late:
            self.outcome.linked += len(relations.link_many(self.work, links))


_FILL: Text = _("Fill the cell, or give the column a fallback in the mapping.")
