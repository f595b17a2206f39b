"""Writes and deletes items, as far as whoever asks may change them."""

from collections.abc import Sequence
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.crm.items import Item, ItemInput, checked
from ocello.domain.messages import visibility
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.audit import Action, AuditEntry, entry
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.items.ports import ItemStore
from ocello.services.people.ports import UserStore

_TRIES = 4  # of changing an item that others change too


class Written(NamedTuple):
    """An item as it stands after a write; `made` where it was not there before, `changed` where it was otherwise."""

    item: Item
    made: bool
    changed: bool


def write(
    user: User,
    ref: ItemRef,
    given: ItemInput,
    *,
    items: ItemStore,
    users: UserStore,
    clock: Clock,
    over: int | None = None,
    by_key: bool = False,
) -> Written:
    """Make or change an item. Raises Invalid, NotFound or Forbidden where the user may not, and Unavailable.

    Whoever makes an item, owns it or administers may change it; who sees it may not, and to others it is not there.
    With `over`, the version that the user saw (0: none was there), raises Conflict where something else stands by now.
    Who changes who sees an item is noted; an owner is told of what an administrator changed.
    """
    given = given._replace(owner=_owner(given.owner, users))
    for _ in range(_TRIES):
        before = _changeable(user, ref, items)
        now = clock()
        item = checked(ref, given, before, user, now)
        if before is not None and item == before:
            return Written(item, made=False, changed=False)
        if over is not None and over != (before.version if before else 0):
            raise Conflict("this item was changed or deleted meanwhile")
        notes, told = _notes(user, item, before, users, now, by_key=by_key)
        if items.put(item, before, notes, told):
            return Written(item, made=before is None, changed=True)
    raise Unavailable("the item is changing too fast")


def delete(
    user: User,
    ref: ItemRef,
    *,
    items: ItemStore,
    users: UserStore,
    clock: Clock,
    over: int | None = None,
    by_key: bool = False,
) -> None:
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
        note = entry(clock(), user, "item.deleted", _spelled(ref), before.seen_by, by_key=by_key)
        if items.delete(before, note, _to_tell(user, before, users)):
            return
    raise Unavailable("the item is changing too fast")


def _notes(
    user: User, item: Item, before: Item | None, users: UserStore, now: int, *, by_key: bool
) -> tuple[Sequence[AuditEntry], str]:
    """Say what is noted of a change, and the id of the owner who is told of it; making an item opens nothing."""
    if before is None:
        return (), ""
    shown = (before.seen_by, before.owner) != (item.seen_by, item.owner)
    told = _to_tell(user, before, users)
    if not shown and (not told or before.maker == user.id):
        return (), ""
    was, becomes = (_shown_to(before), _shown_to(item)) if shown else ("", "")
    action: Action = "item.visibility" if shown else "item.changed"
    return (entry(now, user, action, _spelled(item.ref), was, becomes, by_key=by_key),), told


def _shown_to(item: Item) -> str:
    return f"{item.seen_by}, owner {item.owner}" if item.visibility != "owner" else item.seen_by


def _to_tell(user: User, before: Item, users: UserStore) -> str:
    """Return the id of an item's owner, where it is somebody else than who changes it."""
    owner = None if before.owner == user.address else users.by_address(before.owner)
    return owner.id if owner is not None else ""


def _spelled(ref: ItemRef) -> str:
    return f"{ref.type}/{ref.id}"


def _changeable(user: User, ref: ItemRef, items: ItemStore) -> Item | None:
    """Read an item for a change; None where it is not there. Raises Forbidden, or NotFound where the user sees none."""
    item = items.get(ref)
    if item is not None and not visibility.may_change(user, item):
        if visibility.sees_item(user, item):
            raise Forbidden("only the item's owner, its maker or an administrator may change it")
        raise NotFound("no such item")
    return item


def _owner(owner: str | None, users: UserStore) -> str | None:
    """Return the sign-in address of an owner who may be named by user id."""
    if owner is None or not ids.is_id(owner):
        return owner
    user = users.get(owner)
    if user is None:
        raise Invalid("owner", "is no user's id")
    return user.address
