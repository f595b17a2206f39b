"""Items that mail is about: deals, leads, projects, persons and organizations, identified by the CRM's own ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.mail import addresses as mailboxes
from ocello.domain.messages.inbox import fold_text, split_words
from ocello.domain.messages.message import ItemRef, LinkTimes, Message, Recipient, Visibility
from ocello.domain.people.users import User

ItemType = Literal["deal", "lead", "project", "person", "organization"]
ItemVisibility = Literal["owner", "group", "company"]
ITEM_TYPES: tuple[ItemType, ...] = ("deal", "lead", "project", "person", "organization")
ITEM_VISIBILITIES: tuple[ItemVisibility, ...] = ("owner", "group", "company")
RELATED: dict[str, tuple[ItemType, ...]] = {
    "deal": ("person", "organization"),
    "lead": ("person", "organization"),
    "project": ("person", "organization"),
    "person": ("organization",),
    "organization": (),
}  # the types of the items that an item of each type may refer to
MAX_ID, MAX_TITLE, MAX_GROUP, MAX_ADDRESSES = 128, 300, 128, 20
COUNTRY = 2  # letters of a country's code
MAX_LINKED = 40  # items of one message: they and its recipients are written in one transaction, of at most 100 rows
MAX_EARLIER = 20  # changes by administrators that are stored one by one
MAX_WORDS = 8  # search words of one item


class PreviousAccess(NamedTuple):
    """Who could see an item until an administrator changed that at `until` (ms). Nobody else sees the mails linked by then."""

    until: int
    owner: str
    visibility: ItemVisibility
    group: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item. `owner` is a sign-in address in lower case; a user with that address may not exist yet."""

    ref: ItemRef
    title: str
    owner: str
    visibility: ItemVisibility
    group: str = ""  # whose members see it, if the visibility is *group*
    person: str = ""  # id of its person
    organization: str = ""
    addresses: tuple[str, ...] = ()  # of a person; lower case
    country: str = ""  # ISO 3166-1, capitals: its rules of tracking hold for its mail
    maker: str = ""  # id of the user who made it
    made_at: int = 0  # ms
    changed_at: int = 0  # ms
    version: int = 0  # raised by each change; starts at the creation time, so that a remade item repeats none
    earlier: tuple[PreviousAccess, ...] = ()  # oldest first

    @property
    def seen_by(self) -> str:
        """Return who can see the item, as text for the audit trail."""
        return f"{self.visibility} {self.group or self.owner}" if self.visibility != "company" else "company"

    @property
    def related(self) -> tuple[ItemRef, ...]:
        """Return the items that this one refers to."""
        named = (("person", self.person), ("organization", self.organization))
        return tuple(ItemRef(kind, identifier) for kind, identifier in named if identifier)


class ItemInput(NamedTuple):
    """The input of a user who writes an item. Owner, visibility, group and country are kept if None, the rest is replaced."""

    title: str
    owner: str | None = None  # a sign-in address
    visibility: str | None = None
    group: str | None = None
    person: str | None = None
    organization: str | None = None
    addresses: tuple[str, ...] = ()
    country: str | None = None


class MessageLink(NamedTuple):
    """The part of a message that is stored with each item it is linked to."""

    id: str
    owner: str
    visibility: Visibility
    items: tuple[ItemRef, ...]
    opens: bool  # tracked in any copy
    clicks: bool
    linked_since: LinkTimes = ()
    bcc: tuple[int, ...] = ()  # recipients whose opens and clicks only its owner may see

    @property
    def tracked(self) -> bool:
        """Return whether opens or clicks are tracked."""
        return self.opens or self.clicks

    @property
    def created_at(self) -> int:
        """Return the time at which the message was made, in milliseconds since 1970."""
        return ids.time_of(self.id)


def message_link(message: Message, recipients: Iterable[Recipient] = ()) -> MessageLink:
    """Return the part of a message that is stored with its items."""
    bcc = tuple(each.index for each in recipients if each.kind == "bcc")
    return MessageLink(
        message.id,
        message.owner,
        message.visibility,
        message.items,
        message.track_opens,
        message.track_clicks,
        message.linked_since,
        bcc,
    )


def ref_of(field: str, kind: str, identifier: str) -> ItemRef:
    """Return a reference to an item by its type and id. Raise Invalid, naming `field.type` or `field.id`."""
    prefix = f"{field}." if field else ""
    if kind not in ITEM_TYPES:
        raise Invalid(f"{prefix}type", Text("must be one of %(known)s", known=", ".join(ITEM_TYPES)))
    return ItemRef(kind, checked_id(f"{prefix}id", identifier))


def check_refs(field: str, refs: Sequence[ItemRef], most: int, linked: Sequence[ItemRef] = ()) -> None:
    """Raise Invalid, naming `field` or `field[2].id`, if these cannot be a message's items.

    Items that are `linked` already are not checked again: earlier releases allowed ids with a `?` or `#`.
    """
    if len(refs) > most:
        raise Invalid(field, Text("must be at most %(most)s", most=most))
    for place, ref in enumerate(refs):
        if ref not in linked:
            ref_of(f"{field}[{place}]", ref.type, ref.id)
    if len(set(refs)) < len(refs):
        raise Invalid(field, "must not name the same item twice")


def checked_id(field: str, text: str) -> str:
    """Return a CRM's id unchanged. Raise Invalid if it could not be used safely in the path of a URL."""
    if not 1 <= len(text) <= MAX_ID or not text.isprintable() or text != text.strip():
        raise Invalid(
            field, Text("must be 1 to %(most)s printable characters, without spaces around them", most=MAX_ID)
        )
    if set("/%\\?#") & set(text) or text in (".", ".."):
        raise Invalid(field, "must have no slash, percent sign, ? or #: not every gateway hands them on unharmed")
    return text


def apply_input(ref: ItemRef, item_input: ItemInput, before: Item | None, writer: User, now: int) -> Item:
    """Return the item to write over `before` by the input of `writer`; `before` itself if nothing changes. Raise Invalid."""
    title = " ".join(item_input.title.split())
    mailboxes.refuse_controls("title", title)
    mailboxes.refuse_bidi_controls("title", title, marks=False)
    if not 1 <= len(title) <= MAX_TITLE:
        raise Invalid("title", Text("must be 1 to %(most)s characters", most=MAX_TITLE))
    visibility, group = _seen_by(item_input, before)
    owner = before.owner if before else writer.address
    made = Item(
        ref,
        title,
        owner if item_input.owner is None else mailboxes.parse("owner", item_input.owner).address.lower(),
        visibility,
        group,
        person=_relation(ref, "person", item_input.person),
        organization=_relation(ref, "organization", item_input.organization),
        addresses=_addresses(ref, item_input.addresses),
        country=_country(item_input.country, before),
        maker=before.maker if before else writer.id,
        made_at=before.made_at if before else now,
        changed_at=now,
        version=before.version + 1 if before else now,
    )
    if before is None:
        return made
    made = replace(made, earlier=_earlier(before, made, writer, now))
    return before if made == replace(before, changed_at=now, version=made.version) else made


def _earlier(before: Item, made: Item, writer: User, now: int) -> tuple[PreviousAccess, ...]:
    """Return who could see the item before administrators changed that, now that `writer` replaces `before` by `made`.

    A change by the owner, or by the maker who is no administrator, also applies to mails that were linked before it. A
    change by an administrator does not, even if they made the item. An owner whom an administrator appointed decides
    only over mails that were linked after that.
    """
    if (before.owner, before.visibility, before.group) == (made.owner, made.visibility, made.group):
        return before.earlier
    if before.maker == writer.id and not writer.admin:
        return ()
    if before.owner == writer.address:
        return tuple(each for each in before.earlier if each.owner != writer.address)
    seen = (*before.earlier, PreviousAccess(now, before.owner, before.visibility, before.group))
    if len(seen) <= MAX_EARLIER:
        return seen
    folded = PreviousAccess(seen[-MAX_EARLIER].until, "", "owner", "")  # the oldest are merged, and seen by nobody
    return (folded, *seen[1 - MAX_EARLIER :])


def _seen_by(item_input: ItemInput, before: Item | None) -> tuple[ItemVisibility, str]:
    wanted = item_input.visibility
    if wanted is None:
        wanted = "group" if item_input.group and before is None else before.visibility if before else "owner"
    visibility = next((known for known in ITEM_VISIBILITIES if known == wanted), None)
    if visibility is None:
        raise Invalid("visibility", Text("must be one of %(known)s", known=", ".join(ITEM_VISIBILITIES)))
    if visibility != "group":
        if item_input.group:
            raise Invalid("group", "goes with the visibility `group` only")
        return visibility, ""
    group = item_input.group if item_input.group is not None else before.group if before else ""
    mailboxes.refuse_controls("group", group)
    mailboxes.refuse_bidi_controls("group", group)
    if not 1 <= len(group) <= MAX_GROUP or group != group.strip():
        raise Invalid("group", Text("must name a group of users, of at most %(most)s characters", most=MAX_GROUP))
    return visibility, group


def _relation(ref: ItemRef, kind: ItemType, identifier: str | None) -> str:
    if not identifier:
        return ""
    if kind not in RELATED[ref.type]:
        raise Invalid(kind, Text("is not of the things that a %(kind)s has", kind=Text(ref.type)))
    return checked_id(kind, identifier)


def _country(text: str | None, before: Item | None) -> str:
    if text is None:
        return before.country if before else ""
    if text and not (len(text) == COUNTRY and text.isascii() and text.isalpha()):
        raise Invalid("country", "must be a country's code of two letters, such as IT")
    return text.upper()


def _addresses(ref: ItemRef, texts: Sequence[str]) -> tuple[str, ...]:
    if texts and ref.type != "person":
        raise Invalid("addresses", "only a person has addresses")
    if len(texts) > MAX_ADDRESSES:
        raise Invalid("addresses", Text("must be at most %(most)s", most=MAX_ADDRESSES))
    parsed = (mailboxes.parse(f"addresses[{place}]", text) for place, text in enumerate(texts))
    return tuple(dict.fromkeys(mailbox.address.lower() for mailbox in parsed))


def add_persons(
    items: tuple[ItemRef, ...], recipients: Iterable[Recipient], persons: Iterable[Item]
) -> tuple[ItemRef, ...]:
    """Return a message's items and the persons who are among its recipients, in the order of the recipients."""
    known: dict[str, list[ItemRef]] = {}
    for person in persons:
        for address in person.addresses:
            known.setdefault(address, []).append(person.ref)
    found = dict.fromkeys(items)
    for recipient in recipients:
        found |= dict.fromkeys(known.get(recipient.mailbox.address.lower(), ()))
    return tuple(found)[:MAX_LINKED]


def search_words(item: Item) -> tuple[str, ...]:
    """Return the search words of an item: the words of its title, and its addresses."""
    found = dict.fromkeys((*split_words(item.title), *(fold_text(address) for address in item.addresses)))
    return tuple(word for word in found if word)[:MAX_WORDS]


def matches(item: Item, wanted: Iterable[str]) -> bool:
    """Return whether each wanted word is the beginning of one of the item's search words."""
    words = search_words(item)
    return all(any(word.startswith(each) for word in words) for each in wanted)
