"""A request as pages get it, and an answer as they return it. No other module knows the gateway's format of these."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from functions.web import compression
from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.common.texts import Text
from ocello.domain.messages.message import MAX_REQUEST_BYTES

HTML = "text/html; charset=utf-8"
_MOST_FIELDS = 2_000
_MOST_ASKED = 100  # fields of a query
_PARAMETER = re.compile(r""";\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"([^"]*)"|([^\s;"]*))""", re.ASCII)
_ESCAPED = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))  # all characters that browsers escape in the names of a form
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; `body` is not parsed yet."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = ""  # the address from which the gateway was called

    @property
    def by_htmx(self) -> bool:
        """Return whether the request is for a part of a page, not for a whole page."""
        return self.headers.get("hx-request") == "true"

    def argument(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def form(self) -> "Form":
        """Parse the body as a form, with files if it is multipart. Raises Invalid."""
        kind, parameters = _parameters(self.headers.get("content-type", ""))
        if kind == "multipart/form-data":
            return _parts(self.body, parameters.get("boundary", ""))
        try:
            text = self.body.decode("utf-8")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
        except ValueError:
            raise Invalid("form", "cannot be read") from None
        return Form(tuple(pairs))


class File(NamedTuple):
    """A file in a form, and its name on the sender's machine."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in order, and its files by field name."""

    fields: tuple[tuple[str, str], ...]
    files: Mapping[str, File] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        return next((value for key, value in self.fields if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field."""
        return tuple(value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        """Return whether a field was sent, as a ticked box is."""
        return any(key == name for key, _ in self.fields)


def _parameters(header: str) -> tuple[str, dict[str, str]]:
    """Return a header's value and its parameters, the first of each name (RFC 9110, section 5.6.6, as browsers write it)."""
    value, mark, rest = header.partition(";")
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(mark + rest):
        found.setdefault(match[1].lower(), match[2] if match[3] is None else match[3])
    return value.strip().lower(), found


def _parts(body: bytes, boundary: str) -> Form:
    """Parse multipart/form-data as browsers write it (RFC 7578; names in UTF-8). Raises Invalid."""
    fields: list[tuple[str, str]] = []
    files: dict[str, File] = {}
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]
    if not boundary or len(pieces) > _MOST_FIELDS:
        raise Invalid("form", "cannot be read")
    for piece in pieces:
        head, _, content = piece.partition(b"\r\n\r\n")
        try:
            about = _disposition(head.decode("utf-8"))
            if "filename" in about:
                files[about["name"]] = File(about["filename"], content)
            else:
                fields.append((about["name"], content.decode("utf-8")))
        except (KeyError, ValueError):
            raise Invalid("form", "cannot be read") from None
    return Form(tuple(fields), files)


def _disposition(head: str) -> dict[str, str]:
    """Return the parameters of a part's Content-Disposition; none if it has no such header."""
    lines = (line.partition(":") for line in head.split("\r\n"))
    parameters = next((_parameters(value)[1] for name, _, value in lines if name.lower() == "content-disposition"), {})
    for escaped, meant in _ESCAPED:
        parameters = {name: value.replace(escaped, meant) for name, value in parameters.items()}
    return parameters


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `cookies` are whole Set-Cookie texts."""

    body: str | bytes = ""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()
    packed: bytes | None = None  # the compressed body, if it was compressed before


def go(address: str, *, cookies: tuple[str, ...] = ()) -> Answer:
    """Redirect a browser to `address` by GET, whatever the request's method was."""
    return Answer("", HTTPStatus.SEE_OTHER, headers={"Location": address}, cookies=cookies)


def opened(event: Mapping[str, Any]) -> Request:
    """Return the part of an HTTP API event (payload format 2.0) that says who asks for what. Raises nothing."""
    about = (event.get("requestContext") or {}).get("http") or {}
    headers = {_encodable(name).lower(): _encodable(value) for name, value in (event.get("headers") or {}).items()}
    jar = event.get("cookies") or [headers.get("cookie", "")]
    path = _encodable(event.get("rawPath") or about.get("path") or "/")
    return Request(
        _encodable(about.get("method", "")).upper(),
        path,
        headers=headers,
        cookies=_cookies(";".join(map(_encodable, jar))),
        source=_encodable(about.get("sourceIp") or ""),
    )


def read(request: Request, event: Mapping[str, Any]) -> Request:
    """Return the request with the rest of the event: the query and the body. Raises TooLarge or Invalid."""
    text = event.get("body") or ""
    try:
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8")
    except (binascii.Error, ValueError):
        raise Invalid("body", "cannot be read") from None
    if len(body) > MAX_REQUEST_BYTES:
        raise TooLarge(Text("a request may have at most %(most)s bytes", most=MAX_REQUEST_BYTES))
    try:
        query = parse_qsl(
            _encodable(event.get("rawQueryString") or ""), keep_blank_values=True, max_num_fields=_MOST_ASKED
        )
    except ValueError:
        raise Invalid("query", Text("an address may have at most %(most)s fields", most=_MOST_ASKED)) from None
    return replace(request, query=tuple(query), body=body)


def _encodable(text: object) -> str:
    """Return a text that can be encoded: JSON may contain halves of surrogate pairs."""
    return str(text).encode("utf-8", "replace").decode()


def _cookies(text: str) -> dict[str, str]:
    """Return the cookies, the first of each name. A cookie of somebody else's that cannot be read does not matter."""
    found: dict[str, str] = {}
    for piece in text.split(";"):
        name, _, value = piece.partition("=")
        found.setdefault(name.strip(), value.strip())
    return found


def write(answer: Answer, headers: Mapping[str, str], request: Request) -> dict[str, Any]:
    """Return an answer in the gateway's format. The answer's own headers override `headers`; it is compressed if it may be."""
    bodiless = answer.status in _BODILESS
    content = b"" if bodiless else _bytes(answer.body)
    sent = {**headers, **({} if bodiless else {"Content-Type": answer.content_type}), **answer.headers}
    packed = None
    if compression.is_worth_it(answer.content_type, len(content)):
        sent["Vary"] = "Accept-Encoding"
        if compression.may_be(request.headers, secret="public" not in sent.get("Cache-Control", "")):
            packed = answer.packed or compression.pack(content)
            sent["Content-Encoding"] = "gzip"
    raw = packed is not None or isinstance(answer.body, bytes)
    body = content if packed is None else packed
    return {
        "statusCode": int(answer.status),
        "headers": sent,
        "cookies": list(answer.cookies),
        "body": base64.b64encode(body).decode() if raw else body.decode(),
        "isBase64Encoded": raw and bool(body),
    }


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode("utf-8", "replace")
