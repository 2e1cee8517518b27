"""Failures of the database: which are the world's fault, in a sentence, and after which a unit may be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from besace.errors import BesaceError, DatabaseUnavailable, InstallError, Refused
from besace.texts import Text, translator

_ = translator(__name__)

_BUSY = DatabaseUnavailable(
    _("The database is busy: another process has held it for too long."),
    _("Nothing was stored. Try again in a moment."),
)
_FULL = DatabaseUnavailable(_("The disk is full."), _("Nothing was stored. Make room and run the command again."))
_READ_ONLY = DatabaseUnavailable(
    _("The database cannot be written: its file or folder is read-only."),
    _("Nothing was stored. Check the permissions of the install's folder."),
)
_TOO_LARGE = Refused(_("The sum is too large a number to be added up."))
_COLLISION = DatabaseUnavailable(
    _("Others changed the same things at the same time, again and again."),
    _("Nothing was stored. Try again in a moment."),
)

_SQLITE: tuple[tuple[tuple[str, ...], BesaceError], ...] = (
    (("locked", "busy"), _BUSY),
    (("disk is full", "disk full"), _FULL),
    (
        ("unable to open",),
        DatabaseUnavailable(
            _("The database cannot be opened."),
            _("Check its line in besace.toml, and the permissions of its file and folder."),
        ),
    ),
    (("readonly", "read-only"), _READ_ONLY),
    (
        ("not a database", "malformed"),
        InstallError(
            _("The file of the database is not a Besace database, or it is damaged."),
            _("Check the database line in besace.toml, or restore a backup."),
        ),
    ),
    (("integer overflow",), _TOO_LARGE),
    (
        ("disk i/o error",),
        DatabaseUnavailable(
            _("The disk reports an error."), _("Nothing was stored. Look whether it is full: besace doctor")
        ),
    ),
)
"""What SQLite says, in the order in which it is looked for, and what we say."""

_POSTGRESQL: dict[str, BesaceError] = {
    "40001": _COLLISION,  # serialization_failure
    "40P01": _COLLISION,  # deadlock_detected
    "55P03": _BUSY,  # lock_not_available
    "53100": _FULL,
    "22003": _TOO_LARGE,  # numeric_value_out_of_range
    "25006": DatabaseUnavailable(
        _("The database server only reads: it is a standby, or has just become one."),
        _("Nothing was stored. Name all its hosts in besace.toml, or try again in a moment."),
    ),
    "57014": DatabaseUnavailable(  # query_canceled
        _("The database server ended a statement that took longer than it allows."),
        _("Nothing was stored. Ask for less at once, or let its administrator raise statement_timeout."),
    ),
    "42501": DatabaseUnavailable(
        _("The user of the database may not do this."), _("Nothing was stored. Let it own the database and its tables.")
    ),
}
"""SQLSTATE codes, and what we say."""

_PASSING = frozenset({"40001", "40P01", "55P03", "25006", "23503", "23505"})
"""The codes after which the same unit may succeed: a reference or a key that was looked at before is violated by
another unit that was in between (23...), and is told when the unit is run again; or it is a bug."""

_LOST = ("08", "57P")
"""How the codes of a connection that ended begin: lost, refused, or its server shut down."""


def _state(error: DBAPIError) -> str | None:
    """The SQLSTATE of an error of PostgreSQL; "" for one without, as a refused connection; None for SQLite."""
    if not hasattr(error.orig, "sqlstate"):
        return None
    return getattr(error.orig, "sqlstate", None) or ""


def is_lost(error: DBAPIError) -> bool:
    """Whether the connection itself is gone, or never came to be."""
    state = _state(error)
    unreached = state == "" and isinstance(error, OperationalError)
    return error.connection_invalidated or unreached or (state or "").startswith(_LOST)


def is_transient(error: DBAPIError) -> bool:
    """Whether the same unit may succeed when it is run again."""
    state = _state(error)
    if state is None:
        problem = str(error.orig).lower()
        return error.connection_invalidated or "locked" in problem or "busy" in problem
    return is_lost(error) or state in _PASSING


def is_missing_table(error: DBAPIError) -> bool:
    """Whether a statement named a table or column that the database does not have."""
    return _state(error) in ("42P01", "42703") or "no such" in str(error.orig)


def explained(error: DBAPIError) -> BesaceError | None:
    """A driver's error as a sentence, where it is the world's fault and not a bug of ours."""
    state = _state(error)
    problem = str(error.orig)
    if state is None:
        lowered = problem.lower()
        return next((_again(said) for words, said in _SQLITE if any(w in lowered for w in words)), None)
    if is_lost(error):
        return DatabaseUnavailable(
            _("The database cannot be reached: {problem}.").format(problem=_first_line(problem)),
            _("Check its address, from besace.toml or the command, and that its server runs and lets this user in."),
        )
    said = _POSTGRESQL.get(state)
    return None if said is None else _again(said)


def unanswered(error: DBAPIError) -> BesaceError:
    """The sentence for a commit whose answer was lost, and that could not be looked up."""
    return DatabaseUnavailable(
        _("The connection was lost before the database had answered: {problem}.").format(
            problem=_first_line(str(error.orig))
        ),
        _("It may be stored or not: look before you do it again."),
    )


def _again(error: BesaceError) -> BesaceError:
    """The same sentence in an error of its own: one that is raised keeps its traceback."""
    return type(error)(error.message, error.hint)


def _first_line(problem: str) -> Text | str:
    """What libpq says, without its own advice and without the addresses of further hosts."""
    lines = [line.strip().rstrip(".") for line in problem.splitlines() if line.strip()]
    return (
        lines[0].removeprefix("connection failed: ").removeprefix("connection is bad: ")
        if lines
        else _("the connection is lost")
    )


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the driver's errors that are not bugs into sentences."""
    try:
        yield
    except DBAPIError as error:
        sentence = explained(error)
        if sentence is None:
            raise
        raise sentence from error
