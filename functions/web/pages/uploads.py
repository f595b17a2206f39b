"""Files to be attached: begun, sent in slices that each fit one request, and put together."""

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.services.sending.uploads import put_together, take_slice

_PLAIN = "text/plain; charset=utf-8"


def begin(request: PageRequest) -> Answer:
    """Return an upload its id."""
    return Answer(ids.uuid7(request.context.clock(), request.context.random_bytes(10)), content_type=_PLAIN)


def take(request: PageRequest) -> Answer:
    """Take one slice."""
    number = _number("slice", request.params["number"])
    take_slice(request.user, request.params["upload"], number, request.http.body, request.context.sending.mail)
    return Answer("", content_type=_PLAIN)


def finish(request: PageRequest) -> Answer:
    """Put the slices together; the answer is the file's size in bytes."""
    slices = _number("slices", request.http.argument("slices"))
    size = put_together(request.user, request.params["upload"], slices, request.context.sending.mail)
    return Answer(str(size), content_type=_PLAIN)


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(field, "must be a number")
    return int(text)
