"""`besace agenda`: the agenda on the terminal, in JSON, or as a calendar file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from besace.cli.verbs import json_option
from besace.errors import Refused, UsageError
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.database import Work

_ = translator(__name__)

_STDOUT = "-"


def agenda(state: State) -> click.Command:
    """The click command."""
    say = state.say

    def callback(first: str | None, last: str | None, user: str | None, ics: str | None, as_json: bool) -> None:
        if ics is not None and as_json:
            raise UsageError(_("A calendar file is no JSON document."), _("Give either --ics or --json."))
        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            made = _calendar(work, first, last, user) if ics is not None else _shown(state, work, first, last, user)
        if isinstance(made, str):
            print(made)
        elif ics == _STDOUT:
            sys.stdout.buffer.write(made)
        else:
            _write(state, ics or "", made)

    return click.Command(
        "agenda",
        params=[
            click.Option(["--from", "first"], metavar="DATE", help=say(_("The first day; today unless given."))),
            click.Option(["--to", "last"], metavar="DATE", help=say(_("The last day; two weeks from the first on."))),
            click.Option(["--user", "user"], metavar="USER", help=say(_("Whose agenda; that of who acts."))),
            click.Option(
                ["--ics"], metavar="FILE", help=say(_("Write it as a calendar file (iCalendar); - prints it."))
            ),
            json_option(state),
        ],
        callback=callback,
        help=say(
            _(
                "Show day by day what is to come and what was: the activities that a user owns or takes part in. "
                "What is overdue comes first, whenever it was."
            )
        ),
    )


def _asked(work: Work, first: str | None, last: str | None, user: str | None) -> Any:
    """Whose agenda, and its first and last day as they were typed."""
    from besace.fields import Field
    from besace.kinds import DateKind
    from besace.reading import found_entities, resolve
    from besace.values import accept_one

    asked = [accept_one(Field(DateKind(), name), typed, work) for name, typed in (("--from", first), ("--to", last))]
    if user is not None:
        return resolve(work, user, types=("user",)), *asked
    acting = work.user_id or 0
    return found_entities(work, [acting])[acting], *asked


def _shown(state: State, work: Work, first: str | None, last: str | None, user: str | None) -> str:
    from besace.cli.output import as_document, render
    from besace_activities.agenda import agenda_of, lay_out_agenda

    whose, begins, ends = _asked(work, first, last, user)
    found = agenda_of(work, whose, first=begins, last=ends)
    return as_document(work, found) if state.json else render(work, lay_out_agenda(work, found))


def _calendar(work: Work, first: str | None, last: str | None, user: str | None) -> bytes:
    from besace_activities.agenda import bounds, told_empty
    from besace_activities.icalendar_file import calendar
    from besace_activities.queries import within

    whose, *asked = _asked(work, first, last, user)
    begins, ends = bounds(work, *asked)
    entries = within(work, whose.id, begins, ends, cancelled=True)
    if not entries:  # a calendar has one component at least (RFC 5545 3.6)
        raise Refused(told_empty(whose, begins, ends), _("Ask for other days with --from and --to."))
    return calendar(work, entries)


def _write(state: State, name: str, calendar: bytes) -> None:
    from besace.transfer.drafts import draft_of, file_called

    file = file_called(name)
    with draft_of(file) as draft:
        draft.write_bytes(calendar)
    print(state.say(_("The calendar is in {file}.").format(file=file)))
