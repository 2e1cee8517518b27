"""`python -m besace`: the command line."""

from besace.cli import entry

entry()
