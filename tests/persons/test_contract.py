from __future__ import annotations

from besace.testing import check_plugin

test_contract = check_plugin("persons")
