"""A deal above a limit needs the day on which it may be decided."""

from besace import hookimpl, translator
from besace.errors import Refused

_ = translator(__name__)

requires = ("opportunities",)

LIMIT = 100_000


@hookimpl
def check_save(work, saves):
    if saves[0].info.key != "opportunity":
        return
    for save in saves:
        expected = save.new["expected_revenue"]
        if expected and expected.amount >= LIMIT and save.new["expected_close_date"] is None:
            raise Refused(
                _('"{name}" is a large deal and has no expected closing date.').format(name=save.new["name"]),
                _("Give it with --expected-close-date."),
            )
