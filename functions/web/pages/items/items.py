"""Items (deals, leads, projects, persons and organizations), each with its mails, figures and timeline."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer, Form
from functions.web.rendering import labels
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import ITEM_TYPES, MAX_ID, RELATED, Item, ref_of
from ocello.domain.messages.inbox import LONGEST_SEARCH
from ocello.domain.messages.message import ItemRef
from ocello.services.views.item_pages import ItemMailView

_ITEMS = 50


def address_of(ref: ItemRef) -> str:
    """Return the address of an item's page."""
    return f"/app/items/{ref.type}/{quote(ref.id, safe='')}"


def ref_in(request: PageRequest) -> ItemRef:
    """Return the item that the address names. Raises Invalid."""
    return ref_of("", request.params["type"], request.params["item"])


def show_all(request: PageRequest) -> Answer:
    """List the items that the user sees."""
    text = request.http.argument("q").strip()[:LONGEST_SEARCH]
    wanted = request.http.argument("type")
    kind = next((known for known in ITEM_TYPES if known == wanted), None)
    cursor = request.http.argument("cursor") or None
    page = request.context.item_reader.page(request.authenticated.user, kind, text, _ITEMS, cursor)
    more = (
        None if page.next is None else "/app/items?" + urlencode({"q": text, "type": kind or "", "cursor": page.next})
    )
    done = request.http.argument("done")
    return request.page(
        "items/items.html", found=page.items, more=more, kinds=ITEM_TYPES, kind=kind, text=text, done=done
    )


def pick(request: PageRequest) -> Answer:
    """Offer items to link a mail to, or, with `to=inbox`, to filter the inbox by."""
    text = request.http.argument("find").strip()
    return Answer(
        request.part("items/part/pick.html", found=offered(request), text=text, to=request.http.argument("to"))
    )


def options(request: PageRequest) -> Answer:
    """Return items of one type as the options of a list box."""
    kind = request.params["type"]
    ref_of("", kind, "any")
    return Answer(request.part("items/part/options.html", found=offered(request, kind), kind=kind))


def offered(request: PageRequest, kind: str | None = None) -> tuple[Item, ...]:
    """Return the items that match the words in `find`; none if it is empty."""
    return request.context.item_reader.offered(request.authenticated.user, request.http.argument("find"), kind)


def parse_ref(text: str) -> ItemRef | None:
    """Return the item that a text names in the form of forms and addresses (`type:id`); None if it names none."""
    kind, mark, identifier = text.partition(":")
    known = kind in ITEM_TYPES and bool(mark) and 0 < len(identifier) <= MAX_ID
    return ItemRef(kind, identifier) if known else None


def picked(form: Form) -> tuple[ItemRef, ...]:
    """Return the items that a form links, each once."""
    return tuple(dict.fromkeys(ref for text in form.all("item") if (ref := parse_ref(text)) is not None))


def named(request: PageRequest, refs: Sequence[ItemRef], known: Mapping[ItemRef, str]) -> list[tuple[str, str]]:
    """Return each item in the form of forms, with its title among those `known`, or else its type and id."""
    return [(f"{ref.type}:{ref.id}", known[ref] if ref in known else plain_title(request, ref)) for ref in refs]


def plain_title(request: PageRequest, ref: ItemRef) -> str:
    """Return an item's type and id, for an item whose title the user may not know."""
    return f"{request.say(labels.ITEMS.get(ref.type, ref.type))} {ref.id}"


def show(request: PageRequest) -> Answer:
    """Show one item."""
    ref, cursor = ref_in(request), request.http.argument("cursor")
    naming = request.http.argument("named") or None
    view = request.context.item_views.read(request.authenticated.user, ref, cursor or None, naming)
    return request.page(
        "items/item.html",
        item=view.item,
        owner=view.owner,
        changeable=view.changeable,
        related=view.related,
        naming=view.naming.items,
        named_by=[kind for kind in ITEM_TYPES if ref.type in RELATED[kind]],
        more_naming=_further(ref, "named", view.naming.next),
        first=not cursor,
        done=request.http.argument("done"),
        consents=view.consents,
        live=False,
        watched=_watched(request, ref, cursor, view.mail.state),
        **_live_values(ref, view.mail),
    )


def watched(request: PageRequest) -> Watched:
    """Return the figures, marks and timeline of the item `of` as they are now. Raises NotFound and Invalid."""
    ref, cursor = parse_ref(request.http.argument("of")), request.http.argument("cursor")
    if ref is None:
        raise NotFound("no such item")
    state = request.context.item_views.state(request.authenticated.user, ref, cursor or None)
    return _watched(request, ref, cursor, state)


def _watched(request: PageRequest, ref: ItemRef, cursor: str, state: tuple[object, ...]) -> Watched:
    def render() -> str:
        view = request.context.item_views.mail(request.authenticated.user, ref, cursor or None)
        return request.part("items/part/item_live.html", live=True, **_live_values(ref, view))

    fields = (("live", "item"), ("of", f"{ref.type}:{ref.id}"), ("cursor", cursor))
    return Watched(fields, version_of(state), render)


def _live_values(ref: ItemRef, view: ItemMailView) -> dict[str, object]:
    """Return the parts of an item's page that change, by their names in its templates."""
    return {
        "figures": view.figures,
        "mails": view.mails,
        "timeline": view.moments,
        "cut": view.cut,
        "more": _further(ref, "cursor", view.next),
    }


def _further(ref: ItemRef, name: str, cursor: str | None) -> str | None:
    return None if cursor is None else f"{address_of(ref)}?{urlencode({name: cursor})}"
