"""The two tables, made from our own template: in moto's process, or on DynamoDB Local."""

import base64
import contextlib
import json
import os
import pathlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import boto3
import yaml

from ocello.adapters.hot.aws_http import Connection, ServiceRefused
from ocello.adapters.hot.dynamodb import ConditionFailed, DynamoClient

STORAGE = pathlib.Path(__file__).parents[1] / "infra" / "storage.yaml"
WANTED = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
ENVIRONMENT = {"AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
LOCAL_URL = os.environ.get("DYNAMODB_LOCAL_URL")  # set by infra/tools/dynamodb_local.py


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short functions as nothing: tables here need none of them."""


_Template.add_multi_constructor("!", lambda *_: None)
_opened = contextlib.ExitStack()


def close_all() -> None:
    """Close the clients that were made since the last time."""
    _opened.close()


def boto(service: str) -> Any:
    """Make a client of DynamoDB Local where that runs, of moto else."""
    client = boto3.client(
        service,
        region_name=ENVIRONMENT["AWS_REGION"],
        endpoint_url=LOCAL_URL,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    _opened.callback(client.close)
    return client


def small_client() -> DynamoClient:
    """Make the small client of DynamoDB Local."""
    connection = Connection.from_environment("dynamodb", {**ENVIRONMENT, "AWS_ENDPOINT_URL": LOCAL_URL or ""}, "")
    _opened.callback(connection.close)
    return DynamoClient(connection)


class BotoClient(DynamoClient):
    """The small client over boto3, since moto is in process: DynamoDB's JSON has binary values in base64."""

    NAMES: ClassVar = {
        "BatchWriteItem": "batch_write_item",
        "DeleteItem": "delete_item",
        "GetItem": "get_item",
        "PutItem": "put_item",
        "Query": "query",
        "Scan": "scan",
        "TransactWriteItems": "transact_write_items",
        "UpdateItem": "update_item",
    }

    def __init__(self) -> None:
        self._client = boto("dynamodb")

    def once(self, operation: str, request: str, _seconds: float, *, repeat: bool = True) -> dict[str, Any]:
        return self.call(operation, json.loads(request))

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = getattr(self._client, self.NAMES[operation])(**_each(request, base64.b64decode))
        except self._client.exceptions.ConditionalCheckFailedException:
            raise ConditionFailed from None
        except self._client.exceptions.TransactionCanceledException:
            raise ServiceRefused("TransactionCanceledException", 400) from None
        return dict(_each(answer, _text))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _each(value: Any, turn: Callable[[Any], object]) -> Any:
    if isinstance(value, dict):
        return {name: turn(inner) if name == "B" else _each(inner, turn) for name, inner in value.items()}
    return [_each(each, turn) for each in value] if isinstance(value, list) else value


def make_table(resource: str) -> dict[str, Any]:
    """Make a table as the template describes it, under a name of its own."""
    properties = yaml.load(STORAGE.read_text(), _Template)["Resources"][resource]["Properties"]  # noqa: S506 — a safe one
    request = {name: properties[name] for name in WANTED if name in properties}
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {"StreamEnabled": True, **request["StreamSpecification"]}
    made = boto("dynamodb").create_table(TableName=f"{resource}-{uuid.uuid4().hex[:8]}", **request)
    return dict(made["TableDescription"])


@contextlib.contextmanager
def environment() -> Iterator[None]:
    """Set what AWS's libraries read, for as long as this lasts."""
    before = {name: os.environ.get(name) for name in (*ENVIRONMENT, "AWS_DEFAULT_REGION")}
    os.environ.update(ENVIRONMENT, AWS_DEFAULT_REGION=ENVIRONMENT["AWS_REGION"])
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
