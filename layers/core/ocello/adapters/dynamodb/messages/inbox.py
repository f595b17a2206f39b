"""The inbox's lists in the app table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any, cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.inbox import ConversationEntryRow, InboxMarkRow, InboxRow
from ocello.domain.common import ids
from ocello.domain.messages import inbox
from ocello.domain.messages.inbox import ConversationEntry, Line
from ocello.domain.messages.message import ItemRef
from ocello.services.common.ports import Page
from ocello.services.inbox.ports import StoredEntry

_FIELDS = frozenset(field.name for field in fields(Line))  # rows of earlier releases have more


def _entry(row: ConversationEntryRow) -> ConversationEntry:
    content = cast("dict[str, Any]", row.content)
    lines = tuple(
        Line(
            **{
                **{name: value for name, value in line.items() if name in _FIELDS},
                "people": tuple(line["people"]),
                "items": tuple(ItemRef(item["type"], item["id"]) for item in line["items"]),
            }
        )
        for line in content["lines"]
    )
    return ConversationEntry(row.sk, lines, int(content["total"]), content.get("replied", ""))


def entry_row(owner: str, entry: ConversationEntry, version: int) -> ConversationEntryRow:
    """Return the row of an entry."""
    return ConversationEntryRow(
        *keys.conversation_entry(owner, entry.conversation),
        version=version,
        content={"total": entry.total, "lines": [asdict(line) for line in entry.lines], "replied": entry.replied},
    )


def lines_for(
    owner: str, entry: ConversationEntry, names: Iterable[str], words: Iterable[str], version: int
) -> Iterator[InboxRow]:
    """Return the rows that put an entry on the lists `names` and under the search `words`."""
    for name in names:
        yield InboxRow(keys.inbox_list(owner, name), entry.newest, conversation=entry.conversation, version=version)
    for word in words:
        sort = keys.inbox_word_sort(word, entry.conversation)
        yield InboxRow(keys.inbox_words(owner), sort, conversation=entry.conversation, version=version)


def _forget(line: InboxRow, version: int) -> None:
    """Delete a list's row, unless a later version of its entry has written it again."""
    with Attempt():
        line.delete(InboxRow.version < version)


class DynamoInboxStore:
    """InboxStore.

    A list's row is written before its entry and deleted after it, and a reader ignores a row if the entry does not agree.
    So a crash in between leaves rows that nobody sees, and no conversation is ever missing from a list.
    """

    @unavailable
    def entry(self, owner: str, conversation: str) -> StoredEntry | None:
        """Return a conversation's entry, or None."""
        try:
            row = ConversationEntryRow.get(*keys.conversation_entry(owner, conversation), consistent_read=True)
        except DoesNotExist:
            return None
        return StoredEntry(_entry(row), int(row.version))

    @unavailable
    def write(self, owner: str, entry: ConversationEntry, before: StoredEntry | None, words: Sequence[str]) -> bool:
        """Write an entry and update its lists; return False if `before` is outdated."""
        version = before.version + 1 if before else 1
        now = {(name, entry.newest) for name in inbox.lists_of(entry)}
        then = {(name, before.entry.newest) for name in inbox.lists_of(before.entry)} if before else set()
        with models.Row.batch_write() as batch:
            for line in lines_for(owner, entry, [name for name, _ in sorted(now - then)], words, version):
                batch.save(line)
        with Attempt() as attempt:
            entry_row(owner, entry, version).save(
                over(ConversationEntryRow.version, before.version if before else None)
            )
        if not attempt.succeeded:
            return False
        for name, newest in sorted(then - now):
            _forget(InboxRow(keys.inbox_list(owner, name), newest), version)
        return True

    @unavailable
    def page(self, owner: str, name: str, limit: int, cursor: str | None) -> Page[ConversationEntry]:
        """Return a page of the conversations of one list, newest mail first."""
        partition = keys.inbox_list(owner, name)
        page, following = paging.read(InboxRow.query, partition, InboxRow.sk, limit, cursor, newest_first=True)
        known = {entry.conversation: entry for entry in self.entries(owner, [row.conversation for row in page])}
        entries = [
            entry
            for row in page
            if (entry := known.get(row.conversation)) and entry.newest == row.sk and name in inbox.lists_of(entry)
        ]
        return Page(tuple(entries), following)

    @unavailable
    def found(self, owner: str, word: str, limit: int) -> Sequence[str]:
        """Return the conversations with a search word that begins with `word`, the newest of each word first."""
        rows = InboxRow.query(
            keys.inbox_words(owner), models.Row.sk.startswith(word), scan_index_forward=False, limit=limit
        )
        return list(dict.fromkeys(row.conversation for row in rows))

    @unavailable
    def entries(self, owner: str, conversations: Sequence[str]) -> Sequence[ConversationEntry]:
        """Return the entries that exist."""
        wanted = [tuple(keys.conversation_entry(owner, name)) for name in dict.fromkeys(conversations)]
        return [_entry(row) for row in ConversationEntryRow.batch_get(wanted)]

    @unavailable
    def newer(self, owner: str, limit: int) -> Sequence[str]:
        """Return the ids of messages newer than the mark, oldest first."""
        try:
            mark = InboxMarkRow.get(*keys.inbox_mark(owner)).message
        except DoesNotExist:
            mark = ids.first_at(0)
        rows = models.Row.by_gsi1.query(keys.owned_messages(owner), models.Gsi1.gsi1sk > mark, limit=limit)
        return [row.id for row in rows if isinstance(row, models.MessageRow)]

    @unavailable
    def move_mark(self, owner: str, message: str) -> None:
        """Store that all messages up to `message` are in the inbox; the mark never moves back."""
        with Attempt():
            InboxMarkRow(*keys.inbox_mark(owner), message=message).save(absent() | (InboxMarkRow.message < message))
