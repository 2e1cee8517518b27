"""Groups of commands: in the order in which they were added, with the near names of a mistyped one."""

from __future__ import annotations

from collections.abc import Sequence

import click

from besace.errors import near
from besace.texts import Text, translator

_ = translator(__name__)


class UnknownCommand(click.UsageError):
    """Raised when a group has no command of that name; `hint` says which there are."""

    def __init__(self, message: str, hint: str, ctx: click.Context) -> None:
        super().__init__(message, ctx)
        self.hint = hint

    def format_message(self) -> str:
        """The sentence with its hint."""
        return f"{self.message} {self.hint}"


class Group(click.Group):
    """A group of commands; its context's object is the `State` of the run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they were added: what is done most stands first."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command is told with what there is."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            raise self.unknown(ctx, name)
        ctx.find_root().obj.path.append(name)
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: click.Context, name: str) -> UnknownCommand:
        """The error for a command that does not exist."""
        return self.unknown_among(ctx, name, self.list_commands(ctx))

    @staticmethod
    def unknown_among(ctx: click.Context, name: str, known: Sequence[str], hint: Text | None = None) -> UnknownCommand:
        """The error for a command that is not among these; `hint` where the names would not help."""
        say = ctx.find_root().obj.say
        told = hint or near(name, known) or _("See them all with: {command} --help").format(command=ctx.command_path)
        message = say(_('There is no command "{name}".').format(name=name))
        return UnknownCommand(message, say(told), ctx)
