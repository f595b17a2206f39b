"""Who may see what. This module alone decides it, for pages and API alike.

A mail's owner always sees it. Anyone else sees it only if it is shared and they can see *every* item it is linked to; a
shared mail without an item is visible to its owner only. Administrators see settings and totals, but no more mails than
other users. What a user may not see is answered as if it did not exist.
"""

from collections.abc import Iterable, Mapping

from ocello.domain.crm.items import Item, MessageLink, PreviousAccess
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.users import User

LEADS = "leads"  # the group whose members see the totals of their other groups


def sees_item(user: User, item: Item | None) -> bool:
    """Return whether a user sees an item; None, an item that does not exist, is seen by nobody."""
    return item is not None and _sees(user, item)


def _sees(user: User, what: Item | PreviousAccess) -> bool:
    if what.owner == user.address or what.visibility == "company":
        return True
    return what.visibility == "group" and what.group in user.all_groups


def may_change(user: User, item: Item) -> bool:
    """Return whether a user may change an item, and with it who sees the mails linked to it."""
    return user.admin or item.owner == user.address or item.maker == user.id


def may_open(item: Item, message: Message | MessageLink, user: User) -> bool:
    """Return whether an item that `user` sees may make a linked mail visible to them.

    It may not if somebody other than the mail's owner made the item after the mail was linked to its id: otherwise anyone
    could guess the id of an item that does not exist yet, make it visible to all, and read the mails of others. It may
    not either if an administrator let the user see the item only after the mail was linked to it. Each link has its own
    time.
    """
    linked_at = dict(message.linked_since).get(item.ref, message.created_at)
    if item.maker != message.owner and item.made_at > linked_at:
        return False
    return all(_sees(user, earlier) for earlier in item.earlier if linked_at <= earlier.until)


def sees_message(user: User, message: Message | MessageLink, items: Mapping[ItemRef, Item]) -> bool:
    """Return whether a user sees a message; `items` are those of its items that exist."""
    if message.owner == user.id:
        return True
    if message.visibility != "shared" or not message.items:
        return False
    linked = [items.get(ref) for ref in message.items]
    return all(item is not None and sees_item(user, item) and may_open(item, message, user) for item in linked)


def shown_recipients(viewer: str, owner: str, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Return the recipients that the user `viewer` may see: only the message's owner sees Bcc."""
    return tuple(each for each in recipients if viewer == owner or each.kind != "bcc")


def sees_totals(user: User, group: str) -> bool:
    """Return whether a user sees a group's totals: leads see those of their own groups, administrators see all."""
    return user.admin or {LEADS, group} <= set(user.all_groups)


def led_groups(user: User) -> tuple[str, ...]:
    """Return the groups that a user leads."""
    groups = user.all_groups
    return tuple(group for group in groups if group != LEADS) if LEADS in groups else ()
