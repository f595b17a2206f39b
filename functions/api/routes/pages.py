"""Cuts a page of messages so that its answer fits: an answer of the gateway may have at most 6 MB."""

from collections.abc import Callable

from functions.api import schemas
from functions.api.bodies import PAGE_CHARACTERS
from ocello.services.common.ports import Page
from ocello.services.sending.ports import StoredMessage
from ocello.services.views.messages import message_json


def message_page(viewer: str, limit: int, read: Callable[[int], Page[StoredMessage]]) -> schemas.Messages:
    """Return the page that `read` gives for `limit` messages, or a shorter one if it is too long, as JSON for `viewer`."""
    while True:
        found = read(limit)
        listed = [message_json(stored, viewer) for stored in found.items]
        answer = schemas.Messages.model_validate({"items": listed, "next": found.next})
        if limit == 1 or len(answer.model_dump_json(by_alias=True)) <= PAGE_CHARACTERS:
            return answer
        limit //= 2
