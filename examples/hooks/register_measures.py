"""What hangs in deals that should be decided by now, and the commission on those that were won."""

from besace import Measure, hookimpl, translator

_ = translator(__name__)

requires = ("opportunities",)


def commission(deal):
    """Five percent of the final revenue, in whole cents: SQL over the tables of the type."""
    return deal["final_revenue"] * 5 // 100


@hookimpl
def register_measures():
    return [
        Measure("overdue", "opportunity", _("Overdue revenue"), "expected_revenue", where="overdue"),
        Measure("commission", "opportunity", _("Commission"), commission, where="won"),
    ]
