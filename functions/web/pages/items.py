"""Items: deals, leads, projects, persons and organizations, each with its mails, figures and timeline."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote, urlencode

from functions.web import labels
from functions.web.house import Asked
from functions.web.http import Answer, Form
from functions.web.live import Watched, version_of
from ocello.domain import visibility
from ocello.domain.engagement import Engagement
from ocello.domain.errors import NotFound
from ocello.domain.inbox import is_troubled
from ocello.domain.items import ITEM_TYPES, MAX_ID, RELATED, Item, Linked, ref_of
from ocello.domain.messages import ItemRef, Message
from ocello.domain.timeline import Moment, moments_of
from ocello.services import items
from ocello.services.conversations import loaded
from ocello.services.ports import Page, StoredMessage

_ITEMS = 50
_OFFERED = 8  # items from which one is picked
_MAILS = 25
_MOMENTS = 100  # of the mails of one page
_NAMING = 25


class MailRow(NamedTuple):
    """A mail as lists show it."""

    message: Message
    people: list[str]
    opens: int
    clicks: int
    troubled: bool


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
    """Offer items to link a mail to, or with `to=inbox` to show the mails of."""
    text = asked.request.asked("find").strip()
    return Answer(asked.part("part/pick.html", found=offered(asked), text=text, to=asked.request.asked("to")))


def options(asked: Asked) -> Answer:
    """Offer items of one type, as the options of a list box."""
    kind = asked.params["type"]
    ref_of("", kind, "any")
    return Answer(asked.part("part/options.html", found=offered(asked, kind), kind=kind))


def offered(asked: Asked, kind: str | None = None) -> tuple[Item, ...]:
    """Find the items of which the words typed into `find` begin one; none where nothing is typed."""
    text = asked.request.asked("find").strip()[:200]
    return items.page(asked.visit.user, kind, text, _OFFERED, None, asked.house.post.items).items if text else ()


def read_ref(spelled: str) -> ItemRef | None:
    """Read an item as forms and addresses spell it (`type:id`); None for what names none."""
    kind, mark, identifier = spelled.partition(":")
    known = kind in ITEM_TYPES and bool(mark) and 0 < len(identifier) <= MAX_ID
    return ItemRef(kind, identifier) if known else None


def picked(form: Form) -> tuple[ItemRef, ...]:
    """Read the items that a form links, each once."""
    return tuple(dict.fromkeys(ref for text in form.all("item") if (ref := read_ref(text)) is not None))


def titles(asked: Asked, refs: Sequence[ItemRef]) -> list[tuple[str, str]]:
    """Give each item as forms spell it, with its title where the asker may know it."""
    known = asked.house.post.items.several(refs)
    seen = {ref: item.title for ref, item in known.items() if visibility.sees_item(asked.visit.user, item)}
    named = {ref: f"{asked.say(labels.ITEMS.get(ref.type, ref.type))} {ref.id}" for ref in refs}
    return [(f"{ref.type}:{ref.id}", seen.get(ref, named[ref])) for ref in refs]


def show(asked: Asked) -> Answer:
    """Show one item."""
    ref, user, house = ref_in(asked), asked.visit.user, asked.house
    store = house.post.items
    item = items.read(user, ref, store)
    cursor = asked.request.asked("cursor")
    listed, mails = _mails(asked, ref, cursor)
    related = store.several(item.related)
    naming = items.naming(user, ref, _NAMING, asked.request.asked("named") or None, store)
    owner = house.users.by_address(item.owner)
    return asked.page(
        "item.html",
        item=item,
        owner=owner.name if owner else "",
        changeable=visibility.may_change(user, item),
        related=[related[one] for one in item.related if one in related],
        naming=naming.items,
        named_by=[kind for kind in ITEM_TYPES if ref.type in RELATED[kind]],
        more_naming=_further(ref, "named", naming.next),
        first=not cursor,
        done=asked.request.asked("done"),
        live=False,
        watched=_watched(asked, ref, cursor, listed, mails),
        **_told(asked, ref, listed, mails),
    )


def watched(asked: Asked) -> Watched:
    """Give the figures, marks and timeline of the item `of` as they stand now. Raises NotFound, and Invalid."""
    ref, cursor = read_ref(asked.request.asked("of")), asked.request.asked("cursor")
    if ref is None:
        raise NotFound("no such item")
    return _watched(asked, ref, cursor, *_mails(asked, ref, cursor))


def _watched(asked: Asked, ref: ItemRef, cursor: str, listed: Page[Linked], mails: Sequence[StoredMessage]) -> Watched:
    seen = [
        (
            stored.message.id,
            visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients),
            stored.engagement,
        )
        for stored in mails
    ]
    return Watched(
        (("live", "item"), ("of", f"{ref.type}:{ref.id}"), ("cursor", cursor)),
        version_of(seen),
        lambda: asked.part("part/item_live.html", live=True, **_told(asked, ref, listed, mails)),
    )


def _mails(asked: Asked, ref: ItemRef, cursor: str) -> tuple[Page[Linked], Sequence[StoredMessage]]:
    user, store, index = asked.visit.user, asked.house.post.items, asked.house.linked
    listed = items.messages_of(user, ref, _MAILS, cursor or None, items=store, index=index)
    return listed, loaded(user, listed.items, store=asked.house.post.messages, items=store)


def _told(asked: Asked, ref: ItemRef, listed: Page[Linked], mails: Sequence[StoredMessage]) -> dict[str, object]:
    """Give what moves on an item's page: its figures, its mails' marks, its timeline."""
    user, house = asked.visit.user, asked.house
    timeline = _timeline(asked, mails)
    return {
        "figures": items.figures_of(
            user, ref, items=house.post.items, index=house.linked, engagements=house.engagements
        ),
        "mails": [_row(asked, stored) for stored in mails],
        "timeline": timeline[:_MOMENTS],
        "cut": len(timeline) > _MOMENTS,
        "more": _further(ref, "cursor", listed.next),
    }


def _further(ref: ItemRef, name: str, cursor: str | None) -> str | None:
    return None if cursor is None else f"{address_of(ref)}?{urlencode({name: cursor})}"


def _row(asked: Asked, stored: StoredMessage) -> MailRow:
    shown = visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients)
    engagement = stored.engagement or Engagement()
    people = [each.mailbox.name or each.mailbox.address for each in shown]
    counts = engagement.message_opens.count, engagement.message_clicks.count
    return MailRow(stored.message, people, *counts, is_troubled(shown))


def _timeline(asked: Asked, mails: Sequence[StoredMessage]) -> list[Moment]:
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
