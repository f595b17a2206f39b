"""Items and their figures, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Request, Time
from ocello.domain.crm import items as crm

type ItemType = crm.ItemType
type ItemVisibility = crm.ItemVisibility
type EmailAddress = Annotated[str, Field(json_schema_extra={"format": "email"})]


class ItemIn(Request):
    """An item to be written. Owner, visibility and country stay as they are where they are left out; the rest is replaced.

    A person or organization that the writer may not see stays, unless another is named.
    """

    title: Annotated[str, Field(min_length=1, max_length=crm.MAX_TITLE)]
    owner: Annotated[str | None, Field(description="a user's id or sign-in address; at first: who writes")] = None
    visibility: Annotated[ItemVisibility | None, Field(description="who sees it; at first: its owner")] = None
    group: Annotated[str | None, Field(description="the group of users who see it")] = None
    person: Annotated[str | None, Field(description="id of its person")] = None
    organization: Annotated[str | None, Field(description="id of its organization")] = None
    addresses: Annotated[list[EmailAddress], Field(description="of a person", max_length=crm.MAX_ADDRESSES)] = Field(
        default_factory=list
    )
    country: Annotated[
        str | None,
        Field(
            description="ISO 3166-1, empty for none; its rules of tracking hold for mail to it or about it",
            pattern="^([A-Za-z]{2})?$",
        ),
    ] = None


class StoredItem(Answer):
    """An item. Related ones that the asker may not see are left out."""

    type: ItemType
    id: str
    title: str
    owner: str
    visibility: ItemVisibility
    group: str | None
    person: str | None
    organization: str | None
    addresses: list[str]
    country: str | None
    created_at: Time
    changed_at: Time


class Items(Answer):
    """A page of items."""

    items: list[StoredItem]
    next: str | None


class ItemStats(Answer):
    """What came of an item's messages: of the newest 500, where `complete` is false."""

    sent: int
    tracked: int
    opened: int
    clicked: int
    complete: bool
