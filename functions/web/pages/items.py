"""Items: deals, leads, projects, persons and organizations, each with its mails, figures and timeline."""

from itertools import chain
from urllib.parse import quote, urlencode

from functions.web.house import Asked
from functions.web.http import Answer
from ocello.domain import visibility
from ocello.domain.engagement import Engagement
from ocello.domain.items import ITEM_TYPES, RELATED, Item, ref_of
from ocello.domain.messages import ItemRef
from ocello.domain.timeline import Moment, moments_of
from ocello.services import items
from ocello.services.ports import StoredMessage

_ITEMS = 50
_OFFERED = 8  # items from which one is picked
_MAILS = 25
_MOMENTS = 100  # of the mails of one page
_NAMING = 25


def address_of(ref: ItemRef) -> str:
    """Give the address of an item's page."""
    return f"/app/items/{ref.type}/{quote(ref.id, safe='')}"


def ref_in(asked: Asked) -> ItemRef:
    """Read the item that the address names. Raises Invalid."""
    return ref_of("", asked.params["type"], asked.params["item"])


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
    done = asked.request.asked("done")
    return asked.page("items.html", found=page.items, more=more, kinds=ITEM_TYPES, kind=kind, text=text, done=done)


def pick(asked: Asked) -> Answer:
    """Offer items to link a mail to."""
    found = _offered(asked, None)
    return Answer(asked.part("part/pick.html", found=found, text=asked.request.asked("find").strip()))


def options(asked: Asked) -> Answer:
    """Offer items of one type, as the options of a list box."""
    kind = asked.params["type"]
    ref_of("", kind, "any")
    return Answer(asked.part("part/options.html", found=_offered(asked, kind), kind=kind))


def _offered(asked: Asked, kind: str | None) -> tuple[Item, ...]:
    text = asked.request.asked("find").strip()[:200]
    if not text:
        return ()
    return items.page(asked.visit.user, kind, text, _OFFERED, None, asked.house.post.items).items


def show(asked: Asked) -> Answer:
    """Show one item."""
    ref, user, house = ref_in(asked), asked.visit.user, asked.house
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
    naming = items.naming(user, ref, _NAMING, asked.request.asked("named") or None, store)
    owner = house.users.by_address(item.owner)
    timeline = _timeline(asked, mails)
    return asked.page(
        "item.html",
        item=item,
        owner=owner.name if owner else "",
        changeable=visibility.may_change(user, item),
        related=[related[one] for one in item.related if one in related],
        naming=naming.items,
        named_by=[kind for kind in ITEM_TYPES if ref.type in RELATED[kind]],
        more_naming=_further(ref, "named", naming.next),
        figures=figures,
        mails=[(stored.message, stored.engagement or Engagement(), _people(asked, stored)) for stored in mails],
        timeline=timeline[:_MOMENTS],
        cut=len(timeline) > _MOMENTS,
        first=cursor is None,
        more=_further(ref, "cursor", page.next),
        done=asked.request.asked("done"),
    )


def _further(ref: ItemRef, name: str, cursor: str | None) -> str | None:
    return None if cursor is None else f"{address_of(ref)}?{urlencode({name: cursor})}"


def _people(asked: Asked, stored: StoredMessage) -> list[str]:
    shown = visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients)
    return [each.mailbox.name or each.mailbox.address for each in shown]


def _timeline(asked: Asked, mails: list[StoredMessage]) -> list[Moment]:
    """Give what happened to `mails`, which are as the asker may see them, newest first."""
    moments = (
        moments_of(
            stored.message,
            visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients),
            stored.report.links,
            stored.engagement or Engagement(),
        )
        for stored in mails
    )
    return sorted(chain.from_iterable(moments), reverse=True)
