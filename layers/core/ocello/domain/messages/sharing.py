"""What an owner may change in a message after sending it: its visibility and the items it is linked to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.crm.items import MAX_LINKED, Item, check_refs
from ocello.domain.mail.compose import visibility_in
from ocello.domain.messages.message import ItemRef, LinkTimes, Message, Recipient
from ocello.domain.messages.visibility import sees_item
from ocello.domain.people.users import User


class SharingUpdate(NamedTuple):
    """The changes that an owner asks for; None keeps the present value."""

    visibility: str | None = None
    items: tuple[ItemRef, ...] | None = None


def check(update: SharingUpdate, linked: Sequence[ItemRef] = ()) -> None:
    """Raise Invalid if an update is not possible for a message that is `linked` to these items."""
    if update.visibility is not None:
        visibility_in(update.visibility)
    check_refs("items", update.items or (), MAX_LINKED, linked)


def recipients_among(
    items: Iterable[ItemRef], recipients: Iterable[Recipient], known: Mapping[ItemRef, Item]
) -> tuple[ItemRef, ...]:
    """Return the items of a message that are persons with the address of a recipient; `known` are the items that exist."""
    addresses = {recipient.mailbox.address.lower() for recipient in recipients}
    return tuple(ref for ref in items if ref in known and addresses & set(known[ref].addresses))


def apply_update(
    message: Message,
    recipients: Sequence[Recipient],
    update: SharingUpdate,
    owner: User,
    known: Mapping[ItemRef, Item],
    now: int,
) -> Message:
    """Return a message changed by an update that `check` accepted; the same message if nothing changes. Raise Invalid.

    Persons who are recipients stay linked. When a message becomes shared, persons who are in Bcc only are unlinked, since
    the link would reveal them. `known` are the items that exist, of the message and of the update. A new link to an item
    that exists, and that the owner can see, is valid from now on; earlier links keep their times.
    """
    visibility = message.visibility if update.visibility is None else visibility_in(update.visibility)
    visible = [each for each in recipients if each.kind != "bcc"]
    stay = recipients_among(message.items, visible if visibility == "shared" else recipients, known)
    items = message.items if update.items is None else tuple(dict.fromkeys((*update.items, *stay)))
    if visibility == "shared" and message.visibility != "shared":
        hidden = set(recipients_among(message.items, recipients, known)) - set(stay)
        items = tuple(ref for ref in items if ref not in hidden)
    if update.items is not None and len(items) > MAX_LINKED:
        raise Invalid("items", Text("must be at most %(most)s, with the persons who are recipients", most=MAX_LINKED))
    since = _since(message, items, owner, known, now)
    if (visibility, items, since) == (message.visibility, message.items, message.linked_since):
        return message
    return replace(message, visibility=visibility, items=items, linked_since=since, version=message.version + 1)


def _since(
    message: Message, items: tuple[ItemRef, ...], owner: User, known: Mapping[ItemRef, Item], now: int
) -> LinkTimes:
    before = dict(message.linked_since)
    new = {
        ref: max(now, known[ref].made_at)
        for ref in items
        if ref not in message.items and ref in known and sees_item(owner, known[ref])
    }
    times = before | new
    return tuple((ref, times[ref]) for ref in items if ref in times)
