"""A request as pages see it, and an answer as they give it; the gateway's forms of both are spelled here alone."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ocello.domain.errors import Invalid, TooLarge
from ocello.domain.messages import MAX_REQUEST_BYTES
from ocello.domain.texts import Text

HTML = "text/html; charset=utf-8"
_MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; `body` is not yet read as a form."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def by_htmx(self) -> bool:
        """Tell whether a part of a page asks, not a whole page."""
        return self.headers.get("hx-request") == "true"

    def asked(self, name: str, default: str = "") -> str:
        """Give the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def form(self) -> "Form":
        """Read the body as a form, with files where it is of several parts. Raises Invalid."""
        about = HeaderParser().parsestr(f"Content-Type: {self.headers.get('content-type', '')}")
        if about.get_content_type() == "multipart/form-data":
            return _parts(self.body, str(about.get_param("boundary", "")))
        try:
            text = self.body.decode("utf-8")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
        except ValueError:
            raise Invalid("form", "cannot be read") from None
        return Form(tuple(pairs))


class File(NamedTuple):
    """A file that a form carries, and the name it had where it came from."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in order, and its files by the names of their fields."""

    fields: tuple[tuple[str, str], ...]
    files: Mapping[str, File] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """Give the first value of a field."""
        return next((value for key, value in self.fields if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Give every value of a field."""
        return tuple(value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        """Tell whether a field is there, as a ticked box is."""
        return any(key == name for key, _ in self.fields)


def _parts(body: bytes, boundary: str) -> Form:
    """Read multipart/form-data as browsers spell it (RFC 7578; names in UTF-8). Raises Invalid."""
    fields: list[tuple[str, str]] = []
    files: dict[str, File] = {}
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]
    for piece in pieces[:_MOST_FIELDS]:
        head, _, content = piece.partition(b"\r\n\r\n")
        try:
            about = HeaderParser().parsestr(head.decode("utf-8").strip())
            name, filename = (about.get_param(part, None, "content-disposition") for part in ("name", "filename"))
            if filename is None:
                fields.append((str(name), content.decode("utf-8")))
            else:
                files[str(name)] = File(str(filename), content)
        except ValueError:
            raise Invalid("form", "cannot be read") from None
    return Form(tuple(fields), files)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `cookies` are whole Set-Cookie texts."""

    body: str | bytes = ""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def go(address: str, *, cookies: tuple[str, ...] = ()) -> Answer:
    """Send a browser to `address`, with GET whatever it asked with."""
    return Answer("", HTTPStatus.SEE_OTHER, headers={"Location": address}, cookies=cookies)


def read(event: dict[str, Any]) -> Request:
    """Read an HTTP API event (payload format 2.0). Raises TooLarge or Invalid."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    about = event["requestContext"]["http"]
    text = event.get("body") or ""
    try:
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError):
        raise Invalid("body", "cannot be read") from None
    if len(body) > MAX_REQUEST_BYTES:
        raise TooLarge(Text("a request may have at most %(most)s bytes", most=MAX_REQUEST_BYTES))
    query = tuple(parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True, max_num_fields=100))
    jar = "; ".join(event.get("cookies") or [headers.get("cookie", "")])
    return Request(about["method"], event.get("rawPath") or about["path"], query, headers, _cookies(jar), body)


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def write(answer: Answer, headers: Mapping[str, str]) -> dict[str, Any]:
    """Give the gateway's form of an answer, with `headers` under the answer's own."""
    raw = isinstance(answer.body, bytes)
    body = base64.b64encode(answer.body).decode() if isinstance(answer.body, bytes) else answer.body
    return {
        "statusCode": int(answer.status),
        "headers": {**headers, "Content-Type": answer.content_type, **answer.headers},
        "cookies": list(answer.cookies),
        "body": body,
        "isBase64Encoded": raw,
    }
