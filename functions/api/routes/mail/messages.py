"""Messages: sent, listed, and shown with their engagement, hits and original."""

import base64
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from functions.api import schemas
from functions.api.bodies import MAIL
from functions.api.context import ApiRequest, declared, new_router, request_in
from functions.api.routes.pages import message_page
from functions.api.routes.parameters import Cursor, Limit, MessageId
from ocello.adapters.dynamodb import paging
from ocello.domain.mail.compose import Draft, Enclosed
from ocello.domain.messages.message import LONGEST_IDEMPOTENCY_KEY, MAX_RECIPIENTS, ItemRef
from ocello.domain.messages.sharing import SharingUpdate
from ocello.services.sending.ports import StoredMessage
from ocello.services.views.messages import hit_json, message_json, totals_json

router = new_router()


@declared(
    router,
    "sendMessage",
    summary="Send a message",
    description="Each recipient gets a copy of their own. With an `Idempotency-Key` used within a day before, the same "
    "request gives the same message again, and a different one 409.",
    status_code=202,
    response_description="Stored and queued",
    tags=["messages"],
)
def post(
    body: schemas.Sending,
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=LONGEST_IDEMPOTENCY_KEY)] = None,
) -> schemas.Message:
    """Store a message and queue a copy for each of its recipients."""
    request = request_in(router)
    track = body.track or schemas.TrackChoice()
    stored = request.ports.submission.submit(
        request.principal, _draft(body), key, opens=track.opens, clicks=track.clicks
    )
    return shown(request, stored)


@declared(router, "listMessages", summary="List one's own messages, newest first", tags=["messages"])
def page(
    limit: Limit = 50,
    cursor: Cursor = None,
    tracked: Annotated[bool, Query(description="true: only messages of which something is tracked")] = False,
) -> schemas.Messages:
    """Return a page of the user's messages."""
    request = request_in(router)
    messages = request.ports.sending.messages
    return message_page(
        request.user, limit, lambda most: messages.page(request.user, tracked=tracked, limit=most, cursor=cursor)
    )


@declared(router, "readMessage", summary="Read a message with its engagement", tags=["messages"])
def read(message_id: MessageId) -> schemas.Message:
    """Return one message."""
    request = request_in(router)
    return shown(request, request.ports.mail_reader.read(request.principal.user, message_id))


@declared(
    router,
    "shareMessage",
    summary="Change who may see a message, and its items",
    description="For its owner, after it was sent. A message is linked to at most 40 items in all.",
    tags=["messages"],
)
def change(message_id: MessageId, body: schemas.Sharing) -> schemas.Message:
    """Change a message that was sent, and return it as it then is."""
    request = request_in(router)
    items = None if body.items is None else tuple(ItemRef(item.type, item.id) for item in body.items)
    update = SharingUpdate(body.visibility, items)
    stored = request.ports.message_sharing.share(request.principal.user, message_id, update)
    return shown(request, stored)


@declared(
    router,
    "listHits",
    summary="List a message's raw hits, oldest first, with what is made of each now",
    tags=["messages"],
)
def hits(message_id: MessageId, limit: Limit = 50, cursor: Cursor = None) -> schemas.Hits:
    """Return a page of hits with verdict, confidence and reasons."""
    request = request_in(router)
    within = f"hits of {message_id}"
    found = request.ports.message_hits.page(request.principal.user, message_id, limit, paging.decode(within, cursor))
    after = None if found.next is None else paging.encode(within, found.next)
    return schemas.Hits.model_validate({"items": [hit_json(judged) for judged in found.items], "next": after})


@declared(
    router,
    "rejudgeMessage",
    summary="Judge all hits of a message anew",
    description="For its owner and administrators, after rules changed. Alerts and statistics follow as after any hit.",
    status_code=202,
    tags=["messages"],
)
def rejudge(message_id: MessageId) -> schemas.Rejudged:
    """Judge a message's hits by the rules of now, and say what they come to."""
    request = request_in(router)
    outcome, engagement = request.ports.rejudging.rejudge(request.principal.user, message_id)
    rejudged = {"id": message_id, "result": outcome.value} | totals_json(engagement)
    return schemas.Rejudged.model_validate(rejudged)


@declared(
    router,
    "readSource",
    summary="Read the untracked original",
    responses={
        200: {
            "description": "The original, byte for byte, up to 4 MB",
            "content": {MAIL: {"schema": {"type": "string", "format": "binary"}}},
        },
        303: {
            "description": "The original is larger: it is at the address in `Location` for some minutes",
            "content": {},
            "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
        },
    },
    tags=["messages"],
)
def source(message_id: MessageId) -> Response[Any]:
    """Return the original, or where to fetch it."""
    request = request_in(router)
    file = request.ports.stored_mail.original(request.principal.user, message_id)
    if file.content is None:
        return Response(303, headers={"Location": file.address, "Cache-Control": "no-store"})
    answer = Response[Any](200, MAIL, base64.b64encode(file.content).decode())
    answer.base64_encoded = True
    return answer


@declared(
    router,
    "sendAgain",
    summary="Send one recipient's copy again",
    description="A deliberate act, for a copy that failed, bounced, or of which nobody knows whether it left.",
    status_code=202,
    response_description="Queued again",
    tags=["messages"],
)
def again(
    message_id: MessageId, index: Annotated[int, Path(ge=0, le=MAX_RECIPIENTS - 1, description="the recipient's index")]
) -> schemas.Message:
    """Queue one copy again."""
    request = request_in(router)
    return shown(request, request.ports.submission.submit_again(request.principal, message_id, index))


def shown(request: ApiRequest, stored: StoredMessage) -> schemas.Message:
    """Return a message as JSON for the user who asks."""
    return schemas.Message.model_validate(message_json(stored, request.user))


def _draft(body: schemas.Sending) -> Draft:
    return Draft(
        to=tuple(body.to),
        cc=tuple(body.cc),
        bcc=tuple(body.bcc),
        subject=body.subject,
        html=body.html,
        text=body.text,
        visibility=body.visibility,
        items=tuple(ItemRef(item.type, item.id) for item in body.items),
        in_reply_to=body.in_reply_to,
        attachments=tuple(Enclosed(file.upload, file.filename) for file in body.attachments),
        excepted=() if body.track is None else tuple(body.track.except_),
    )
