"""Who may see what: the one module that decides it, for pages and API alike.

A mail's owner sees it always. Anyone else sees it only if it is shared and they can see *every* item it is linked to:
a shared mail with no item is its owner's alone. Administrators see policy and totals; for mails they are colleagues
like any other. What one may not see does not exist.
"""

from collections.abc import Iterable, Mapping

from ocello.domain.crm.items import Earlier, Item, MessageLink
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.users import User

LEADS = "leads"  # the group whose members see totals of the groups they are in


def sees_item(user: User, item: Item | None) -> bool:
    """Return whether a user sees an item; None is one that is not there."""
    return item is not None and _sees(user, item)


def _sees(user: User, what: Item | Earlier) -> bool:
    if what.owner == user.address or what.visibility == "company":
        return True
    return what.visibility == "group" and what.group in user.all_groups


def may_change(user: User, item: Item) -> bool:
    """Return whether a user may write an item that is there: who decides over it decides who sees its mails."""
    return user.admin or item.owner == user.address or item.maker == user.id


def vouches(item: Item, message: Message | MessageLink, user: User) -> bool:
    """Return whether an item, which `user` sees, may open a mail to them.

    Not one that a third person made after the mail was linked to its id: else whoever guesses the id of an item that is
    not there yet could make it, for all to see, and read the mails of others. Nor to whom an administrator let see the
    item after the mail was linked to it. Each link has its own time: a mail that is linked to one more item later says
    nothing of those it was linked to before.
    """
    linked_at = dict(message.linked_since).get(item.ref, message.created_at)
    if item.maker != message.owner and item.made_at > linked_at:
        return False
    return all(_sees(user, earlier) for earlier in item.earlier if linked_at <= earlier.until)


def sees_message(user: User, message: Message | MessageLink, items: Mapping[ItemRef, Item]) -> bool:
    """Return whether a user sees a message; `items` are those of its items that are there."""
    if message.owner == user.id:
        return True
    if message.visibility != "shared" or not message.items:
        return False
    linked = [items.get(ref) for ref in message.items]
    return all(item is not None and sees_item(user, item) and vouches(item, message, user) for item in linked)


def shown_recipients(viewer: str, owner: str, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Return the recipients that the user `viewer` may hear of: Bcc is for the message's owner alone."""
    return tuple(each for each in recipients if viewer == owner or each.kind != "bcc")


def sees_totals(user: User, group: str) -> bool:
    """Return whether a user sees a group's totals: leads those of groups they are in, administrators any."""
    return user.admin or {LEADS, group} <= set(user.all_groups)


def led_groups(user: User) -> tuple[str, ...]:
    """Return the groups whose lead a user is."""
    groups = user.all_groups
    return tuple(group for group in groups if group != LEADS) if LEADS in groups else ()
