"""The number of hours in a training day, which an install may change."""

from besace import Setting, hookimpl, kinds, translator

_ = translator(__name__)


@hookimpl
def register_settings():
    return [Setting("hours_a_day", kinds.IntegerKind(), _("Hours a day"), _("How long a training day is."), default=7)]
