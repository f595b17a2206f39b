"""Attachments: started, sent in slices that each fit one request, and joined."""

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common.errors import Invalid

_PLAIN = "text/plain; charset=utf-8"


def begin(request: PageRequest) -> Answer:
    """Start an upload, and answer with its id."""
    return Answer(request.context.uploads.begin(), content_type=_PLAIN)


def take(request: PageRequest) -> Answer:
    """Store one slice."""
    number = _number("slice", request.params["number"])
    request.context.uploads.store_slice(request.user, request.params["upload"], number, request.http.body)
    return Answer("", content_type=_PLAIN)


def finish(request: PageRequest) -> Answer:
    """Join the slices; answer with the file's size in bytes."""
    slices = _number("slices", request.http.argument("slices"))
    size = request.context.uploads.join_slices(request.user, request.params["upload"], slices)
    return Answer(str(size), content_type=_PLAIN)


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(field, "must be a number")
    return int(text)
