"""The plugin meets what every plugin has to meet; here is what its operations ask for."""

from __future__ import annotations

from itertools import count
from typing import Any

from besace.testing import check_plugin

numbers = count()


def somewhere(work: Any, _attachment: Any) -> dict[str, Any]:
    """A file that is not there yet."""
    return {"path": work.crm.folder / f"saved {next(numbers)}.txt"}


test_contract = check_plugin("attachments", examples={"attachment save": somewhere})
