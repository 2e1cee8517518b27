"""Postponing a deal: a verb with an option."""

from datetime import timedelta

from besace import Operation, entities, hookimpl, translator

_ = translator(__name__)

requires = ("opportunities",)


def postpone(work, deal, *, days: int = 30):
    """Expect the decision so many days later."""
    day = (deal.expected_close_date or work.today) + timedelta(days=days)
    return entities.edit(work, deal, expected_close_date=day)


@hookimpl
def register_operations():
    return [
        Operation(
            "postpone",
            "opportunity",
            postpone,
            _("Postpone"),
            _("Expect the decision later."),
            options={"days": _("How many days later (30).")},
        )
    ]
