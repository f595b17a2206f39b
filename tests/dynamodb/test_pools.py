"""Spilled loads on DynamoDB Local, which remembers a transaction's token, as moto does not."""

from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.sending.pools import DynamoPoolStore
from ocello.adapters.hot.load_sinks import DynamoLoadSink
from ocello.domain.tracking.loads import Load
from tests import tables

LOAD = Load("41e9c8e9-a5a3-1d53-3eb3-e7e10c507426", "2026-11-24", "open", "person")
SECONDS = 5.0


def test_a_spilled_load_that_comes_twice_under_one_name_is_added_once():
    app = tables.make_table("AppTable")["TableName"]
    models.bind(app, tables.ENVIRONMENT["AWS_REGION"], tables.LOCAL_URL)
    counter = DynamoLoadSink(tables.small_client(), app)
    with tables.environment():
        for name in ("a", "a", "b"):
            counter.add_once(LOAD, name, SECONDS)
        counter.add(LOAD, SECONDS)
        assert DynamoPoolStore().loads(LOAD.pool, "2026-11-24")["person"] == 3
