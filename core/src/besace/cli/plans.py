"""How a plan is shown: as one JSON document, or as facts and tables for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from besace.records import Facts, Layout, Note, Table
from besace.texts import Text, in_language, translator

if TYPE_CHECKING:
    from besace.errors import BesaceError
    from besace.plans import Plan
    from besace.schema import Step

_ = translator(__name__)

STATES: dict[str, Text] = {
    "enabled": _("enabled"),
    "disabled": _("disabled"),
    "quarantined": _("quarantined"),
    "missing": _("missing"),
}

ADDS: dict[str, Text] = {
    "types": _("Types"),
    "parts": _("Parts"),
    "lists": _("Lists"),
    "relations": _("Relations"),
    "conditions": _("Conditions"),
    "measures": _("Measures"),
    "counters": _("Counters"),
    "operations": _("Operations"),
    "settings": _("Settings"),
    "commands": _("Commands"),
    "verifications": _("Verifications"),
}

_VERBS: dict[str, Text] = {
    "enable": _("Plan: enable {name}"),
    "disable": _("Plan: disable {name}"),
    "upgrade": _("Plan: upgrade {name}"),
    "purge": _("Plan: purge {name}"),
}

_ROWS: dict[str, Text] = {
    "enable": _("{n} row is there already and appears.", "{n} rows are there already and appear."),
    "disable": _("{n} row is hidden and stays.", "{n} rows are hidden and stay."),
    "upgrade": _("{n} row stays; the migrations may change it.", "{n} rows stay; the migrations may change them."),
    "purge": _("{n} row is archived and dropped.", "{n} rows are archived and dropped."),
}

_STANDING: dict[str, Text] = {
    "reference": _("refers to its entities"),
    "setting": _("is one of its entities"),
    "part": _("hangs on its entities"),
    "type": _("names its types"),
}

_JOINING: dict[str, Text] = {
    "part": _("part"),
    "relation": _("relation"),
    "condition": _("condition"),
    "measure": _("measure"),
    "counter": _("counter"),
    "operation": _("operation"),
    "block": _("block"),
}


def as_data(plan: Plan, language: str) -> dict[str, Any]:
    """A plan as plain values."""
    return {
        "plugin": plan.plugin,
        "verb": plan.verb,
        "state": plan.state,
        "version": plan.version,
        "adds": dict(plan.adds),
        "tables": [
            {"name": t.name, "columns": t.columns, "rows": t.rows, "shared_with": t.shared_with} for t in plan.tables
        ],
        "links": plan.links,
        "rows": plan.rows,
        "steps": [step_data(plan.plugin, step) for step in plan.steps],
        "needs": plan.needs,
        "needed_by": plan.needed_by,
        "standing": [
            {"plugin": s.plugin, "table": s.table, "fields": s.columns, "sort": s.sort, "rows": s.rows}
            for s in plan.standing
        ],
        "joining": [{"plugin": j.plugin, "sort": j.sort, "key": j.key} for j in plan.joining],
        "refused": [refusal_data(error, language) for error in plan.refused],
    }


def step_data(plugin: str, step: Step) -> dict[str, Any]:
    """A migration as plain values."""
    return {"plugin": plugin, "revision": step.revision, "does": step.words}


def refusal_data(error: BesaceError, language: str) -> dict[str, Any]:
    """A refusal as plain values."""
    hint = None if error.hint is None else in_language(error.hint, language)
    return {"message": in_language(error.message, language), "hint": hint}


def lay_out(plan: Plan, language: str) -> list[Layout]:
    """A plan for a person."""
    facts: list[tuple[Any, Any]] = [
        (_("Version"), plan.version),
        (_("State"), STATES[plan.state]),
        *((ADDS[key], ", ".join(names)) for key, names in plan.adds.items()),
        (_("Needs"), ", ".join(plan.needs)),
        (_("Needed by"), ", ".join(plan.needed_by)),
    ]
    title = _VERBS[plan.verb].format(name=plan.plugin)
    laid: list[Layout] = [Facts([f for f in facts if f[1]], title)]
    laid += [table for table in (_tables(plan), _steps(plan), _standing(plan), _joining(plan)) if table.rows]
    if plan.refused:
        told = [
            _("It would be refused: {problem}").format(problem=error.in_language(language)) for error in plan.refused
        ]
        return [*laid, *(Note(sentence) for sentence in told)]
    if plan.verb == "enable" and not plan.rows:
        return laid
    return [*laid, Note(_ROWS[plan.verb].format(n=plan.rows))]


def _tables(plan: Plan) -> Table:
    rows: list[list[Any]] = [
        [t.name, _("to be made") if t.rows is None else t.rows, t.shared_with, ", ".join(t.columns)]
        for t in plan.tables
    ]
    if plan.links:
        rows.append(["link", plan.links, None, None])
    return Table([_("Table"), _("Rows"), _("Shared with"), _("Columns")], rows)


def _steps(plan: Plan) -> Table:
    return lay_out_steps([(plan.plugin, step) for step in plan.steps])


def lay_out_steps(steps: list[tuple[str, Step]]) -> Table:
    """Migrations for a person, in the order in which they are made."""
    rows = [[plugin, step.revision, step.words] for plugin, step in steps]
    return Table([_("Plugin"), _("Step"), _("What it does")], rows, empty=_("Everything is up to date."))


def _standing(plan: Plan) -> Table:
    rows = [[s.plugin, s.table, ", ".join(s.columns), s.rows, _STANDING[s.sort]] for s in plan.standing]
    return Table([_("Plugin"), _("Table"), _("Columns"), _("Rows"), _("Why")], rows)


def _joining(plan: Plan) -> Table:
    rows = [[j.plugin, _JOINING[j.sort], j.key] for j in plan.joining]
    return Table([_("Plugin"), _("Joins in with"), _("Key")], rows)
