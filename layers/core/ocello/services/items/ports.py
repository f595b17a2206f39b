"""The ports of items: items, the messages that are linked to them, and imports."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ocello.domain.crm.imports import Import
from ocello.domain.crm.items import Item, MessageLink
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page


class Viewer(NamedTuple):
    """Whose lists are read: those of an address, of its groups, and the company's."""

    user: str
    address: str
    groups: tuple[str, ...]


class ItemStore(Protocol):
    """Items, on lists by who sees them. Reading a page costs the same however many there are."""

    def get(self, ref: ItemRef) -> Item | None:
        """Read an item."""

    def several(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Item]:
        """Read the items that are there."""

    def put(self, item: Item, before: Item | None, notes: Sequence[AuditEntry] = (), told: str = "") -> bool:
        """Write an item over `before`, with audit entries that the user `told` also sees; False where `before` is outdated."""

    def delete(self, item: Item, note: AuditEntry, told: str = "") -> bool:
        """Delete an item with all rows that lead to it, with an audit entry, as `put`; False where `item` is outdated."""

    def naming(self, ref: ItemRef, limit: int, cursor: str | None) -> Page[Item]:
        """List the items that name an item as theirs, no matter who sees them, by type and id. Raises Invalid."""

    def page(self, viewer: Viewer, kind: str | None, limit: int, cursor: str | None) -> Page[Item]:
        """List items by type and title. Raises Invalid for a cursor that this list did not give."""

    def found(self, word: str, limit: int, cursor: str | None) -> Page[Item]:
        """List items that have a word beginning with `word`, no matter who sees them, each once a word. Raises Invalid."""

    def persons_at(self, addresses: Sequence[str]) -> Sequence[Item]:
        """Return the persons who have one of `addresses` (lower case)."""


class LinkedMessages(Protocol):
    """The messages of items and of conversations: rows that are written with the messages, and follow them."""

    def page(self, viewer: Viewer, ref: ItemRef, limit: int, cursor: str | None) -> Page[MessageLink]:
        """List the viewer's own messages of an item and everybody's shared ones, newest first. Raises Invalid."""

    def of_conversation(self, conversation: str, limit: int, before: str | None) -> Sequence[MessageLink]:
        """List the messages of a conversation, newest first, or those older than the message `before`."""

    def change(
        self, before: Message, after: Message, recipients: Sequence[Recipient], notes: Sequence[AuditEntry] = ()
    ) -> bool:
        """Write who may see a message to `recipients`, and its items, in every row that has them, with audit entries.

        False where `before` is outdated.
        """


class ImportStore(Protocol):
    """Bulk imports."""

    def get(self, owner: str, identifier: str) -> Import | None:
        """Read an import."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[Import]:
        """List a user's imports, newest first. Raises Invalid for a cursor that this list did not give."""

    def write(self, made: Import, before: Import | None) -> bool:
        """Write an import over `before`; False where that is not what stands."""


class ImportQueue(Protocol):
    """The queue of imports to be taken further."""

    def enqueue(self, owner: str, identifier: str) -> None:
        """Let an import be taken further soon. Raises Unavailable."""

    def postpone(self, receipt: str, seconds: int) -> None:
        """Let the queue message of `receipt` come back after `seconds`. Raises Unavailable."""
