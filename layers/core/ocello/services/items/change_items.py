"""Writes and deletes items, as far as the user may change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.crm.items import RELATED, Item, ItemInput, apply_input
from ocello.domain.mail import addresses
from ocello.domain.messages import visibility
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.audit import Action, AuditEntry, new_entry
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock
from ocello.services.items.ports import ItemStore
from ocello.services.people.ports import UserStore

_TRIES = 4  # to change an item that others change at the same time


class WriteResult(NamedTuple):
    """An item as it is after a write; `made` if it is new, `changed` if it differs from before."""

    item: Item
    made: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class ItemWriter:
    """Writes and deletes items."""

    items: ItemStore
    users: UserStore
    clock: Clock

    def write(
        self,
        user: User,
        ref: ItemRef,
        item_input: ItemInput,
        *,
        over: int | None = None,
        by_hand: bool = False,
        by_key: bool = False,
    ) -> WriteResult:
        """Make or change an item. Raises Invalid, NotFound or Forbidden if the user may not, and Unavailable.

        An item may be changed by whoever made it, owns it or administers. Others who see it may not change it; for
        those who do not see it, it does not exist.

        With `over`, the version that the user saw (0: there was none), raises Conflict if the item has changed since
        then.

        A person or organization that the user cannot see stays if the input names no other: nobody removes what they
        were not shown. The audit trail records who changed who sees an item; an owner is notified of what an
        administrator changed.

        `by_hand` means that a person typed the input, so that a name of something unknown is a mistake: a new owner
        must be a user, a newly named person or organization must be one that the user sees, and an item that an
        administrator does not see does not exist for them. A program may send items before their users and relations.
        """
        item_input = item_input._replace(owner=self._owner(item_input.owner))
        for _ in range(_TRIES):
            before = self._changeable(user, ref, by_hand=by_hand)
            now = self.clock()
            if by_hand:
                self._check_names(user, ref, item_input, before)
            item = apply_input(
                ref, self._with_hidden(user, ref, item_input, before, by_hand=by_hand), before, user, now
            )
            if before is not None and item == before:
                return WriteResult(item, made=False, changed=False)
            if over is not None and over != (before.version if before else 0):
                raise Conflict("this item was changed or deleted meanwhile")
            entries, recipient = self._audit(user, item, before, now, by_key=by_key)
            if self.items.put(item, before, entries, recipient):
                return WriteResult(item, made=before is None, changed=True)
        raise Unavailable("the item is changing too fast")

    def delete(
        self, user: User, ref: ItemRef, *, over: int | None = None, by_hand: bool = False, by_key: bool = False
    ) -> None:
        """Delete an item if `write` would let the user change it. Raises as `write` does; NotFound if there is none.

        The senders keep their mails. Mails that were shared through the item can from now on be seen by their owners
        alone, even if somebody makes an item with this id again: `visibility.may_open` decides which of them a new item
        opens.
        """
        for _ in range(_TRIES):
            before = self._changeable(user, ref, by_hand=by_hand)
            if before is None:
                raise NotFound("no such item")
            if over is not None and over != before.version:
                raise Conflict("this item was changed meanwhile")
            record = new_entry(self.clock(), user, "item.deleted", _name_of(ref), before.seen_by, by_key=by_key)
            if self.items.delete(before, record, self._owner_to_tell(user, before)):
                return
        raise Unavailable("the item is changing too fast")

    def _changeable(self, user: User, ref: ItemRef, *, by_hand: bool) -> Item | None:
        """Return an item to be changed, or None if there is none. Raises Forbidden, or NotFound if the user does not see it."""
        item = self.items.get(ref)
        if item is None:
            return None
        seen = visibility.sees_item(user, item)
        if by_hand and not seen:
            raise NotFound("no such item")
        check_may_change(user, item, seen=seen)
        return item

    def _audit(
        self, user: User, item: Item, before: Item | None, now: int, *, by_key: bool
    ) -> tuple[Sequence[AuditEntry], str]:
        """Return the audit entries of a change, and the id of the owner to notify. A new item has none: it shows nothing more."""
        if before is None:
            return (), ""
        shown = (before.seen_by, before.owner) != (item.seen_by, item.owner)
        recipient = self._owner_to_tell(user, before)
        if not shown and (not recipient or before.maker == user.id):
            return (), ""
        was, becomes = (_shown_to(before), _shown_to(item)) if shown else ("", "")
        action: Action = "item.visibility" if shown else "item.changed"
        return (new_entry(now, user, action, _name_of(item.ref), was, becomes, by_key=by_key),), recipient

    def _owner_to_tell(self, user: User, before: Item) -> str:
        """Return the id of an item's owner, if somebody else changes the item."""
        owner = None if before.owner == user.address else self.users.by_address(before.owner)
        return owner.id if owner is not None else ""

    def _owner(self, owner: str | None) -> str | None:
        """Return the sign-in address of an owner, who may be given by user id."""
        if owner is None or not ids.is_id(owner):
            return owner
        user = self.users.get(owner)
        if user is None:
            raise Invalid("owner", "is no user's id")
        return user.address

    def _check_names(self, user: User, ref: ItemRef, item_input: ItemInput, before: Item | None) -> None:
        """Raise Invalid for a new owner who is not a user (nobody would see the item), or a relation that the user cannot see."""
        if item_input.owner is not None:
            owner = addresses.parse("owner", item_input.owner).address.lower()
            if (before is None or owner != before.owner) and self.users.by_address(owner) is None:
                raise Invalid("owner", "is no user's address")
        for kind in RELATED[ref.type]:
            chosen = getattr(item_input, kind)
            if chosen and chosen != (getattr(before, kind) if before else ""):
                related = self.items.get(ItemRef(kind, chosen))
                if not visibility.sees_item(user, related):
                    raise Invalid(kind, "is none that you see: choose one that is offered")

    def _with_hidden(
        self, user: User, ref: ItemRef, item_input: ItemInput, before: Item | None, *, by_hand: bool
    ) -> ItemInput:
        """Return the input with the item's relations that the user cannot see, where the input names no other.

        A form does not show a relation to an item that does not exist now, so a form cannot remove one either.
        """
        for kind in RELATED[ref.type] if before else ():
            stands = getattr(before, kind)
            if not stands or getattr(item_input, kind):
                continue
            related = self.items.get(ItemRef(kind, stands))
            if not visibility.sees_item(user, related) and (related is not None or by_hand):
                item_input = item_input._replace(**{kind: stands})
        return item_input


def check_may_change(user: User, item: Item, *, seen: bool) -> None:
    """Raise Forbidden if a user may not change an item, and NotFound if the user does not see it."""
    if visibility.may_change(user, item):
        return
    if seen:
        raise Forbidden("only the item's owner, its maker or an administrator may change it")
    raise NotFound("no such item")


def _shown_to(item: Item) -> str:
    return f"{item.seen_by}, owner {item.owner}" if item.visibility != "owner" else item.seen_by


def _name_of(ref: ItemRef) -> str:
    return f"{ref.type}/{ref.id}"
