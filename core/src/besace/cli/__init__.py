"""The command line: one loop over what an install declares. Help loads neither plugins nor SQLAlchemy."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from besace.errors import BesaceError
from besace.texts import Text, in_language, printable, translator

if TYPE_CHECKING:
    from besace.app import Besace
    from besace.cli.tree import State

_ = translator(__name__)


def main(
    args: Sequence[str] | None = None, *, plugins: Mapping[str, Any] | None = None, opened: Besace | None = None
) -> int:
    """Run a command; returns its exit code. `plugins` adds modules of this process to the installed ones.

    `opened`: an install that is open in this process; a command in its folder uses its connections.
    """
    from besace.cli.completion import answer, typed_words
    from besace.cli.tree import State

    typed = None if args is not None else typed_words()
    words = list(typed or (sys.argv[1:] if args is None else args))
    state = State(words, plugins or {}, opened=opened, is_completing=typed is not None)
    speak(state.language)
    _set_encoding(state)
    if typed is not None:
        return answer(state)
    return _run_logged(words, state) if state.is_logged else _run(words, state)


def _run_logged(words: Sequence[str], state: State) -> int:
    """Run a command with its logs on stderr; the words of the command may be private, its name is not."""
    import logging
    import time

    from besace import logs

    log, began = logging.getLogger(__name__), time.monotonic()
    code = 1
    with logs.started(state.log_format or "text", state.log_level or "info"):
        try:
            code = _run(words, state)
        finally:
            logs.tell(
                log, "command.ended", logging.WARNING if code else logging.INFO,
                command=" ".join(state.path), exit_code=code, duration_ms=logs.milliseconds(began),
            )  # fmt: skip
    return code


def _run(words: Sequence[str], state: State) -> int:
    from besace.cli.tree import Doors

    try:
        _check_words([*words, state.user or ""], state)
        Doors(state).main(list(words), prog_name="besace", standalone_mode=False, obj=state)
        sys.stdout.flush()  # a full disk is told here, not by Python while it ends
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        return 2
    except click.UsageError as error:
        return _usage(error, state)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        print(file=sys.stderr)
        return 130
    except BesaceError as error:
        return _refused(error, state)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain once more while it ends.
        _silence()
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
        _silence()
        problem = error.strerror or str(error)
        return _refused(BesaceError(_("The output cannot be written: {problem}.").format(problem=problem)), state)
    finally:
        state.close()
    return state.exit_code


def entry() -> None:
    """The console script: a process that runs one command and ends."""
    import gc

    gc.set_threshold(10_000)  # nearly all that a command makes lives until it ends: looking for garbage finds none
    code = main()
    gc.freeze()  # the process ends: walking once more through all that it made is a fifth of its time
    sys.exit(code)


def speak(language: str) -> None:
    """Let click's own sentences come from our catalogue, in this language."""
    import gettext
    from pathlib import Path

    gettext.bindtextdomain("messages", str(Path(__file__).parent.parent / "locale"))
    os.environ["LANGUAGE"] = language


def _set_encoding(state: State) -> None:
    """Where the terminal is not of UTF-8: JSON is nevertheless, and a person sees what can be shown."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if encoding.lower().replace("-", "") != "utf8" and isinstance(sys.stdout, io.TextIOWrapper):
        if state.json:
            sys.stdout.reconfigure(encoding="utf-8")
        else:
            sys.stdout.reconfigure(errors="replace")


def _check_words(words: Sequence[str], state: State) -> None:
    """Refuse bytes that are no text: the database could not even look for them."""
    if any("\ud800" <= c <= "\udfff" for word in words for c in word):
        raise click.UsageError(state.say(_("The command has a character that is not of UTF-8. Type it anew.")))


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: BesaceError, state: State) -> int:
    if state.json:
        hint = None if error.hint is None else in_language(error.hint, state.language)
        message = in_language(error.message, state.language)
        print(json.dumps({"error": {"code": error.code, "message": message, "hint": hint}}, ensure_ascii=False))
    sentence = _("Error: {problem}").format(problem=Text("{e}", "", None, {"e": error}))
    print(printable(sentence.in_language(state.language)), file=sys.stderr)
    return error.exit_code


def _usage(error: click.UsageError, state: State) -> int:
    if state.json:
        hint = getattr(error, "hint", None)
        message = error.format_message() if hint is None else error.message
        print(json.dumps({"error": {"code": "usage", "message": message, "hint": hint}}, ensure_ascii=False))
    error.show()
    return error.exit_code
