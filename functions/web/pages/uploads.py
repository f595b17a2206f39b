"""Files to be attached: begun, sent in slices that each fit one request, and put together."""

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.services.sending.uploads import put_together, take_slice

_PLAIN = "text/plain; charset=utf-8"


def begin(asked: PageRequest) -> Answer:
    """Return an upload its id."""
    return Answer(ids.uuid7(asked.house.clock(), asked.house.random_bytes(10)), content_type=_PLAIN)


def take(asked: PageRequest) -> Answer:
    """Take one slice."""
    number = _number("slice", asked.params["number"])
    take_slice(asked.user, asked.params["upload"], number, asked.request.body, asked.house.post.mail)
    return Answer("", content_type=_PLAIN)


def finish(asked: PageRequest) -> Answer:
    """Put the slices together; the answer is the file's size in bytes."""
    slices = _number("slices", asked.request.asked("slices"))
    size = put_together(asked.user, asked.params["upload"], slices, asked.house.post.mail)
    return Answer(str(size), content_type=_PLAIN)


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(field, "must be a number")
    return int(text)
