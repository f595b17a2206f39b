"""Items: written, read, listed, with their messages and figures."""

from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import AfterValidator

from functions.api import schemas
from functions.api.bodies import JSON
from functions.api.context import declared, new_router, request_in
from functions.api.routes.pages import message_page
from functions.api.routes.parameters import Cursor, Limit
from functions.api.schemas.base import ITEM_ID, ITEM_TYPE
from ocello.domain.crm.items import Item, ItemInput, ref_of
from ocello.domain.messages.inbox import LONGEST_SEARCH
from ocello.services.views.items import item_figures_json, item_json

router = new_router()

ItemType = Annotated[str, Path(description="what kind of item it is", json_schema_extra=ITEM_TYPE)]
ItemId = Annotated[
    str, Path(description="the CRM's own id, percent-encoded", json_schema_extra=ITEM_ID), AfterValidator(unquote)
]


@declared(
    router,
    "writeItem",
    summary="Make or change an item, by the CRM's own id",
    description="Its owner, whoever made it, and administrators may change it. What an administrator changes of another's "
    "item is told to its owner, and opens no mail that was linked to the item before.",
    responses={
        200: {"description": "Changed, or found to be so already", "content": {JSON: {"model": schemas.StoredItem}}},
        201: {"description": "Made", "content": {JSON: {"model": schemas.StoredItem}}},
    },
    tags=["items"],
)
def write(item_type: ItemType, item_id: ItemId, body: schemas.ItemIn) -> Response[schemas.StoredItem]:
    """Make or change an item."""
    request = request_in(router)
    item_input = ItemInput(
        body.title,
        body.owner,
        body.visibility,
        body.group,
        body.person,
        body.organization,
        tuple(body.addresses),
        body.country,
    )
    written = request.ports.item_writer.write(
        request.principal.user, ref_of("", item_type, item_id), item_input, by_key=request.principal.by_key
    )
    return Response(201 if written.made else 200, JSON, _shown(written.item))


@declared(router, "readItem", summary="Read an item", tags=["items"])
def read(item_type: ItemType, item_id: ItemId) -> schemas.StoredItem:
    """Return an item."""
    request = request_in(router)
    return _shown(request.ports.item_reader.read(request.principal.user, ref_of("", item_type, item_id)))


@declared(
    router,
    "deleteItem",
    summary="Delete an item",
    description="By whoever may change it. Its mails stay with who sent them; those shared through it are their owners' "
    "alone from then on, also where somebody else makes an item of this id again.",
    responses={204: {"description": "Deleted", "content": {}}},
    tags=["items"],
)
def delete(item_type: ItemType, item_id: ItemId) -> Response[Any]:
    """Delete an item."""
    request = request_in(router)
    request.ports.item_writer.delete(
        request.principal.user, ref_of("", item_type, item_id), by_key=request.principal.by_key
    )
    return Response(204)


@declared(
    router,
    "listItems",
    summary="List or search items",
    description="Those that the asker may see, by type and title; with `q`, those of which each word of `q` begins a "
    "word of the title or an address.",
    tags=["items"],
)
def page(
    limit: Limit = 50,
    cursor: Cursor = None,
    kind: Annotated[
        str | None, Query(alias="type", description="only items of this type", json_schema_extra=ITEM_TYPE)
    ] = None,
    text: Annotated[str, Query(alias="q", max_length=LONGEST_SEARCH, description="words to search")] = "",
) -> schemas.Items:
    """Return a page of items."""
    request = request_in(router)
    if kind is not None:
        ref_of("", kind, "any")
    found = request.ports.item_reader.page(request.principal.user, kind, text, limit, cursor)
    return schemas.Items(items=[_shown(item) for item in found.items], next=found.next)


@declared(
    router,
    "listItemMessages",
    summary="List an item's messages, newest first",
    description="The asker's own, and those shared whose every item the asker may see.",
    tags=["items"],
)
def messages(item_type: ItemType, item_id: ItemId, limit: Limit = 50, cursor: Cursor = None) -> schemas.Messages:
    """Return a page of an item's messages with their engagement."""
    request, ref = request_in(router), ref_of("", item_type, item_id)
    reader = request.ports.mail_reader
    return message_page(request.user, limit, lambda most: reader.of_item(request.principal.user, ref, most, cursor))


@declared(router, "readItemStats", summary="Count an item's messages, and those opened and clicked", tags=["items"])
def stats(item_type: ItemType, item_id: ItemId) -> schemas.ItemStats:
    """Return the figures of an item's messages."""
    request = request_in(router)
    figures = request.ports.item_reader.figures_of(request.principal.user, ref_of("", item_type, item_id))
    return schemas.ItemStats.model_validate(item_figures_json(figures))


def _shown(item: Item) -> schemas.StoredItem:
    return schemas.StoredItem.model_validate(item_json(item))
