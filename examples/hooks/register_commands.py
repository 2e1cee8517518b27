"""`besace whoami`: a command that belongs to no entity."""

import click

from besace import Command, hookimpl, translator

_ = translator(__name__)


def whoami(state):
    """Make the click command; `state` gives the open install."""

    def callback():
        with state.crm().read(door="cli") as work:
            print(work.user)

    return click.Command("whoami", callback=callback, help=state.say(_("Say under which name you act.")))


@hookimpl
def register_commands():
    return [Command("whoami", f"{__name__}:whoami", _("Say under which name you act."))]
