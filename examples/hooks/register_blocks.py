"""How old a deal is, in its view."""

from dataclasses import dataclass

from besace import Block, Facts, hookimpl, translator

_ = translator(__name__)

requires = ("opportunities",)


@dataclass(frozen=True)
class Age:
    """The JSON of the block."""

    days: int


def age_of(work, deal):
    """Days from the start of the deal to its end, or to today."""
    return Age(((deal.close_date or work.today) - deal.start_date).days)


def lay_out_age(work, age):
    """For a person."""
    return Facts([(_("Days"), age.days)], _("Age"))


@hookimpl
def register_blocks():
    return [Block("age", "opportunity", _("Age"), age_of, lay_out_age)]
