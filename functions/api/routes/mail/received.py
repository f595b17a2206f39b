"""Received mail: what answers a message, and what belongs to a conversation."""

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Cursor, Limit, MessageId
from ocello.adapters.dynamodb import paging
from ocello.domain.common.errors import NotFound
from ocello.domain.common.ids import is_id
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.services.mailboxes.shown import received_json

router = new_router()


@declared(
    router,
    "listReplies",
    summary="List what was received on a message",
    description="Answers of people and of programs, bounces and receipts, by the headers of mail that the sender's mailbox "
    "received. An answer to a blind copy is shown to the message's owner alone.",
    tags=["messages"],
)
def replies(message_id: MessageId, limit: Limit = 50, cursor: Cursor = None) -> schemas.ReceivedList:
    """Return a page of what was received on a message."""
    request = request_in(router)
    found = request.ports.received_views.of_message(request.principal.user, message_id)
    return _page(f"replies to {message_id}", found, limit, cursor)


@declared(
    router,
    "listReceived",
    summary="List what was received in a conversation",
    description="As of its messages, and for their owner also what answers none of them but belongs to the conversation.",
    tags=["messages"],
)
def received(
    conversation_id: Annotated[str, Path(description="the conversation's id")], limit: Limit = 50, cursor: Cursor = None
) -> schemas.ReceivedList:
    """Return a page of what was received in a conversation."""
    request = request_in(router)
    if not is_id(conversation_id):
        raise NotFound("no such conversation")
    found = request.ports.received_views.of_conversation(request.principal.user, conversation_id)
    return _page(f"received in {conversation_id}", found, limit, cursor)


def _page(name: str, mails: Sequence[ReceivedMail], limit: int, cursor: str | None) -> schemas.ReceivedList:
    after = paging.decode(name, cursor) or ""
    page, following = paging.cut(name, [each for each in mails if _place(each) > after], limit, _place)
    return schemas.ReceivedList.model_validate({"items": [received_json(each) for each in page], "next": following})


def _place(mail: ReceivedMail) -> str:
    return f"{mail.at:013d}#{mail.name}"
