"""Reads the names of the deployed stack's resources from the engine."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import boto3

from infra.local.place import REGION, Keys


class Cloud(NamedTuple):
    """The deployed stack: `ids` maps the root's logical ids to physical ones, `settings` has each function's environment."""

    endpoint: str
    keys: Keys
    ids: Mapping[str, str]
    settings: Mapping[str, Mapping[str, str]]
    stack: str

    @property
    def pool(self) -> str:
        """Return the id of the user pool."""
        return self.settings["ApiFunction"]["OIDC_ISSUER"].rpartition("/")[2]

    def client(self, service: str) -> Any:
        """Return a client of one AWS service in the engine."""
        return client(service, self.endpoint, self.keys)


def client(service: str, endpoint: str, keys: Keys) -> Any:
    """Return a client of one AWS service at `endpoint`, whatever the caller's own environment says."""
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, region_name=REGION)
    return session.client(service, endpoint_url=endpoint)


def read(endpoint: str, keys: Keys, stack: str) -> Cloud:
    """Return the names of a deployed stack's resources."""
    resources = list(_resources(client("cloudformation", endpoint, keys), stack))
    ids = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources}
    lambdas = client("lambda", endpoint, keys)
    settings = {
        item["LogicalResourceId"]: lambdas.get_function_configuration(FunctionName=item["PhysicalResourceId"])
        .get("Environment", {})
        .get("Variables", {})
        for item in resources
        if item["ResourceType"] == "AWS::Lambda::Function"
    }
    return Cloud(endpoint, keys, ids, settings, stack)


def _resources(cloudformation: Any, stack: str) -> Iterator[Mapping[str, str]]:
    yield from cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
