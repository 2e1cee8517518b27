"""`besace documents compute|print`: what a document comes to, without storing anything; and documents as files."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.errors import InvalidValue
from besace.texts import LANGUAGES, translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)

FORMATS = ("pdf", "factur-x", "xml")
STANDARD_OUTPUT = "-"
"""The path that stands for the standard output."""


def documents(state: State) -> click.Group:
    """`besace documents compute FILE` and `besace documents print REF...`."""
    group = Group("documents", help=state.say(_("Print documents, and reckon those that are given in files.")))
    group.add_command(_printing(state))
    group.add_command(
        click.Command(
            "compute",
            params=[
                click.Argument(
                    ["file"],
                    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
                    metavar="FILE",
                ),
                json_option(state),
            ],
            callback=_compute(state),
            help=state.say(
                _(
                    "Compute the totals of a document that is given in JSON (- reads it from the input), "
                    "exactly as EN 16931 has it; nothing is stored."
                )
            ),
        )
    )
    return group


def _printing(state: State) -> click.Command:
    to_help = _("Where to: a file, a folder, or - for the standard output; this folder unless given.")
    return click.Command(
        "print",
        params=[
            click.Argument(["refs"], nargs=-1, required=True, metavar="REF..."),
            click.Option(["--to"], type=click.Path(allow_dash=True), metavar="PATH", help=state.say(to_help)),
            click.Option(
                ["--format", "form"],
                type=click.Choice(FORMATS),
                help=state.say(_("A PDF, a Factur-X (a PDF with its XML inside), or the XML alone.")),
            ),
            click.Option(
                ["--language"], type=click.Choice(LANGUAGES), help=state.say(_("The language of its headings."))
            ),
            click.Option(
                ["--logo"],
                type=click.Path(path_type=Path, exists=True, dir_okay=False),
                help=state.say(_("A PNG, a JPEG or an SVG to stand at its top; the one of the settings unless given.")),
            ),
            click.Option(["--force"], is_flag=True, help=state.say(_("Write over a file that is there already."))),
            json_option(state),
        ],
        callback=_print(state),
        help=state.say(
            _(
                "Print quotes, orders, invoices and credit notes: as they were issued, or as they would be. An issued "
                "invoice is a Factur-X unless another format is wanted."
            )
        ),
    )


def _print(state: State) -> Any:
    def callback(
        refs: tuple[str, ...],
        to: str | None,
        form: str | None,
        language: str | None,
        logo: Path | None,
        force: bool,
        as_json: bool,
    ) -> None:
        from besace_documents import printing

        with state.crm().read(door="cli") as work:
            state.speak(work.language)
            sheets = printing.sheets(work, refs, form, language or work.language)
            picture = printing.logo_of(work, logo)
        # Nothing is held in the database while it is printed.
        if to == STANDARD_OUTPUT:
            printing.write_out(sheets, picture, as_json=state.json)
            return
        files = printing.write(sheets, to or os.curdir, picture, force=force)
        if state.json:
            click.echo(json.dumps([file.json for file in files], ensure_ascii=False))
        for file in () if state.json else files:
            click.echo(state.say(_("{document} is in {file}.").format(document=file.label, file=file.path)))

    return callback


def _compute(state: State) -> Any:
    def callback(file: Path, as_json: bool) -> None:
        from besace_documents.computing import computed

        totals = computed(_read(file))
        if state.json:
            click.echo(json.dumps(totals, ensure_ascii=False))
        else:
            from besace.cli.output import laid_out

            click.echo(laid_out(_laid(totals), state.language))

    return callback


def _read(file: Path) -> Any:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise InvalidValue(_("{file} is not a text in UTF-8.").format(file=file)) from error
    except (ValueError, RecursionError) as error:
        raise InvalidValue(_("{file} is not JSON: {problem}.").format(file=file, problem=str(error))) from error
    except OSError as error:
        raise InvalidValue(_("{file} cannot be read: {problem}.").format(file=file, problem=error.strerror)) from error


def _laid(totals: dict[str, Any]) -> list[Any]:
    from besace.records import Facts, Table

    labels = {
        "sum_line_net": _("Sum of the lines"),
        "allowance_total": _("Allowances"),
        "charge_total": _("Charges"),
        "tax_exclusive": _("Net"),
        "tax_total": _("VAT"),
        "tax_inclusive": _("Gross"),
        "prepaid": _("Prepaid"),
        "rounding": _("Rounding"),
        "payable": _("Payable"),
    }
    breakdown = [[tax["category"], tax.get("rate"), tax["taxable"], tax["tax"]] for tax in totals["vat_breakdown"]]
    return [
        Table([_("Line"), _("Net")], [[n, line["net"]] for n, line in enumerate(totals["lines"], start=1)]),
        Table([_("VAT category"), _("VAT rate"), _("Net"), _("VAT")], breakdown, _("VAT")),
        Facts([(label, totals[key]) for key, label in labels.items()], _("Totals")),
    ]
