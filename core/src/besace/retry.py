"""The retry of a whole unit of work: after a collision, a busy database, or a connection that was lost."""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from besace import failures
from besace.errors import BesaceError, Superseded
from besace.logs import tell

T = TypeVar("T")

_log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a unit is tried before its failure is told."""

PATIENCE = 30.0
"""Seconds for which a server is waited for that was there before, or one of several: a standby takes over."""

_LONGEST_PAUSE = 1.0


class Unanswered(Exception):
    """Raised when a COMMIT was sent and its answer lost: the unit may be done or not."""

    def __init__(self, error: DBAPIError, result: Any) -> None:
        super().__init__(str(error))
        self.error = error
        self.result = result


def new_uuid() -> str:
    """The name of a unit of work, by which it is found again when its commit went unanswered."""
    return str(uuid.uuid4())


def retrying(
    attempt_once: Callable[[str, bool], T], was_done: Callable[[str], bool], *, has_standby: bool = False
) -> T:
    """Run a whole unit until it is done: `attempt_once(uuid, locking)`.

    A unit whose commit went unanswered is looked up, so that nothing is done twice; should its commit still be on
    its way, the name of the unit, which is unique, refuses the second one, or a rule does that sees what the first one
    did. What collides with others takes its locks before it reads when it is run again (`locking`).
    """
    name = new_uuid()
    patience = _Patience(has_standby)
    unanswered: Unanswered | None = None
    refused: BesaceError | None = None
    locking = False
    while True:
        error: DBAPIError | Superseded
        try:
            if unanswered is not None and was_done(name):
                return unanswered.result  # type: ignore[no-any-return]
            if refused is not None:
                raise refused
            return attempt_once(name, locking)
        except Unanswered as lost:
            unanswered, error = lost, lost.error
        except Superseded as superseded:
            locking, error = True, superseded
        except BesaceError as told:
            if unanswered is None or told is refused:
                raise
            refused = told  # unless it was refused by what it did itself
            continue
        except DBAPIError as failed:
            error = failed
        if not patience.goes_on(error):
            if unanswered is not None:
                raise failures.unanswered(unanswered.error) from error
            sentence = failures.explained(error) if isinstance(error, DBAPIError) else None
            raise (sentence or error) from error
        problem = str(error.orig if isinstance(error, DBAPIError) else error)
        tell(_log, "unit.retried", logging.WARNING, unit=name, attempt=patience.attempts, problem=problem)


def settle(unanswered: Unanswered, was_done: Callable[[], bool]) -> None:
    """Look up a unit that is not run again; raises DatabaseUnavailable where it is not found done."""
    try:
        is_done = reaching(was_done, has_standby=True)  # it was there a moment ago
    except DBAPIError as error:
        raise failures.unanswered(unanswered.error) from error
    if not is_done:
        raise failures.unanswered(unanswered.error) from unanswered


def reaching(attempt_once: Callable[[], T], *, has_standby: bool) -> T:
    """Do what can be done again, such as to connect, until the server is there or patience ends."""
    patience = _Patience(has_standby)
    while True:
        try:
            return attempt_once()
        except DBAPIError as error:
            if not failures.is_lost(error) or not patience.goes_on(error):
                raise


class _Patience:
    """How long it is worth while to try again; it waits between the attempts."""

    def __init__(self, has_standby: bool) -> None:
        self.has_standby = has_standby
        self.attempts = 0
        self.until: float | None = None

    def goes_on(self, error: DBAPIError | Superseded) -> bool:
        """Wait for the next attempt; False where there is to be none."""
        self.attempts += 1
        if isinstance(error, DBAPIError):
            if not failures.is_transient(error):
                return False
            if self.until is None and failures.is_lost(error) and (error.connection_invalidated or self.has_standby):
                self.until = time.monotonic() + PATIENCE
        if self.attempts >= ATTEMPTS and (self.until is None or time.monotonic() > self.until):
            return False
        pause(self.attempts)
        return True


def pause(attempt: int) -> None:
    """Wait before the next attempt: longer each time, and not as long as the others."""
    time.sleep(min(_LONGEST_PAUSE, random.uniform(0.5, 1.0) * 0.02 * 2**attempt))
