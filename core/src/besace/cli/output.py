"""What commands print: one JSON document, or tables, facts and bars for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

from besace.cli.columns import Column, widths
from besace.crud import Shown
from besace.errors import UsageError
from besace.layouts import shown_value
from besace.model import SYSTEM_FIELDS, Entity, Part
from besace.reading import mention_of
from besace.records import Content, Facts, Layout, Note, Operation, Progress, Table
from besace.texts import Text, in_language, printable, translator
from besace.views import as_json
from besace.zones import moment_in

if TYPE_CHECKING:
    from besace.cli.tree import State
    from besace.database import Work

_ = translator(__name__)

_PLAIN_WIDTH = 160
_BAR_WIDTH = 24


def show_result(state: State, work: Work, result: Any, operation: Operation | None = None) -> str:
    """The text of a result: JSON when that was asked for, else laid out for a person.

    The content of a file is written out at once, as it is, and has none.
    """
    if isinstance(result, Content):
        _write_out(state, result)
        return ""
    if state.json:
        return as_document(work, result)
    if operation is not None and operation.layout is not None:
        return render(work, _listed(operation.layout(work, result)))
    return render(work, lay_out(work, result))


def _write_out(state: State, content: Content) -> None:
    if state.json:
        raise UsageError(
            _("Not both: --json and the content of a file, for there is one standard output."),
            _("Write the content to a file, or leave --json out."),
        )
    for piece in content.pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def as_document(work: Work, result: Any) -> str:
    """One JSON document."""
    return json.dumps(as_json(work, result), ensure_ascii=False, indent=2)


def lay_out(work: Work, result: Any) -> list[Layout]:
    """How a person sees a result that says nothing of its own about it."""
    match result:
        case None:
            return []
        case Shown():
            blocks = work.crm.registry.type(result.entity.type).blocks
            laid: list[Layout] = [_facts(work, result.entity)]
            for key, data in result.blocks.items():
                laid += _listed(blocks[key].layout(work, data))
            return laid
        case Entity() | Part():
            return [_brief(work, result)]
        case Text() | str():
            return [Note(result)]
        case Facts() | Table() | Progress() | Note():
            return [result]
        case Mapping():
            return [Facts([(str(key), value) for key, value in result.items()])]
        case Sequence():
            return [piece for one in result for piece in lay_out(work, one)] or [Note(_("None."))]
    if is_dataclass(result):
        return lay_out(work, {f.name: getattr(result, f.name) for f in fields(result)})
    return [Note(cell(result, work.language, work.zone))]


def _listed(laid: Any) -> list[Layout]:
    return list(laid) if isinstance(laid, list | tuple) else [laid]


def _facts(work: Work, row: Any) -> Facts:
    """The filled fields of an entity or part."""
    rows: list[tuple[Text | str, Any]] = [(_("Id"), row.id)]
    info: Any
    if isinstance(row, Part):
        info = work.crm.registry.part(row.__key__)
        title = Text("{type} {id}", "", None, {"type": info.label, "id": row.id})
        owner: Any = row.owner
        rows.append((work.crm.registry.type(owner.type).label, owner.label))
    else:
        info = work.crm.registry.type(row.type)
        title = Text("{type} {label}", "", None, {"type": info.label, "label": row.label})
    rows += [(f.label, shown_value(info, row, key)) for key, f in info.fields.items()]
    if isinstance(row, Entity):
        rows += [(SYSTEM_FIELDS[k].label, shown_value(info, row, k)) for k in ("owner", "version")]
    return Facts([(label, value) for label, value in rows if value not in (None, "")], title)


def _brief(work: Work, row: Any) -> Facts:
    """What a command made or changed, in a few lines: its id, its name, and the other filled fields."""
    whole = _facts(work, row)
    is_entity = isinstance(row, Entity)
    title = mention_of(work, row) if is_entity else whole.title
    behind = [_("Id"), *(SYSTEM_FIELDS[k].label for k in ("owner", "version"))]
    named = row.label if is_entity else None
    return Facts([(k, v) for k, v in whole.rows if k not in behind and v is not False and v != named], title)


def render(work: Work, laid: Iterable[Layout]) -> str:
    """Lay pieces out below each other, in the language of who acts, with moments in the install's zone."""
    return laid_out(laid, work.language, work.zone)


def laid_out(laid: Iterable[Layout], language: str, zone: tzinfo = UTC) -> str:
    """Pieces below each other: with colours on a terminal, as plain text elsewhere."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    out = StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=None if terminal else _PLAIN_WIDTH, highlight=False, emoji=False,
        markup=False, color_system="auto" if terminal else None,
    )  # fmt: skip
    for place, piece in enumerate(laid):
        if place:
            console.print()
        _print(console, language, zone, piece)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).strip("\n")


def _print(console: Any, language: str, zone: tzinfo, piece: Layout) -> None:
    match piece:
        case Note(text):
            console.print(printable(in_language(text, language)), soft_wrap=True)
        case Facts(rows, title):
            _title(console, language, title)
            _print_facts(console, language, zone, rows)
        case Table():
            _title(console, language, piece.title)
            _print_table(console, language, zone, piece)
        case Progress(bars, title, empty):
            _title(console, language, title)
            _print_bars(console, language, zone, bars, empty)


def _title(console: Any, language: str, title: Text | str | None) -> None:
    if title is not None:
        console.print(printable(in_language(title, language)), style="bold", soft_wrap=True)


def _print_facts(console: Any, language: str, zone: tzinfo, rows: Sequence[tuple[Text | str, Any]]) -> None:
    labels = [in_language(label, language) for label, _value in rows]
    width = max((len(label) for label in labels), default=0)
    for label, (_label, value) in zip(labels, rows, strict=True):
        first, *more = cell(value, language, zone).splitlines() or [""]
        console.print(f"  {label:<{width}}  {first}", soft_wrap=True)
        for line in more:
            console.print(f"  {'':<{width}}  {line}", soft_wrap=True)


def _print_table(console: Any, language: str, zone: tzinfo, table: Table) -> None:
    from rich import box
    from rich.table import Table as RichTable

    if not table.rows:
        console.print("  " + in_language(table.empty or _("None."), language))
        return
    laid = RichTable(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        show_footer=table.total is not None,
        header_style="bold",
        footer_style="bold",
    )
    total = table.total or [None] * len(table.columns)
    rows = [[cell(value, language, zone) for value in row] for row in table.rows]
    headings = [in_language(heading, language) for heading in table.columns]
    feet = [cell(value, language, zone) for value in total]
    columns = [
        Column([heading, foot, *(row[place] for row in rows)], [row[place] for row in table.rows])
        for place, (heading, foot) in enumerate(zip(headings, feet, strict=True))
    ]
    for column, heading, foot, width in zip(columns, headings, feet, widths(columns, console.width), strict=True):
        laid.add_column(heading, justify=column.justify, footer=foot, width=width, overflow="fold")
    for row in rows:
        laid.add_row(*row)
    room = console.width
    console.width = max(room, _PLAIN_WIDTH * 4)  # a terminal too narrow breaks the lines, and loses nothing
    console.print(laid)
    console.width = room


def _print_bars(console: Any, language: str, zone: tzinfo, bars: Sequence[Any], empty: Text | str | None) -> None:
    if not bars:
        console.print("  " + in_language(empty or _("None."), language))
        return
    labels = [cell(b.label, language, zone) for b in bars]
    width = max(len(label) for label in labels)
    counts = [f"{cell(b.value, language, zone)} / {cell(b.target, language, zone)}" for b in bars]
    wide = max(len(count) for count in counts)
    for label, count, bar in zip(labels, counts, bars, strict=True):
        percent = "  ?  " if bar.percent is None else f"{bar.percent:>3} %"
        filled = 0 if bar.percent is None else max(0, min(_BAR_WIDTH, bar.percent * _BAR_WIDTH // 100))
        drawn = "█" * filled + "░" * (_BAR_WIDTH - filled)
        note = f"  {in_language(bar.note, language)}" if bar.note is not None else ""
        console.print(f"  {label:<{width}}  {drawn}  {percent}  {count:<{wide}}{note}", soft_wrap=True)


def cell(value: Any, language: str, zone: tzinfo = UTC) -> str:
    """One value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return (_("yes") if value else _("no")).in_language(language)
        case datetime():
            return f"{moment_in(zone, value):%Y-%m-%d %H:%M %Z}"
        case date():
            return value.isoformat()
        case Decimal():
            from babel.numbers import format_decimal

            return format_decimal(value, locale=language, decimal_quantization=False)
        case int():
            return str(value)
        case list() | tuple():
            return ", ".join(cell(one, language, zone) for one in value)
        case Mapping():
            return ", ".join(f"{key}: {cell(one, language, zone)}" for key, one in value.items())
    return printable(in_language(getattr(value, "label", value), language))
