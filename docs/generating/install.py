"""The install whose declarations the pages show: all shipped plugins, in a temporary folder."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any


@cache
def install() -> Any:
    """The opened install, made once."""
    from besace import Besace
    from besace.cli import cache as doors

    folder = Path(tempfile.mkdtemp(prefix="besace-docs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    crm = Besace.init(folder / "install", user="docs", enable=plugin_names())
    doors.refresh(crm, {})
    return crm


def plugin_names() -> list[str]:
    """The shipped plugins."""
    from besace.discovery import available

    return sorted(name for name, found in available().items() if found.is_shipped)
