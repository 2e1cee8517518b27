"""Click's own sentences, named here so that our catalogue holds them; click asks for them by these texts."""

from besace.texts import translator

_ = translator(__name__)

TEXTS = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Positional arguments"),
    _("required"),
    _("Aborted!"),
    _("Show this message and exit."),
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("Missing argument"),
    _("Missing option"),
    _("Missing parameter"),
    _("Missing command."),
    _("Invalid value for {param_hint}: {message}"),
    _("Invalid value: {message}"),
    _("Option {name!r} does not take a value."),
    _("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    _("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    _("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
)
