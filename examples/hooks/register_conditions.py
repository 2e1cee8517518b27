"""Large deals, as a question with a name."""

from besace import Condition, hookimpl, translator

_ = translator(__name__)

requires = ("opportunities",)


@hookimpl
def register_conditions():
    return [Condition("large", "opportunity", "open and expected_revenue >= 100000", _("Large"))]
