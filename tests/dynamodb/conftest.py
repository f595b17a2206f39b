"""DynamoDB Local, started by infra/tools/dynamodb_local.py, with the two tables of our own template."""

import pytest

from tests.tables import close_all, make_table


@pytest.fixture(autouse=True)
def closed_clients():
    """Close what a test opened."""
    yield
    close_all()


@pytest.fixture
def hits_table():
    return make_table("HitsTable")


@pytest.fixture
def app_table():
    return make_table("AppTable")
