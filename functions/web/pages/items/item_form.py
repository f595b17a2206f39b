"""Makes, changes and deletes an item; for its owner, its maker and administrators."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, Form, go
from functions.web.numbers import number_in
from functions.web.pages.items.items import address_of, ref_in
from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound
from ocello.domain.common.texts import Text
from ocello.domain.crm.items import ITEM_TYPES, ITEM_VISIBILITIES, RELATED, Item, ItemInput, ref_of
from ocello.domain.mail.addresses import split_typed
from ocello.domain.messages import visibility
from ocello.domain.messages.message import ItemRef

_RELATIONS = ("person", "organization")
_LONGEST = 20_000  # characters of one field
_VERSION_DIGITS = 15
_ID_BYTES = 5  # of a new id: long enough not to exist already, short enough to be read out


@dataclass(frozen=True, slots=True)
class ItemForm:
    """A form as it was typed; `version` is that of the item it was made from, 0 for a new item."""

    type: str = "deal"
    id: str = ""
    title: str = ""
    owner: str = ""
    visibility: str = "owner"
    group: str = ""
    person: str = ""
    organization: str = ""
    addresses: str = ""
    country: str = ""
    version: int = 0


def begin(request: PageRequest) -> Answer:
    """Show an empty form; the query may name the type, and what the new item belongs to."""
    kind, person, organization = (request.http.argument(name) for name in ("type", "person", "organization"))
    known = ItemForm(owner=request.authenticated.user.address, person=person, organization=organization)
    return _form(request, replace(known, type=kind) if kind in ITEM_TYPES else known, None)


def make(request: PageRequest) -> Answer:
    """Make an item, with the typed id or a new one."""
    typed = _parse(request.http.form())
    try:
        ref = ref_of("", typed.type, typed.id.strip() or request.context.random_bytes(_ID_BYTES).hex())
        written = _write(request, ref, typed)
    except Invalid as error:
        return _form(request, typed, None, error)
    except (Conflict, Forbidden, NotFound):  # whether this user sees that item or not, the id is in use
        return _form(request, typed, None, Invalid("id", "is taken: choose another"))
    return _after_change(request, written, "made")


def edit(request: PageRequest) -> Answer:
    """Show the form of an existing item."""
    item = request.context.item_reader.read_to_change(request.authenticated.user, ref_in(request))
    return _form(request, _form_of(item), item.ref)


def change(request: PageRequest) -> Answer:
    """Change an item. If somebody else changed it since the form was shown, show that change and overwrite nothing.

    An item that the user does not see is answered as one that was deleted meanwhile, for administrators too.
    """
    ref = ref_in(request)
    typed = replace(_parse(request.http.form()), type=ref.type, id=ref.id)
    try:
        written = _write(request, ref, typed)
    except Invalid as error:
        return _form(request, typed, ref, error)
    except (Conflict, NotFound):
        return _conflict(request, typed, ref)
    return _after_change(request, written, "changed")


def ask_delete(request: PageRequest) -> Answer:
    """Ask before deleting, and say what will happen to the item's mails."""
    return _confirm(request)


def delete(request: PageRequest) -> Answer:
    """Delete an item."""
    version = number_in("version", request.http.form().one("version"), _VERSION_DIGITS)
    try:
        request.context.item_writer.delete(request.authenticated.user, ref_in(request), over=version, by_hand=True)
    except Conflict:
        return _confirm(request, changed=True)
    return go("/app/items?done=deleted")


def _confirm(request: PageRequest, *, changed: bool = False) -> Answer:
    item, figures = request.context.item_reader.read_to_delete(request.authenticated.user, ref_in(request))
    body = request.part("items/item_delete.html", item=item, figures=figures, changed=changed)
    return Answer(body, HTTPStatus.CONFLICT if changed else HTTPStatus.OK)


def _after_change(request: PageRequest, item: Item, done: str) -> Answer:
    """Redirect to the item's page, or to the list if the user no longer sees the item."""
    seen = visibility.sees_item(request.authenticated.user, item)
    return go(f"{address_of(item.ref) if seen else '/app/items'}?done={done}")


def _conflict(request: PageRequest, typed: ItemForm, ref: ItemRef) -> Answer:
    """Show what was typed beside what somebody else changed meanwhile."""
    try:
        stands = _form_of(request.context.item_reader.read(request.authenticated.user, ref))
    except NotFound:
        return _form(request, replace(typed, version=0), ref, status=HTTPStatus.CONFLICT, deleted=True)
    mine, theirs = asdict(typed), asdict(stands)
    differing = {name: text for name, text in theirs.items() if name != "version" and text != mine[name]}
    return _form(request, replace(typed, version=stands.version), ref, status=HTTPStatus.CONFLICT, theirs=differing)


def _form(
    request: PageRequest,
    typed: ItemForm,
    ref: ItemRef | None,
    wrong: Invalid | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    deleted: bool = False,
    theirs: Mapping[str, str] | None = None,
) -> Answer:
    """Show the form as it was typed; `ref` is the item that it changes, `theirs` what others wrote meanwhile."""
    wrong_at, _, place = wrong.field.partition("[") if wrong else ("", "", "")
    listed = split_typed(typed.addresses)
    which = listed[int(place[:-1])] if place and int(place[:-1]) < len(listed) else ""
    titles = _titles(request, [ItemRef(kind, getattr(typed, kind)) for kind in _RELATIONS])
    others = dict(theirs or {})
    body = request.part(
        "items/item_form.html",
        typed=typed,
        ref=ref,
        kinds=ITEM_TYPES if ref is None else (ref.type,),
        related=RELATED,
        visibilities=ITEM_VISIBILITIES,
        groups=sorted({*request.authenticated.user.all_groups, *filter(None, [typed.group])}),
        titles=titles,
        wrong=wrong_at,
        reason=f"“{which}” {request.say(wrong.reason)}"
        if wrong and which
        else request.say(wrong.reason)
        if wrong
        else "",
        deleted=deleted,
        met=theirs is not None,
        theirs=others | _titles(request, [ItemRef(kind, others[kind]) for kind in _RELATIONS if others.get(kind)]),
        address=address_of(ref) if ref else "",
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status)


def _titles(request: PageRequest, chosen: Sequence[ItemRef]) -> dict[str, str]:
    """Return, by its type, the title of each chosen item that the user sees, otherwise its id."""
    known = request.context.item_reader.titles(request.authenticated.user, [ref for ref in chosen if ref.id])
    return {ref.type: known.get(ref, ref.id) for ref in chosen}


def _form_of(item: Item) -> ItemForm:
    return ItemForm(
        item.ref.type,
        item.ref.id,
        item.title,
        item.owner,
        item.visibility,
        item.group,
        item.person,
        item.organization,
        "\n".join(item.addresses),
        item.country,
        item.version,
    )


def _parse(form: Form) -> ItemForm:
    """Return the values of the form. Raises Invalid."""
    texts = {
        each.name: form.one(each.name).replace("\r\n", "\n") for each in fields(ItemForm) if each.name != "version"
    }
    for name, text in texts.items():
        if len(text) > _LONGEST:
            raise Invalid(name, Text("may have at most %(most)s characters", most=_LONGEST))
    return ItemForm(**texts, version=number_in("version", form.one("version", "0"), _VERSION_DIGITS))


def _write(request: PageRequest, ref: ItemRef, typed: ItemForm) -> Item:
    related = {kind: getattr(typed, kind).strip() for kind in RELATED[ref.type]}
    item_input = ItemInput(
        typed.title,
        typed.owner.strip() or request.authenticated.user.address,
        typed.visibility,
        typed.group if typed.visibility == "group" else None,
        addresses=split_typed(typed.addresses) if ref.type == "person" else (),
        country=typed.country.strip(),
    )._replace(**related)
    written = request.context.item_writer.write(
        request.authenticated.user, ref, item_input, over=typed.version, by_hand=True
    )
    return written.item
