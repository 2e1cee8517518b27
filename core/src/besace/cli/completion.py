"""Completion of commands in a shell: its script, and what it asks for while one types.

While one types, the install is not opened: what there is to complete stands in its stored description.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from besace.texts import translator

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from besace.cli.tree import State

_ = translator(__name__)

SHELLS = ("bash", "zsh", "fish")

VARIABLE = "_BESACE_COMPLETE"
"""The variable of the environment by which the script of a shell asks for completions."""


def typed_words() -> list[str] | None:
    """The words that someone has typed so far, where a shell asks for completions; else None."""
    if not os.environ.get(VARIABLE):
        return None
    from click.shell_completion import split_arg_string

    return split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]


def answer(state: State) -> int:
    """Print what can be completed, in the form of the shell that asked; returns the exit code."""
    from click.shell_completion import shell_complete

    from besace.cli.tree import Doors

    asked = os.environ[VARIABLE]
    try:
        return shell_complete(Doors(state), {"obj": state}, "besace", VARIABLE, asked)
    except click.UsageError:
        return 1  # what was typed leads nowhere, so nothing completes it; the shell wants no sentence


def types_of(state: State) -> Callable[..., list[str]]:
    """What completes the name of a type, by the stored description."""

    def complete(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        described = state.description.get("types", {}).items()
        names = [key.replace("_", "-") for key, about in described if not about.get("part")]
        return [name for name in names if name.startswith(typed.replace("_", "-"))]

    return complete


def files(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What completes the name of a file: whatever the shell finds."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(typed, type="file")]


def completion(state: State) -> click.Command:
    """`besace completion SHELL`."""

    def callback(shell: str) -> None:
        from click.shell_completion import get_completion_class

        from besace.cli.tree import Doors

        found = get_completion_class(shell)
        assert found is not None  # click knows all shells that the argument takes
        print(found(Doors(state), {}, "besace", VARIABLE).source(), end="")

    return click.Command(
        "completion",
        params=[click.Argument(["shell"], type=click.Choice(SHELLS), metavar="|".join(SHELLS))],
        callback=callback,
        help=state.say(
            _(
                "Print the script that completes commands in a shell. For bash, in ~/.bashrc: "
                'eval "$(besace completion bash)"'
            )
        ),
    )
