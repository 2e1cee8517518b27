import pytest


@pytest.fixture
def crm(make_install):
    return make_install("persons")
