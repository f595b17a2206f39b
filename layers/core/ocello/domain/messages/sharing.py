"""What its owner may change of a message that was sent: who may see it, and to which items it is linked."""

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
    """What an owner wants; None leaves it as it is."""

    visibility: str | None = None
    items: tuple[ItemRef, ...] | None = None


def check(update: SharingUpdate, linked: Sequence[ItemRef] = ()) -> None:
    """Refuse an update that is impossible for a message which is `linked` to those items. Raises Invalid."""
    if update.visibility is not None:
        visibility_in(update.visibility)
    check_refs("items", update.items or (), MAX_LINKED, linked)


def recipients_among(
    items: Iterable[ItemRef], recipients: Iterable[Recipient], known: Mapping[ItemRef, Item]
) -> tuple[ItemRef, ...]:
    """Return those of a message's items that are persons whose address is a recipient's; `known` are the items there."""
    addresses = {recipient.mailbox.address.lower() for recipient in recipients}
    return tuple(ref for ref in items if ref in known and addresses & set(known[ref].addresses))


def changed(
    message: Message,
    recipients: Sequence[Recipient],
    update: SharingUpdate,
    owner: User,
    known: Mapping[ItemRef, Item],
    now: int,
) -> Message:
    """Return a message as its owner wants it, by an update that was checked: itself where nothing changes. Raises Invalid.

    Persons who are recipients stay linked; but where a message comes to be shared, those in Bcc alone do not, since a
    link would tell of them. `known` are the items that are there, of the message's and of the update's. A link to an item
    that is there, and that the owner sees, vouches for it from now on; those that were, from then on.
    """
    visibility = message.visibility if update.visibility is None else visibility_in(update.visibility)
    told = [each for each in recipients if each.kind != "bcc"]
    stay = recipients_among(message.items, told if visibility == "shared" else recipients, known)
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
