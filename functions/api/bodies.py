"""Reads a request's body strictly: its size, its media type and its JSON are checked before anything else reads it."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.messages.message import MAX_REQUEST_BYTES

JSON = "application/json"
MAIL = "message/rfc822"
CSV = "text/csv"
JSONL = "application/x-ndjson"
PAGE_CHARACTERS = 2_000_000  # of a page of JSON; even with three bytes for each it fits into the gateway's answer


class Malformed(Exception):  # noqa: N818 — a refusal, not an error of the program
    """A body that is not valid in its media type."""


class WrongMedia(Exception):  # noqa: N818 — a refusal, not an error of the program
    """A body of a media type that the route does not accept."""


def read(event: Mapping[str, Any]) -> bytes:
    """Return the bytes of a request's body. Raises TooLarge or Malformed."""
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        raw = text.encode("utf-8", "surrogatepass")
    else:
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("the body's base64 cannot be read") from None
    if len(raw) > MAX_REQUEST_BYTES:
        raise TooLarge(f"a request may have at most {MAX_REQUEST_BYTES} bytes")
    return raw


def check_media_type(content_type: str, *wanted: str) -> str:
    """Return a body's media type (RFC 9110, section 8.3.1), which is one of `wanted`; JSON's may be missing.

    Raises WrongMedia.
    """
    given = content_type.partition(";")[0].strip().lower()
    given = given or (JSON if JSON in wanted else "")
    if given not in wanted:
        raise WrongMedia(f"send the body as {' or '.join(wanted)}")
    return given


def decode(raw: bytes) -> str:
    """Decode a body as UTF-8, the only encoding of JSON between systems (RFC 8259, section 8.1). Raises Malformed."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None


def parse(text: str) -> dict[str, Any]:
    """Parse a JSON object. Raises Malformed if it is not JSON (RFC 8259) or not Unicode, Invalid if it is not an object."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # an escaped half of a surrogate pair is not a character
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Invalid("body", "must be a JSON object")
    return value


def _refuse(constant: str) -> float:
    raise ValueError(constant)
