"""Answers a request to the API: finds the route, finds out who asks and whether they may, and only then calls the route.

The event is AWS's:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from functions.api import access, bodies, problems
from functions.api.context import ApiContext, ApiRequest
from functions.api.resolver import answering, parameters_of
from ocello.adapters.metrics import Figure, write_line, write_unexpected
from ocello.domain.common.errors import Invalid
from ocello.domain.people.users import Principal
from ocello.services.people.authenticate import Authenticator

_MOST_PARAMETERS = 200
_MEDIA = {"json": (bodies.JSON,), "mail": (bodies.MAIL,), "file": (bodies.CSV, bodies.JSONL, bodies.JSON)}
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.SEE_OTHER)  # the resolver would write their missing body as `null`
_CAREFUL = {"X-Content-Type-Options": "nosniff"}


def answer(event: Mapping[str, Any], authenticator: Authenticator, ports: ApiContext) -> dict[str, Any]:
    """Answer a request, an HTTP API event of format 2.0. Every error is answered by a problem document."""
    handled = _Handled()
    try:
        made = _answer(event, authenticator, ports, handled)
    except problems.KNOWN as error:
        made = problems.answer_to(error)
    except Exception as error:  # noqa: BLE001 — the last handler: every request gets an answer, and the error is counted
        write_unexpected(error, ports.clock())
        made = problems.answer_to(error)
    made["headers"] = {"Cache-Control": "no-store", **_CAREFUL, **made["headers"]}
    status = int(made["statusCode"])
    principal = handled.principal
    write_line(
        "answered",
        ports.clock(),
        {"ApiFailures": Figure(1)} if status >= 500 else {},
        route=f"{handled.route.method} {handled.route.template}" if handled.route is not None else "none",
        status=status,
        user=principal.user.id if principal is not None else None,
        by_key=principal.by_key if principal is not None else None,
    )
    return made


class _Handled:
    """What is known of a request so far, for its log line: its route, and who asks."""

    def __init__(self) -> None:
        self.route: access.Access | None = None
        self.principal: Principal | None = None


def _answer(
    event: Mapping[str, Any], authenticator: Authenticator, ports: ApiContext, handled: _Handled
) -> dict[str, Any]:
    method, path = str(event["requestContext"]["http"]["method"]).upper(), _path(event)
    route = handled.route = access.find(method, path)
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if route.need != "nobody":
        handled.principal = authenticator.authenticate(headers.get("authorization", ""))
        access.allow(handled.principal, route)
    request = _Request(event, route, method, path, headers)
    request.refuse_unknown(parameters_of(route))
    made = _resolve(request, route, handled.principal, ports)
    if made["statusCode"] in _BODILESS:
        made |= {"body": "", "isBase64Encoded": False}
        made["headers"] = {name: value for name, value in made["headers"].items() if name.lower() != "content-type"}
    return made


class _Request:
    """A request, read as strictly as its route requires."""

    def __init__(
        self, event: Mapping[str, Any], route: access.Access, method: str, path: str, headers: dict[str, str]
    ) -> None:
        self.method, self.path, self.headers = method, path, headers
        self.raw_query = str(event.get("rawQueryString") or "")
        try:
            pairs = parse_qsl(self.raw_query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            raise bodies.Malformed(f"a query may have at most {_MOST_PARAMETERS} parameters") from None
        self.query = tuple(pairs)
        self.body = bodies.read(event) if route.body != "none" else b""
        self.json: str | None = None
        self.media = ""
        if route.body != "none":
            self.media = bodies.check_media_type(headers.get("content-type", ""), *_MEDIA[route.body])
            self.headers = {**headers, "content-type": self.media}
        if route.body == "json":
            self.json = bodies.decode(self.body)

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Raise Invalid for a query parameter that the route does not have, as for an unknown field."""
        for name, _ in self.query:
            if name not in known:
                raise Invalid(name, "is not a parameter of this address")

    def event(self) -> dict[str, Any]:
        """Return the request as the event that Powertools reads, which trusts what an event says of encodings and repeats."""
        values: dict[str, list[str]] = {}
        for name, value in self.query:
            values.setdefault(name, []).append(value)
        return {
            "version": "2.0",
            "rawPath": self.path,
            "rawQueryString": self.raw_query,
            "headers": self.headers,
            "queryStringParameters": {name: ",".join(found) for name, found in values.items()},
            "requestContext": {"http": {"method": self.method, "path": self.path}, "stage": "$default"},
            "body": self.json,
            "isBase64Encoded": False,
        }


def _resolve(request: _Request, route: access.Access, principal: Principal | None, ports: ApiContext) -> dict[str, Any]:
    app = answering(route)
    app.context["now"] = ports.clock()
    if principal is not None:
        app.context["request"] = ApiRequest(principal, ports, request.body, request.query, request.media)
    made: dict[str, Any] = app.resolve(request.event(), None)  # type: ignore[arg-type] # no route asks for Lambda's context
    made["statusCode"] = int(made["statusCode"])
    return made


def _path(event: Mapping[str, Any]) -> str:
    """Return the path with each segment percent-encoded in one way: some gateways decode it, some do not."""
    segments = str(event.get("rawPath") or "/").split("/")
    return "/".join(quote(unquote(segment), safe="-._~@", errors="replace") for segment in segments)
