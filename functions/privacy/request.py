"""A request as the recipient's page gets it, read from an HTTP API event in which anything may be missing or wrong."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ocello.domain.common.errors import Invalid, TooLarge

MOST = 4_096  # bytes of a form: ours has a few hundred
FORM = "application/x-www-form-urlencoded"
_FIELDS = ("do", "form")


class WrongKind(Exception):  # noqa: N818 — named for what it is; never leaves this function
    """A body of another type than a form's; the text is the type."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; `source` is the address that it came from."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    source: str
    id: str
    body: str
    in_base64: bool

    def form(self) -> Mapping[str, str]:
        """Return the fields of the form that was sent. Raises WrongKind, TooLarge, and Invalid naming the field."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != FORM:
            raise WrongKind(kind or "-")
        if len(self.body) > MOST * 4 // 3 + 4:
            raise TooLarge("form")
        try:
            body = base64.b64decode(self.body, validate=True) if self.in_base64 else self.body.encode()
            if len(body) > MOST:
                raise TooLarge("form")
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=9, errors="strict"
            )
        except (binascii.Error, ValueError):
            raise Invalid("form", "cannot be read") from None
        for name, _ in pairs:
            if name not in _FIELDS or sum(name == other for other, _ in pairs) > 1:
                raise Invalid(name[:40], "is not known, or is there twice")
        return dict(pairs)


def read(event: Mapping[str, Any]) -> Request:
    """Read an event (payload format 2.0). Raises nothing."""
    context = _table(event.get("requestContext"))
    http = _table(context.get("http"))
    query = parse_qsl(_text(event.get("rawQueryString"))[:MOST], keep_blank_values=True)
    return Request(
        method=_text(http.get("method")).upper(),
        path=_text(event.get("rawPath")),
        query=dict(reversed(query)),
        headers={_text(name).lower(): _text(value) for name, value in _table(event.get("headers")).items()},
        source=_text(http.get("sourceIp")),
        id=_text(context.get("requestId")),
        body=_text(event.get("body")),
        in_base64=event.get("isBase64Encoded") is True,
    )


def _table(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Return a text that can be encoded: JSON may contain halves of surrogate pairs."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
