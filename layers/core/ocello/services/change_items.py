"""Writes and deletes items, as far as whoever asks may change them."""

from typing import NamedTuple

from ocello.domain import ids, visibility
from ocello.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.items import Given, Item, checked
from ocello.domain.messages import ItemRef
from ocello.domain.people import User
from ocello.services.ports import Clock, UserStore
from ocello.services.ports_items import ItemStore

_TRIES = 4  # of changing an item that others change too


class Written(NamedTuple):
    """An item as it stands after a write; `made` where it was not there before, `changed` where it was otherwise."""

    item: Item
    made: bool
    changed: bool


def write(
    user: User,
    ref: ItemRef,
    given: Given,
    *,
    items: ItemStore,
    users: UserStore,
    clock: Clock,
    over: int | None = None,
) -> Written:
    """Make or change an item. Raises Invalid, NotFound or Forbidden where the user may not, and Unavailable.

    Whoever makes an item, owns it or administers may change it; who sees it may not, and to others it is not there.
    With `over`, the version that the user saw (0: none was there), raises Conflict where something else stands by now.
    """
    given = given._replace(owner=_owner(given.owner, users))
    for _ in range(_TRIES):
        before = _changeable(user, ref, items)
        item = checked(ref, given, before, user, clock())
        if before is not None and item == before:
            return Written(item, made=False, changed=False)
        if over is not None and over != (before.version if before else 0):
            raise Conflict("this item was changed or deleted meanwhile")
        if items.put(item, before):
            return Written(item, made=before is None, changed=True)
    raise Unavailable("the item is changing too fast")


def delete(user: User, ref: ItemRef, *, items: ItemStore, over: int | None = None) -> None:
    """Delete an item, as far as `write` would let the user change it. Raises as that does; NotFound where none is there.

    Mails stay with who sent them. Those shared through the item are their owners' alone from now on, whoever makes an
    item of this id again: `visibility.vouches` says which of them that one opens.
    """
    for _ in range(_TRIES):
        before = _changeable(user, ref, items)
        if before is None:
            raise NotFound("no such item")
        if over is not None and over != before.version:
            raise Conflict("this item was changed meanwhile")
        if items.delete(before):
            return
    raise Unavailable("the item is changing too fast")


def _changeable(user: User, ref: ItemRef, items: ItemStore) -> Item | None:
    """Read an item for a change; None where it is not there. Raises Forbidden, or NotFound where the user sees none."""
    item = items.get(ref)
    if item is not None and not visibility.may_change(user, item):
        if visibility.sees_item(user, item):
            raise Forbidden("only the item's owner, its maker or an administrator may change it")
        raise NotFound("no such item")
    return item


def _owner(owner: str | None, users: UserStore) -> str | None:
    """Give the sign-in address of an owner who may be named by user id."""
    if owner is None or not ids.is_id(owner):
        return owner
    user = users.get(owner)
    if user is None:
        raise Invalid("owner", "is no user's id")
    return user.address
