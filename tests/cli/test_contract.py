"""A plugin given as an object, with a field of every kind, meets what every plugin has to meet."""

from __future__ import annotations

from besace.testing import check_plugin

from .samples import samples

test_contract = check_plugin("samples", samples)
