"""The ports of items: items, and the messages that are linked to them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.crm.items import Item, MessageLink
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page


class Viewer(NamedTuple):
    """Whose lists are read: those of an address, of its groups, and of the company."""

    user: str
    address: str
    groups: tuple[str, ...]


class ItemStore(Protocol):
    """Items, on lists by who sees them. Reading a page costs the same, however many items there are."""

    def get(self, ref: ItemRef) -> Item | None:
        """Return an item, or None."""

    def several(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Item]:
        """Return those of the items that exist."""

    def put(self, item: Item, before: Item | None, notes: Sequence[AuditEntry] = (), notify: str = "") -> bool:
        """Write an item over `before`, with audit entries; return False if `before` is outdated.

        The entries are also shown to the user `notify`.
        """

    def delete(self, item: Item, note: AuditEntry, notify: str = "") -> bool:
        """Delete an item and all rows that lead to it, with an audit entry, as `put`; return False if `item` is outdated."""

    def naming(self, ref: ItemRef, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of the items that refer to an item, whoever sees them, by type and id. Raises Invalid."""

    def page(self, viewer: Viewer, kind: str | None, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of items by type and title. Raises Invalid for a cursor of another list."""

    def found(self, word: str, limit: int, cursor: str | None) -> Page[Item]:
        """Return a page of items with a word that begins with `word`, whoever sees them, once per word. Raises Invalid."""

    def persons_at(self, addresses: Sequence[str]) -> Sequence[Item]:
        """Return the persons who have one of `addresses` (lower case)."""


class LinkedMessages(Protocol):
    """The messages of items and of conversations: rows that are written with the messages and change with them."""

    def page(self, viewer: Viewer, ref: ItemRef, limit: int, cursor: str | None) -> Page[MessageLink]:
        """Return a page of the viewer's own messages of an item and everybody's shared ones, newest first. Raises Invalid."""

    def of_conversation(self, conversation: str, limit: int, before: str | None) -> Sequence[MessageLink]:
        """Return the messages of a conversation, newest first, or those older than the message `before`."""

    def change(
        self, before: Message, after: Message, recipients: Sequence[Recipient], notes: Sequence[AuditEntry] = ()
    ) -> bool:
        """Write who may see a message to `recipients`, and its items, in every row that holds them, with audit entries.

        Return False if `before` is outdated.
        """
