"""Calls every route of the deployed template, and checks that it answers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from infra.local.mailbox.clients import request
from infra.local.steps import Trouble

_PARAMETER = re.compile(r"\{[^}]*\}")


class Route(NamedTuple):
    """One route of the template: its API's logical id and its key."""

    api: str
    key: str


def of_template(template: Mapping[str, Any]) -> Iterator[Route]:
    """Return the routes that a processed template declares."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ApiGatewayV2::Route":
            yield Route(resource["Properties"]["ApiId"]["Ref"], resource["Properties"]["RouteKey"])


def declared(cloudformation: Any, stack: str) -> list[Route]:
    """Return the routes of the deployed stack's processed template."""
    body = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    return list(of_template(json.loads(body) if isinstance(body, str) else body))


def assert_answering(routes: list[Route], origins: Mapping[str, str]) -> None:
    """Call every route once. Raises Trouble if an API does not know its route, or if the route's function fails."""
    if not routes:
        raise Trouble("The deployed template has no routes.", "See what `sam deploy` said in engine.log.")
    for route in routes:
        method, path = route.key.split(" ", 1)
        asked = "GET" if method == "ANY" else method
        answer = request(asked, origins[route.api] + _PARAMETER.sub("openapi.json", path), {"User-Agent": "self-check"})
        # The answer to HEAD has no body: the API's own 404 is recognised by the length that the answer to GET would have.
        unknown = answer.status == 404 and answer.headers.get("content-length") == str(len(b'{"message":"Not Found"}'))
        if unknown or answer.status >= 500:
            words = answer.body.decode("utf-8", "replace")[:300]
            raise Trouble(
                f"The route {route.key} answers {answer.status}: {words}",
                "The function's words are in engine.log of the run's folder.",
            )
