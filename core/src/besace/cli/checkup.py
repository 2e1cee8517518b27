"""Commands that look after an install: doctor and verify."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from besace.cli.verbs import json_option
from besace.texts import Text, in_language, joined, translator

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.remarks import Remark
    from besace.verification.runs import Verdict

_ = translator(__name__)

_STATES: dict[str, Text] = {"ok": _("ok"), "warning": _("warning"), "problem": _("PROBLEM"), "mended": _("mended")}


def doctor(state: State) -> click.Command:
    """`besace doctor`."""

    def callback(as_json: bool) -> None:
        from besace.cli.output import laid_out
        from besace.diagnosis import examine

        remarks = list(examine(state.folder, state.plugins))
        problems = sum(remark.state == "problem" for _topic, remark in remarks)
        warnings = sum(remark.state == "warning" for _topic, remark in remarks)
        if state.json:
            told = [{"topic": topic, **_remark(state, remark)} for topic, remark in remarks]
            print(_document({"problems": problems, "warnings": warnings, "remarks": told}))
        else:
            print(laid_out(_examined(remarks, problems, warnings), state.language))
        state.exit_code = 1 if problems else 0

    return click.Command(
        "doctor",
        params=[json_option(state)],
        callback=callback,
        help=state.say(
            _(
                "Say how the install is, and what to do about it: also of one that cannot be opened. "
                "It changes nothing, needs no user, and exits with 1 where there is a problem."
            )
        ),
    )


def _remark(state: State, remark: Remark) -> dict[str, Any]:
    return {"state": remark.state, **_sentences(state, remark.message, remark.hint)}


def _sentences(state: State, message: Any, hint: Any) -> dict[str, Any]:
    return {
        "message": in_language(message, state.language),
        "hint": None if hint is None else in_language(hint, state.language),
    }


def _examined(remarks: Sequence[tuple[str, Remark]], problems: int, warnings: int) -> list[Any]:
    from besace.diagnosis import TOPICS
    from besace.records import Facts, Note

    laid: list[Any] = [
        Facts([(_STATES[r.state], _lines([r.message, r.hint])) for _topic, r in found], TOPICS[topic])
        for topic, found in groupby(remarks, key=lambda told: told[0])
    ]
    counted = [
        _("{n} problem", "{n} problems").format(n=problems),
        _("{n} warning", "{n} warnings").format(n=warnings),
    ]
    return [*laid, Note(joined(counted))]


def verify(state: State) -> click.Command:
    """`besace verify`."""

    def callback(fix: bool, limit: int, as_json: bool) -> None:
        from besace.cli.output import laid_out
        from besace.verification.runs import run

        crm = state.crm()
        with crm.read(door="cli") as work:
            state.speak(work.language)
        verdicts = run(crm, fix=fix, shown=limit)
        found, mended = sum(v.found for v in verdicts), sum(v.mended for v in verdicts)
        if state.json:
            told = [_verdict(state, verdict) for verdict in verdicts]
            print(_document({"found": found, "mended": mended, "verifications": told}))
        else:
            print(laid_out(_verified(verdicts, found, mended, fix), state.language))
        state.exit_code = 1 if found else 0

    return click.Command(
        "verify",
        params=[
            click.Option(
                ["--fix"],
                is_flag=True,
                help=state.say(_("Set right what is derived: labels, the types in links, the series of ids.")),
            ),
            click.Option(
                ["--limit"],
                type=click.IntRange(0, 1_000_000),
                default=10,
                metavar="N",
                help=state.say(_("Tell at most so many findings of each verification (10).")),
            ),
            json_option(state),
        ],
        callback=callback,
        help=state.say(
            _(
                "Verify all that is stored, in one snapshot: that what is derived is right and what is promised holds. "
                "It exits with 1 where something is found."
            )
        ),
    )


def _verdict(state: State, verdict: Verdict) -> dict[str, Any]:
    return {
        "key": verdict.key,
        "plugin": verdict.plugin,
        "label": state.say(verdict.label),
        "found": verdict.found,
        "mended": verdict.mended,
        "mendable": verdict.mendable,
        "findings": [_sentences(state, finding.message, finding.hint) for finding in verdict.findings],
    }


def _verified(verdicts: Sequence[Verdict], found: int, mended: int, fix: bool) -> list[Any]:
    from besace.records import Facts, Note

    rows = [(_STATES[_state(verdict)], _lines(_told(verdict, fix))) for verdict in verdicts]
    counted = [_("{n} problem", "{n} problems").format(n=found), _("{n} mended", "{n} mended").format(n=mended)]
    return [Facts(rows), Note(joined(counted))]


def _state(verdict: Verdict) -> str:
    return "problem" if verdict.found else "mended" if verdict.mended else "ok"


def _told(verdict: Verdict, fix: bool) -> list[Text | str | None]:
    """What a person reads of one verification: its name, its first findings, how many there are more."""
    counted = [
        _("{n} problem", "{n} problems").format(n=verdict.found) if verdict.found else None,
        _("{n} mended", "{n} mended").format(n=verdict.mended) if verdict.mended else None,
    ]
    parts = [part for part in counted if part is not None]
    title = _("{label}: {counted}").format(label=verdict.label, counted=joined(parts))
    lines: list[Text | str | None] = [title if parts else verdict.label]
    for finding in verdict.findings:
        lines += [Text("- {message}", "", None, {"message": finding.message})]
        lines += [] if finding.hint is None else [Text("  {hint}", "", None, {"hint": finding.hint})]
    more = verdict.found - len(verdict.findings)
    if more and verdict.findings:
        lines.append(_("- and {n} more", "- and {n} more").format(n=more))
    if verdict.found and verdict.mendable and not fix:
        lines.append(_("  Set right what is derived with: besace verify --fix"))
    return lines


def _lines(lines: Sequence[Text | str | None]) -> Text:
    return joined([line for line in lines if line is not None], "\n")


def _document(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)
