"""Attachments: started, sent in slices that each fit one request, and joined."""

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.numbers import number_in

_PLAIN = "text/plain; charset=utf-8"
_DIGITS = 3


def begin(request: PageRequest) -> Answer:
    """Start an upload, and answer with its id."""
    return Answer(request.context.uploads.begin(), content_type=_PLAIN)


def take(request: PageRequest) -> Answer:
    """Store one slice."""
    number = number_in("slice", request.params["number"], _DIGITS)
    request.context.uploads.store_slice(request.user, request.params["upload"], number, request.http.body)
    return Answer("", content_type=_PLAIN)


def finish(request: PageRequest) -> Answer:
    """Join the slices; answer with the file's size in bytes."""
    slices = number_in("slices", request.http.argument("slices"), _DIGITS)
    size = request.context.uploads.join_slices(request.user, request.params["upload"], slices)
    return Answer(str(size), content_type=_PLAIN)
