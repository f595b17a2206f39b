"""The ports of items in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocello.domain.crm.items import Item, MessageLink, matches, message_link
from ocello.domain.messages.inbox import fold_text
from ocello.domain.messages.message import ItemRef, Message, Recipient
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page
from ocello.services.items.ports import Viewer
from tests.fakes.world import paged


@dataclass
class MemoryItemStore:
    """ItemStore; the next `losses` writes find that somebody else was faster."""

    items: dict[ItemRef, Item] = field(default_factory=dict)
    losses: int = 0
    trail: list[AuditEntry] = field(default_factory=list)
    notices: list[tuple[str, AuditEntry]] = field(default_factory=list)
    tells: Callable[[str, AuditEntry], None] | None = None  # users who are also told of an item's changes

    def _note(self, notes: Sequence[AuditEntry], notify: str) -> None:
        self.trail += notes
        for note in notes:
            if notify:
                self.notices.append((notify, note))
                if self.tells is not None:
                    self.tells(notify, note)

    def get(self, ref: ItemRef) -> Item | None:
        return self.items.get(ref)

    def several(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Item]:
        return {ref: self.items[ref] for ref in refs if ref in self.items}

    def put(self, item: Item, before: Item | None, notes: Sequence[AuditEntry] = (), notify: str = "") -> bool:
        if self.losses:
            self.losses -= 1
            return False
        if self.items.get(item.ref) != before:
            return False
        self.items[item.ref] = item
        self._note(notes, notify)
        return True

    def delete(self, item: Item, note: AuditEntry | None = None, notify: str = "") -> bool:
        if self.losses:
            self.losses -= 1
            return False
        if self.items.get(item.ref) != item:
            return False
        del self.items[item.ref]
        self._note([note] if note else [], notify)
        return True

    def naming(self, ref: ItemRef, limit: int, cursor: str | None) -> Page[Item]:
        def key(item: Item) -> str:
            return f"{item.ref.type}#{item.ref.id}"

        return paged(sorted((item for item in self.items.values() if ref in item.related), key=key), limit, cursor, key)

    def page(self, viewer: Viewer, kind: str | None, limit: int, cursor: str | None) -> Page[Item]:
        def listed(item: Item) -> bool:
            wide = item.visibility == "company" or (item.visibility == "group" and item.group in viewer.groups)
            return (wide or item.owner == viewer.address) and kind in (None, item.ref.type)

        def key(item: Item) -> str:
            return f"{item.ref.type}#{fold_text(item.title)}#{item.ref.id}"

        listed_items = sorted(filter(listed, self.items.values()), key=key)
        return paged(listed_items, limit, cursor, key, f"{viewer.user} {kind} ")

    def found(self, word: str, limit: int, cursor: str | None) -> Page[Item]:
        hits = [item for item in self.items.values() if matches(item, [word])]
        return paged(hits, limit, cursor, lambda item: f"{item.ref.type}#{item.ref.id}")

    def persons_at(self, addresses: Sequence[str]) -> Sequence[Item]:
        return [item for item in self.items.values() if set(addresses) & set(item.addresses)]


@dataclass
class MemoryLinkedMessages:
    """LinkedMessages of a MemoryMessageStore; the next `losses` changes find that somebody else was faster."""

    store: Any
    losses: int = 0
    trail: list[AuditEntry] = field(default_factory=list)

    def page(self, viewer: Viewer, ref: ItemRef, limit: int, cursor: str | None) -> Page[MessageLink]:
        messages = [
            message_link(stored.message, stored.recipients)
            for _, stored in sorted(self.store.messages.items(), reverse=True)
        ]
        listed = [
            message
            for message in messages
            if ref in message.items and (message.owner == viewer.user or message.visibility == "shared")
        ]
        return paged(listed, limit, cursor, lambda message: message.id)

    def of_conversation(self, conversation: str, limit: int, before: str | None) -> Sequence[MessageLink]:
        stored = [each for _, each in sorted(self.store.messages.items(), reverse=True)]
        own = [each for each in stored if each.message.conversation_id == conversation]
        return [
            message_link(each.message, each.recipients) for each in own if before is None or each.message.id < before
        ][:limit]

    def change(
        self, before: Message, after: Message, recipients: Sequence[Recipient], notes: Sequence[AuditEntry] = ()
    ) -> bool:
        stored = self.store.messages.get(after.id)
        if self.losses or stored is None or stored.message.version != before.version:
            self.losses = max(0, self.losses - 1)
            return False
        self.store.messages[after.id] = replace(stored, message=after)
        self.trail += notes
        return True
