"""The plugin of the demo: one command, which makes an install of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from besace import hookimpl, translator

if TYPE_CHECKING:
    from besace import Command

_ = translator(__name__)

requires = ("persons", "opportunities", "commercial_actions", "documents")
core = ("0.1",)


@hookimpl
def register_commands() -> Sequence[Command]:
    """`besace demo`."""
    from besace import Command

    help_text = _("Play the story of an opportunity and of a trade fair, step by step, on an install of its own.")
    return [Command("demo", "besace_demo.command:demo", help_text, needs_install=False)]
