"""Files to be attached: begun, sent in slices that each fit one request, and put together."""

from functions.web.house import Asked
from functions.web.http import Answer
from ocello.domain import ids
from ocello.domain.errors import Invalid
from ocello.services.uploads import put_together, take_slice

_PLAIN = "text/plain; charset=utf-8"


def begin(asked: Asked) -> Answer:
    """Give an upload its id."""
    return Answer(ids.uuid7(asked.house.clock(), asked.house.chance(10)), content_type=_PLAIN)


def take(asked: Asked) -> Answer:
    """Take one slice."""
    number = _number("slice", asked.params["number"])
    take_slice(asked.user, asked.params["upload"], number, asked.request.body, asked.house.post.mail)
    return Answer("", content_type=_PLAIN)


def finish(asked: Asked) -> Answer:
    """Put the slices together; the answer is the file's size in bytes."""
    slices = _number("slices", asked.request.asked("slices"))
    size = put_together(asked.user, asked.params["upload"], slices, asked.house.post.mail)
    return Answer(str(size), content_type=_PLAIN)


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(field, "must be a number")
    return int(text)
