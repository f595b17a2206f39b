"""Items (deals, leads, projects, persons and organizations), each with its mails, figures and timeline."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote, urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer, Form
from functions.web.rendering import labels
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import ITEM_TYPES, MAX_ID, RELATED, Item, ref_of
from ocello.domain.engagement.summary import Engagement
from ocello.domain.engagement.timeline import Moment, moments_of
from ocello.domain.messages import visibility
from ocello.domain.messages.inbox import SHOWN_PEOPLE, is_troubled
from ocello.domain.messages.message import ItemRef, Message
from ocello.services.sending.ports import StoredMessage

_ITEMS = 50
_OFFERED = 8  # items offered to choose from
_MAILS = 25
_MOMENTS = 100  # of the mails of one page
_NAMING = 25


class MailRow(NamedTuple):
    """A mail as lists show it."""

    message: Message
    people: list[str]
    more: int  # recipients in addition to those
    opens: int
    clicks: int
    troubled: bool


def address_of(ref: ItemRef) -> str:
    """Return the address of an item's page."""
    return f"/app/items/{ref.type}/{quote(ref.id, safe='')}"


def ref_in(request: PageRequest) -> ItemRef:
    """Return the item that the address names. Raises Invalid."""
    return ref_of("", request.params["type"], request.params["item"])


def show_all(request: PageRequest) -> Answer:
    """List the items that the user sees."""
    text = request.http.argument("q").strip()[:200]
    wanted = request.http.argument("type")
    kind = next((known for known in ITEM_TYPES if known == wanted), None)
    cursor = request.http.argument("cursor") or None
    page = request.context.item_reader.page(request.authenticated.user, kind, text, _ITEMS, cursor)
    more = (
        None if page.next is None else "/app/items?" + urlencode({"q": text, "type": kind or "", "cursor": page.next})
    )
    done = request.http.argument("done")
    return request.page("items.html", found=page.items, more=more, kinds=ITEM_TYPES, kind=kind, text=text, done=done)


def pick(request: PageRequest) -> Answer:
    """Offer items to link a mail to, or, with `to=inbox`, to filter the inbox by."""
    text = request.http.argument("find").strip()
    return Answer(request.part("part/pick.html", found=offered(request), text=text, to=request.http.argument("to")))


def options(request: PageRequest) -> Answer:
    """Return items of one type as the options of a list box."""
    kind = request.params["type"]
    ref_of("", kind, "any")
    return Answer(request.part("part/options.html", found=offered(request, kind), kind=kind))


def offered(request: PageRequest, kind: str | None = None) -> tuple[Item, ...]:
    """Return the items that match the words in `find`; none if it is empty."""
    text = request.http.argument("find").strip()[:200]
    if not text:
        return ()
    return request.context.item_reader.page(request.authenticated.user, kind, text, _OFFERED, None).items


def parse_ref(text: str) -> ItemRef | None:
    """Return the item that a text names in the form of forms and addresses (`type:id`); None if it names none."""
    kind, mark, identifier = text.partition(":")
    known = kind in ITEM_TYPES and bool(mark) and 0 < len(identifier) <= MAX_ID
    return ItemRef(kind, identifier) if known else None


def picked(form: Form) -> tuple[ItemRef, ...]:
    """Return the items that a form links, each once."""
    return tuple(dict.fromkeys(ref for text in form.all("item") if (ref := parse_ref(text)) is not None))


def titles(request: PageRequest, refs: Sequence[ItemRef]) -> list[tuple[str, str]]:
    """Return each item in the form of forms, with its title if the user may know it."""
    seen = request.context.item_reader.titles(request.authenticated.user, refs)
    named = {ref: f"{request.say(labels.ITEMS.get(ref.type, ref.type))} {ref.id}" for ref in refs}
    return [(f"{ref.type}:{ref.id}", seen.get(ref, named[ref])) for ref in refs]


def show(request: PageRequest) -> Answer:
    """Show one item."""
    ref, user, context = ref_in(request), request.authenticated.user, request.context
    store = context.sending.items
    item = context.item_reader.read(user, ref)
    cursor = request.http.argument("cursor")
    mails, following = _mails(request, ref, cursor)
    related = store.several(item.related)
    naming = context.item_reader.naming(user, ref, _NAMING, request.http.argument("named") or None)
    owner = context.users.by_address(item.owner)
    return request.page(
        "item.html",
        item=item,
        owner=owner.name if owner else "",
        changeable=visibility.may_change(user, item),
        related=[related[one] for one in item.related if one in related],
        naming=naming.items,
        named_by=[kind for kind in ITEM_TYPES if ref.type in RELATED[kind]],
        more_naming=_further(ref, "named", naming.next),
        first=not cursor,
        done=request.http.argument("done"),
        live=False,
        watched=_watched(request, ref, cursor, mails, following),
        **_live_values(request, ref, mails, following),
    )


def watched(request: PageRequest) -> Watched:
    """Return the figures, marks and timeline of the item `of` as they are now. Raises NotFound and Invalid."""
    ref, cursor = parse_ref(request.http.argument("of")), request.http.argument("cursor")
    if ref is None:
        raise NotFound("no such item")
    return _watched(request, ref, cursor, *_mails(request, ref, cursor))


def _watched(
    request: PageRequest, ref: ItemRef, cursor: str, mails: Sequence[StoredMessage], following: str | None
) -> Watched:
    seen = [
        (
            stored.message.id,
            visibility.shown_recipients(request.user, stored.message.owner, stored.recipients),
            stored.engagement,
        )
        for stored in mails
    ]
    return Watched(
        (("live", "item"), ("of", f"{ref.type}:{ref.id}"), ("cursor", cursor)),
        version_of(seen),
        lambda: request.part("part/item_live.html", live=True, **_live_values(request, ref, mails, following)),
    )


def _mails(request: PageRequest, ref: ItemRef, cursor: str) -> tuple[Sequence[StoredMessage], str | None]:
    """Return the mails of one page of an item, and the cursor of the next page."""
    user = request.authenticated.user
    page = request.context.mail_reader.of_item(user, ref, _MAILS, cursor or None)
    return request.context.contact_book.with_names(user, page.items), page.next


def _live_values(
    request: PageRequest, ref: ItemRef, mails: Sequence[StoredMessage], following: str | None
) -> dict[str, object]:
    """Return the parts of an item's page that change: its figures, its mails' marks, its timeline."""
    timeline = _timeline(request, mails)
    return {
        "figures": request.context.item_reader.figures_of(request.authenticated.user, ref),
        "mails": rows_of(request, mails),
        "timeline": timeline[:_MOMENTS],
        "cut": len(timeline) > _MOMENTS,
        "more": _further(ref, "cursor", following),
    }


def _further(ref: ItemRef, name: str, cursor: str | None) -> str | None:
    return None if cursor is None else f"{address_of(ref)}?{urlencode({name: cursor})}"


def rows_of(request: PageRequest, mails: Sequence[StoredMessage]) -> list[MailRow]:
    """Return what a list shows of mails, which are as the user may see them."""
    rows: list[MailRow] = []
    for stored in mails:
        shown = visibility.shown_recipients(request.user, stored.message.owner, stored.recipients)
        engagement = stored.engagement or Engagement()
        counts = engagement.message_opens.count, engagement.message_clicks.count
        people = [each.mailbox.name or each.mailbox.address for each in shown]
        rows.append(
            MailRow(stored.message, people[:SHOWN_PEOPLE], len(people[SHOWN_PEOPLE:]), *counts, is_troubled(shown))
        )
    return rows


def _timeline(request: PageRequest, mails: Sequence[StoredMessage]) -> list[Moment]:
    """Return what happened to `mails`, which are as the user may see them, newest first."""
    moments = (
        moments_of(
            stored.message,
            visibility.shown_recipients(request.user, stored.message.owner, stored.recipients),
            stored.report.links,
            stored.engagement or Engagement(),
        )
        for stored in mails
    )
    return sorted(chain.from_iterable(moments), reverse=True)
