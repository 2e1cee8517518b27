"""A run of all verifications: in one snapshot, and mended before where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from besace.discovery import said
from besace.errors import BesaceError
from besace.records import Finding, Verification
from besace.texts import Text, translator

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.database import Work

_ = translator(__name__)

SHOWN = 10
"""How many findings of one verification are told, unless more are asked for; the others are counted."""

DOOR = "verify"
_BATCH = 1000
"""How many findings are mended in one unit of work."""


@dataclass(frozen=True)
class Verdict:
    """What one verification found: how much, the first findings, and how much was mended before."""

    key: str
    plugin: str
    label: Text
    found: int
    findings: Sequence[Finding]
    mended: int = 0
    mendable: bool = False


@dataclass
class _Mended:
    """How much was set right, and what stopped that."""

    count: int = 0
    failure: Finding | None = None


def run(crm: Besace, *, fix: bool = False, shown: int = SHOWN, **who: Any) -> list[Verdict]:
    """The verdict of every verification. With `fix`, what is derived is set right first, in units of their own.

    `who` is what a unit takes: `user`, `language`.
    """
    with crm.read(door=DOOR, **who):
        known = list(crm.registry.verifications.values())  # after the plugins were loaded anew, where they changed
    mended = {v.key: _mend(crm, v, who) for v in known if fix and v.mend is not None}
    verdicts: list[Verdict] = []
    while len(verdicts) < len(known):
        # One snapshot for all, unless a verification fails in the database: some then end the transaction.
        with crm.read(door=DOOR, **who) as work:
            for verification in known[len(verdicts) :]:
                verdict, is_over = _verify(work, verification, shown, mended.get(verification.key, _Mended()))
                verdicts.append(verdict)
                if is_over:
                    break
    return verdicts


def _verify(work: Work, verification: Verification, shown: int, mended: _Mended) -> tuple[Verdict, bool]:
    """The verdict of one verification, and whether its failure may have ended the transaction."""
    is_over = False
    first: list[Finding] = []
    found = 0
    try:
        findings = iter(verification.find(work))
        first = list(islice(findings, shown))
        found = len(first) + sum(1 for _other in findings)
    except Exception as error:  # whatever a foreign verification raises: the others go on
        is_over = isinstance(error, DBAPIError)
        first, found = [*first, _failed(verification, error)], found + len(first) + 1
    if mended.failure is not None:
        first, found = [mended.failure, *first], found + 1
    mendable = verification.mend is not None
    named = verification.key, verification.plugin, verification.label
    return Verdict(*named, found, first, mended.count, mendable), is_over


def _failed(verification: Verification, error: Exception) -> Finding:
    problem: Any = error.message if isinstance(error, BesaceError) else f"{said(_cause(error))}."
    return Finding(
        _("This could not be looked at to its end: {problem}").format(problem=problem),
        _('Look at what is wrong with the tables first; if nothing is, the plugin "{plugin}" has a bug.').format(
            plugin=verification.plugin
        ),
    )


def _cause(error: Exception) -> BaseException:
    """The driver's own error: the statement that SQLAlchemy tells with it says nothing to an administrator."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _mend(crm: Besace, verification: Verification, who: dict[str, Any]) -> _Mended:
    """Set right what a verification finds, batch by batch."""
    mended = _Mended()
    reason = f"verify --fix: {verification.key}"
    try:
        with crm.read(door=DOOR, **who) as work:
            for batch in _batches(iter(verification.find(work))):
                unit = partial(_mend_batch, verification, batch)
                mended.count += crm.write(unit, door=DOOR, reason=reason, **who)
    except Exception as error:  # whatever a foreign verification raises, or the database: what was mended stays so
        mended.failure = _failed(verification, error)
    return mended


def _mend_batch(verification: Verification, batch: Sequence[Finding], work: Work) -> int:
    assert verification.mend is not None
    return verification.mend(work, batch)


def _batches(findings: Iterator[Finding]) -> Iterator[list[Finding]]:
    while batch := list(islice(findings, _BATCH)):
        yield batch
