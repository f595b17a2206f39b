"""Items: deals, leads, projects, persons and organizations, each with its mails, figures and timeline."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from functions.web.house import Asked
from functions.web.http import Answer
from ocello.domain import visibility
from ocello.domain.engagement import Engagement
from ocello.domain.items import ITEM_TYPES, Item, ref_of
from ocello.domain.messages import ItemRef
from ocello.services import items
from ocello.services.ports import StoredMessage

_ITEMS = 50
_MAILS = 25
_MOMENTS = 60


class Moment(NamedTuple):
    """One line of a timeline."""

    at: int
    kind: str  # sent, open or click
    message: str
    subject: str


def address_of(ref: ItemRef) -> str:
    """Give the address of an item's page."""
    return f"/app/items/{ref.type}/{quote(ref.id, safe='')}"


def show_all(asked: Asked) -> Answer:
    """List the items that the asker sees."""
    text = asked.request.asked("q").strip()[:200]
    wanted = asked.request.asked("type")
    kind = next((known for known in ITEM_TYPES if known == wanted), None)
    page = items.page(
        asked.visit.user, kind, text, _ITEMS, asked.request.asked("cursor") or None, asked.house.post.items
    )
    more = (
        None if page.next is None else "/app/items?" + urlencode({"q": text, "type": kind or "", "cursor": page.next})
    )
    return asked.page("items.html", found=page.items, more=more, kinds=ITEM_TYPES, kind=kind, text=text)


def pick(asked: Asked) -> Answer:
    """Offer items to link a mail to."""
    text = asked.request.asked("find").strip()[:200]
    found: tuple[Item, ...] = ()
    if text:
        found = items.page(asked.visit.user, None, text, 8, None, asked.house.post.items).items
    return Answer(asked.part("part/pick.html", found=found, text=text))


def show(asked: Asked) -> Answer:
    """Show one item."""
    ref = ref_of("", asked.params["type"], asked.params["item"])
    user, house = asked.visit.user, asked.house
    store, index = house.post.items, house.linked
    item = items.read(user, ref, store)
    figures = items.figures_of(user, ref, items=store, index=index, engagements=house.engagements)
    cursor = asked.request.asked("cursor") or None
    page = items.messages_of(user, ref, _MAILS, cursor, items=store, index=index)
    mails = [
        items.as_seen(user, stored)
        for linked in page.items
        if (stored := house.post.messages.load(linked.id)) is not None
    ]
    related = store.several(item.related)
    return asked.page(
        "item.html",
        item=item,
        related=[related[one] for one in item.related if one in related and visibility.sees_item(user, related[one])],
        figures=figures,
        mails=[(stored.message, stored.engagement or Engagement(), _people(asked, stored)) for stored in mails],
        timeline=_timeline(mails),
        more=None if page.next is None else f"{address_of(ref)}?{urlencode({'cursor': page.next})}",
    )


def _people(asked: Asked, stored: StoredMessage) -> list[str]:
    shown = visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients)
    return [each.mailbox.name or each.mailbox.address for each in shown]


def _timeline(mails: list[StoredMessage]) -> list[Moment]:
    found: list[Moment] = []
    for stored in mails:
        message, engagement = stored.message, stored.engagement or Engagement()
        found.append(Moment(message.created_at, "sent", message.id, message.subject))
        found += [Moment(at, "open", message.id, message.subject) for at in engagement.message_opens.times]
        found += [Moment(at, "click", message.id, message.subject) for at in engagement.message_clicks.times]
    return sorted(found, reverse=True)[:_MOMENTS]
