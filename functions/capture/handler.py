"""Answers requests to the tracking origin by docs/contract.md's table, whatever the request holds and whatever storage does."""

import socket

from functions.capture import pages
from ocello.domain.common import hosts
from ocello.domain.common.errors import BadToken
from ocello.domain.tracking import hits, redirects, tokens
from ocello.services.engagement.record import LEFT_OUT, Bound

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing would cost the hot function 3 ms
    from collections.abc import Callable
    from typing import Any

    from ocello.domain.tracking.tokens import Keyring, Token
    from ocello.services.engagement.count_loads import LoadCounter
    from ocello.services.engagement.record import Recorder

_NO_TOKEN = ("/o/", "/c/")

_SECONDS, _NO_TIME = 10**11, 10**13  # up to: seconds until the year 5138; from: milliseconds that do not sort as text

BAD, DENIED, NOTHING = "bad token", "denied", ""  # outcomes in addition to the recorder's


class Denied:
    """What must not redirect any more: messages by id, and hosts. A named tuple would cost the hot function 0.1 ms."""

    __slots__ = ("hosts", "messages")

    def __init__(self, messages: frozenset[str], hosts: frozenset[str]) -> None:
        self.messages, self.hosts = messages, hosts


class TrackingRequest:
    """The parts of a request that are used."""

    __slots__ = ("at", "headers", "method", "path", "request_id", "source")

    def __init__(self, method: str, path: str, headers: dict[str, str], source: str, at: int, request_id: str) -> None:
        """Store the parts; `at` is the gateway's time in milliseconds, `source` the address from which it was called."""
        self.method, self.path, self.headers = method, path, headers
        self.source, self.at, self.request_id = source, at, request_id


class TrackingHandler:
    """Answers requests, and writes one log line for each."""

    def __init__(  # one argument for each setting
        self,
        keyring: "Keyring",
        recorder: "Recorder",
        denied: Denied,
        address_header: str,
        about: str,
        clock: "Callable[[], float]",
        note: "Callable[[str, str, float], None]",
        load_counter: "Callable[[], LoadCounter]",
    ) -> None:
        """Store what answers need; `note(kind, outcome, seconds)` is called once for each request.

        `load_counter` is called for each load of a pooled pixel, so that others do not wait for its imports.
        """
        self._keyring, self._recorder, self._denied = keyring, recorder, denied
        self._address_header, self._about = address_header.lower(), about
        self._headers = frozenset((*hits.KEPT_HEADERS, "user-agent", self._address_header))
        self._clock, self._note, self._load_counter = clock, note, load_counter
        self._bound = Bound()

    def answer(self, event: "Any") -> "dict[str, Any]":
        """Answer an HTTP API event (payload 2.0), whatever is in it."""
        arrived = self._clock()
        request = _request(event, self._headers)
        if request.method not in ("GET", "HEAD") or request.path in _NO_TOKEN:
            kind, outcome, response = "other", NOTHING, _text(404, pages.NOT_FOUND)
        elif request.path.startswith("/o/"):
            kind, outcome, response = "open", self._open(request, arrived), _pixel()
        elif request.path.startswith("/c/"):
            kind, (outcome, response) = "click", self._click(request, arrived)
        else:
            kind, outcome, response = "other", NOTHING, self._page(request.path)
        if request.method == "HEAD":
            response |= {"body": "", "isBase64Encoded": False}
        self._note(kind, outcome, self._clock() - arrived)
        return response

    def _open(self, request: TrackingRequest, arrived: float) -> str:
        try:
            token = tokens.verify_in_path(self._keyring, request.path[3:], tokens.OPEN)
        except BadToken:
            return BAD
        return self._record(token, request, arrived)

    def _click(self, request: TrackingRequest, arrived: float) -> "tuple[str, dict[str, Any]]":
        try:
            token = tokens.verify_in_path(self._keyring, request.path[3:], tokens.CLICK)
        except BadToken:
            return BAD, _text(404, pages.NOT_FOUND)
        if token.message in self._denied.messages or self._denies(token.target):
            return DENIED, _text(404, pages.NOT_FOUND)
        headers = pages.REDIRECT_HEADERS | {"Location": redirects.location(token.target)}
        response = {"statusCode": 302, "headers": headers, "body": "", "isBase64Encoded": False}
        return self._record(token, request, arrived), response

    def _denies(self, target: str) -> bool:
        return bool(self._denied.hosts) and hosts.host_of(target) in self._denied.hosts

    def _record(self, token: "Token", request: TrackingRequest, arrived: float) -> str:
        """Record the hit. If that fails, the reader does not see it and does not wait longer."""
        if token.flags & tokens.POOLED:
            return self._count(token, request, arrived)
        own = token.recipient < tokens.SEVERAL and not token.flags & tokens.AGGREGATE
        if own and request.at and not self._bound.admits((token.message, token.recipient, token.link), request.at):
            return LEFT_OUT
        hit = hits.hit_of(
            token,
            request.at,
            request.request_id,
            request.method,
            self._address(request),
            request.headers.get("user-agent", ""),
            request.headers,
        )
        try:
            return self._recorder.record(hit, arrived)
        except Exception as error:  # noqa: BLE001 — an error of ours must neither break the reader's link nor lose the hit
            self._recorder.log(hit)
            return f"fault {type(error).__name__}"

    def _count(self, token: "Token", request: TrackingRequest, arrived: float) -> str:
        """Count a load of a pooled pixel: its pool and day, and what its request tells of who loaded it."""
        agent = request.headers.get("user-agent", "")[: hits.MAX_AGENT]
        headers = {
            name: request.headers[name][: hits.MAX_HEADER] for name in hits.KEPT_HEADERS if name in request.headers
        }
        try:
            return self._load_counter().count(token.message, request.at, request.method, agent, headers, arrived)
        except Exception as error:  # noqa: BLE001 — an error of ours must not break the reader's answer
            return f"uncounted {type(error).__name__}"

    def _address(self, request: TrackingRequest) -> str:
        """Return the client's address: the last one in the trusted proxy's header, or the gateway's; '' if it is not valid."""
        address = hosts.client_address(request.headers, self._address_header, request.source)
        for family in (socket.AF_INET, socket.AF_INET6):
            try:
                return socket.inet_ntop(family, socket.inet_pton(family, address))
            except (OSError, ValueError):
                continue
        return ""

    def _page(self, path: str) -> "dict[str, Any]":
        if path == "/robots.txt":
            return _text(200, pages.ROBOTS)
        if path == "/about":
            return {"statusCode": 200, "headers": pages.PAGE_HEADERS, "body": self._about, "isBase64Encoded": False}
        return _text(404, pages.NOT_FOUND)


def _text(status: int, text: str) -> "dict[str, Any]":
    return {"statusCode": status, "headers": pages.TEXT_HEADERS, "body": text, "isBase64Encoded": False}


def _pixel() -> "dict[str, Any]":
    return {"statusCode": 200, "headers": pages.PIXEL_HEADERS, "body": pages.PIXEL, "isBase64Encoded": True}


def _request(event: "Any", wanted: "frozenset[str]") -> TrackingRequest:
    """Return the used parts of an event, in which anything may be missing or have another type, with the `wanted` headers."""
    event = event if isinstance(event, dict) else {}
    context = _table(event.get("requestContext"))
    http = _table(context.get("http"))
    headers = {
        lowered: _line(value)
        for name, value in _table(event.get("headers")).items()
        if isinstance(name, str) and (lowered := name.lower()) in wanted and isinstance(value, str)
    }
    return TrackingRequest(
        method=_line(http.get("method")),
        path=path if isinstance(path := event.get("rawPath"), str) else "",  # as it was sent: a token has one spelling
        headers=headers,
        source=_line(http.get("sourceIp")),
        at=_at(context.get("timeEpoch")),
        request_id=_line(context.get("requestId")),
    )


def _at(moment: "Any") -> int:
    """Return the gateway's time in milliseconds; `sam local` has seconds."""
    if not isinstance(moment, int) or not 0 <= moment < _NO_TIME:
        return 0
    return moment * 1000 if moment < _SECONDS else moment


def _table(value: "Any") -> "dict[Any, Any]":
    return value if isinstance(value, dict) else {}


def _line(value: "Any") -> str:
    """Return text that can be stored and sent: without surrogates and control characters."""
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value
    return "".join(character for character in value if character.isprintable())


def denied(messages: str, names: str) -> Denied:
    """Return messages and hosts that must not redirect any more, from the two comma-separated lists."""
    return Denied(
        frozenset(entry.strip().lower() for entry in messages.split(",") if entry.strip()),
        hosts.parse_domains(names),
    )
