"""Reads items, and the messages that are linked to them, each as far as the user may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import Item, MessageLink, add_persons, matches
from ocello.domain.engagement.statistics import Figures, add, figures_of_one
from ocello.domain.engagement.summary import without
from ocello.domain.messages import inbox, visibility
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.users import User
from ocello.services.common.ports import Page
from ocello.services.inbox.ports import Engagements
from ocello.services.items.change_items import check_may_change
from ocello.services.items.ports import ItemStore, LinkedMessages, Viewer
from ocello.services.sending.ports import StoredMessage

_LOOKS = 20  # pages read at most for one page of what a person may see
_CHUNK = 100
_OFFERED = 8  # items offered to choose from
_FEW = 25  # items that a word may have to be searched by first
SUMMED = 500  # newest messages of an item that its statistics count


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """Figures of an item's messages; `complete` is False if the item has more messages than were counted."""

    figures: Figures
    complete: bool


def viewer_of(user: User) -> Viewer:
    """Return the lists that a user may read."""
    return Viewer(user.id, user.address, user.all_groups)


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads items, their messages and the messages' figures."""

    items: ItemStore
    linked: LinkedMessages
    engagements: Engagements

    def read(self, user: User, ref: ItemRef) -> Item:
        """Return an item as a user may see it. Raises NotFound."""
        item = self.items.get(ref)
        if item is None or not visibility.sees_item(user, item):
            raise NotFound("no such item")
        return self._without_hidden(user, [item])[0]

    def read_to_change(self, user: User, ref: ItemRef) -> Item:
        """Return an item for a user who may change it. Raises NotFound, and Forbidden if the user may only see it."""
        item = self.read(user, ref)
        check_may_change(user, item, seen=True)
        return item

    def read_to_delete(self, user: User, ref: ItemRef) -> tuple[Item, ItemFigures]:
        """Return an item for a user who may delete it, with the figures of its messages. Raises as `read_to_change` does."""
        return self.read_to_change(user, ref), self.figures_of(user, ref)

    def titles(self, user: User, refs: Iterable[ItemRef]) -> Mapping[ItemRef, str]:
        """Return the titles of items; those that the user does not see are left out."""
        return {ref: item.title for ref, item in self.items.several(refs).items() if visibility.sees_item(user, item)}

    def offered(self, user: User, text: str, kind: str | None = None) -> tuple[Item, ...]:
        """Return some items that match the words of `text`, to choose from; none if it has no words."""
        wanted = text.strip()[: inbox.LONGEST_SEARCH]
        return self.page(user, kind, wanted, _OFFERED, None).items if wanted else ()

    def page(self, user: User, kind: str | None, text: str, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items that a user sees, by type and title; with `text`, those that have each of its words.

        A word of `text` may be the beginning of one of the item's words.
        """
        wanted = sorted((word for word in inbox.split_words(text) if word), key=len, reverse=True)[:8]
        if not wanted:
            if text.strip():
                return Page((), None)
            found = self.items.page(viewer_of(user), kind, limit, cursor)
            return Page(
                self._without_hidden(user, [item for item in found.items if visibility.sees_item(user, item)]),
                found.next,
            )
        rarest = self._rarest(wanted) if len(wanted) > 1 else wanted[0]
        chosen: dict[ItemRef, Item] = {}
        following = cursor
        for _ in range(_LOOKS):
            found = self.items.found(rarest, min(_CHUNK, limit - len(chosen)), following)
            for item in found.items:
                if kind in (None, item.ref.type) and visibility.sees_item(user, item) and matches(item, wanted):
                    chosen.setdefault(item.ref, item)
            following = found.next
            if following is None or len(chosen) >= limit:
                break
        return Page(self._without_hidden(user, list(chosen.values())), following)

    def naming(self, user: User, ref: ItemRef, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items that a user sees and that refer to an item, by type and id.

        Raises NotFound, and Invalid for a bad cursor.
        """
        self.read(user, ref)
        found: list[Item] = []
        following = cursor
        for _ in range(_LOOKS):
            looked = self.items.naming(ref, limit - len(found), following)
            found += [item for item in looked.items if visibility.sees_item(user, item)]
            following = looked.next
            if following is None or len(found) >= limit:
                break
        return Page(tuple(found), following)

    def messages_of(self, user: User, ref: ItemRef, limit: int, cursor: str | None) -> Page[MessageLink]:
        """Return a page of an item's messages that a user may see, newest first. Raises NotFound, and Invalid (cursor)."""
        self.read(user, ref)
        found: list[MessageLink] = []
        following = cursor
        for _ in range(_LOOKS):
            looked = self.linked.page(viewer_of(user), ref, limit - len(found), following)
            found += seen(user, looked.items, self.items)
            following = looked.next
            if following is None or len(found) >= limit:
                break
        return Page(tuple(found), following)

    def figures_of(self, user: User, ref: ItemRef) -> ItemFigures:
        """Count an item's newest messages that a user may see, and how many were opened and clicked. Raises NotFound."""
        self.read(user, ref)
        counted: list[MessageLink] = []
        following: str | None = None
        for _ in range(SUMMED // _CHUNK):
            looked = self.linked.page(viewer_of(user), ref, _CHUNK, following)
            counted += seen(user, looked.items, self.items)
            following = looked.next
            if following is None:
                break
        known = self.engagements.of([message.id for message in counted if message.tracked])
        total = Figures()
        for message in counted:
            found = known.get(message.id)
            if found is not None and message.owner != user.id:
                found = without(found, frozenset(message.bcc))
            total = add(total, figures_of_one(opens=message.opens, clicks=message.clicks, engagement=found))
        return ItemFigures(total, complete=following is None)

    def _rarest(self, words: Sequence[str]) -> str:
        """Return the word to search by: one that few items have, or else the longest, which is the first."""
        return next((word for word in words if self.items.found(word, _FEW, None).next is None), words[0])

    def _without_hidden(self, user: User, found: Sequence[Item]) -> tuple[Item, ...]:
        """Return items without the related items that a user may not see."""
        known = self.items.several({ref for item in found for ref in item.related})
        seen = {ref for ref, item in known.items() if visibility.sees_item(user, item)}
        return tuple(
            replace(
                item,
                person=item.person if ItemRef("person", item.person) in seen else "",
                organization=item.organization if ItemRef("organization", item.organization) in seen else "",
            )
            for item in found
        )


def as_seen(user: User, stored: StoredMessage) -> StoredMessage:
    """Return a message without what its Bcc recipients did, unless it is the user's own.

    All recipients stay in it, because its status depends on them: `visibility.shown_recipients` returns those to show.
    """
    if stored.message.owner == user.id or stored.engagement is None:
        return stored
    shown = visibility.shown_recipients(user.id, stored.message.owner, stored.recipients)
    hidden = {each.index for each in stored.recipients} - {each.index for each in shown}
    return replace(stored, engagement=without(stored.engagement, frozenset(hidden)))


def seen[M: (MessageLink, Message)](user: User, messages: Sequence[M], items: ItemStore) -> list[M]:
    """Return messages without those that a user may not see."""
    others = [message for message in messages if message.owner != user.id]
    known: Mapping[ItemRef, Item] = items.several({ref for message in others for ref in message.items})
    return [message for message in messages if visibility.sees_message(user, message, known)]


def link_persons(message: Message, recipients: Sequence[Recipient], sender: User, items: ItemStore) -> Message:
    """Return a message linked to the persons who are its recipients, among those that its sender sees. Raises Unavailable.

    A shared message is not linked to persons in Bcc: others see its links, and only its owner may see Bcc.
    """
    shown = [each for each in recipients if message.visibility != "shared" or each.kind != "bcc"]
    addresses = [recipient.mailbox.address.lower() for recipient in shown]
    persons = [person for person in items.persons_at(addresses) if visibility.sees_item(sender, person)]
    return replace(message, items=add_persons(message.items, shown, persons))
