"""DynamoDB Local, started by infra/tools/dynamodb_local.py, with the two tables of our own template."""

import contextlib
import os
import pathlib
import uuid

import boto3
import pytest
import yaml

from ocello.adapters.hot.aws_http import Connection
from ocello.adapters.hot.dynamodb import DynamoClient

STORAGE = pathlib.Path(__file__).parents[2] / "infra" / "storage.yaml"
WANTED = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
ENVIRONMENT = {"AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short functions as nothing: tables here need none of them."""


_Template.add_multi_constructor("!", lambda *_: None)
_opened = contextlib.ExitStack()


@pytest.fixture(autouse=True)
def closed_clients():
    """Close what a test opened."""
    yield
    _opened.close()


def boto(service):
    client = boto3.client(
        service,
        region_name=ENVIRONMENT["AWS_REGION"],
        endpoint_url=os.environ["DYNAMODB_LOCAL_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    _opened.callback(client.close)
    return client


def small_client():
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": os.environ["DYNAMODB_LOCAL_URL"]}
    connection = Connection.from_environment("dynamodb", environment, "")
    _opened.callback(connection.close)
    return DynamoClient(connection)


def make_table(resource):
    properties = yaml.load(STORAGE.read_text(), _Template)["Resources"][resource]["Properties"]  # noqa: S506 — a safe one
    request = {name: properties[name] for name in WANTED if name in properties}
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {"StreamEnabled": True, **request["StreamSpecification"]}
    return boto("dynamodb").create_table(TableName=f"{resource}-{uuid.uuid4().hex[:8]}", **request)["TableDescription"]


@pytest.fixture
def hits_table():
    return make_table("HitsTable")


@pytest.fixture
def app_table():
    return make_table("AppTable")
