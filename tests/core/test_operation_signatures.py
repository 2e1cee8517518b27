from __future__ import annotations

import pytest

from besace import Operation, translator
from besace.errors import PluginError

from .toys import plugin

_ = translator(__name__)


def send(work, user, *, parcel: object):
    """Take a value that no door could read."""


def test_an_operation_with_a_parameter_of_no_kind_is_refused_with_its_plugin(make_install):
    post = plugin(register_operations=lambda: [Operation("send", "user", send, _("Send"))])
    with pytest.raises(PluginError, match='the parameter "parcel" of the operation "send"'):
        make_install(plugins={"post": post})
