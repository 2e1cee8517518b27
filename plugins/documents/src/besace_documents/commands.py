"""`besace documents compute FILE`: what a document comes to, without storing anything."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from besace.cli.groups import Group
from besace.cli.verbs import json_option
from besace.errors import InvalidValue
from besace.texts import translator

if TYPE_CHECKING:
    from besace.cli.tree import State

_ = translator(__name__)


def documents(state: State) -> click.Group:
    """`besace documents compute FILE`."""
    group = Group("documents", help=state.say(_("Reckon documents that are given in files.")))
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
