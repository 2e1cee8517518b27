"""Deals that are open and whose expected closing date is long gone: found by `besace verify`."""

from datetime import timedelta

from besace import Finding, Verification, hookimpl, translator
from besace.conditions import compile_condition
from besace.reading import mention, rows_of

_ = translator(__name__)

requires = ("opportunities",)


def forgotten_deals(work):
    """One statement for all, and a thousand rows in memory at a time."""
    info = work.crm.registry.type("opportunity")
    source = info.source()
    statement = (
        rows_of(work, info, source.id.label("id"), source.entity.c.label)
        .where(compile_condition(work, "open", source))
        .where(source["expected_close_date"] < work.today - timedelta(days=365))
        .order_by(source.id)
    )
    for row in work.execute(statement.execution_options(yield_per=1000)):
        yield Finding(
            _("{deal} should have been decided more than a year ago.").format(
                deal=mention(info.label, row.id, row.label)
            ),
            _("Close it: besace opportunity lose {id}, or cancel {id}").format(id=row.id),
        )


@hookimpl
def register_verifications():
    return [Verification("forgotten_deals", _("Deals that were forgotten"), forgotten_deals)]
