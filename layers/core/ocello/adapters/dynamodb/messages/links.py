"""The messages of items and of conversations in the app table: rows that are written and changed with their message."""

import heapq
from collections.abc import Iterable, Sequence
from typing import cast

from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import item_keys, keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, has_version
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.items import LinkedRow
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.crm.items import MessageLink, message_link
from ocello.domain.messages.message import ItemRef, LinkTimes, Message, Recipient, Visibility
from ocello.domain.people.audit import AuditEntry
from ocello.services.common.ports import Page
from ocello.services.items.ports import Viewer


def serialize_items(message: Message) -> list[object]:
    """Return a message's items as rows store them."""
    since = dict(message.linked_since)
    return [[ref.type, ref.id, *([since[ref]] if ref in since else [])] for ref in message.items]


def items_of(stored: Iterable[object]) -> tuple[tuple[ItemRef, ...], LinkTimes]:
    """Return the items in a message's row, and the link times of those that were linked later."""
    read = [cast("list[object]", each) for each in stored]
    refs = [ItemRef(str(each[0]), str(each[1])) for each in read]
    times = [(ref, int(cast("float", each[2]))) for ref, each in zip(refs, read, strict=True) if len(each) > 2]
    return tuple(refs), tuple(times)


def link_rows(message: Message, recipients: Iterable[Recipient]) -> list[models.Row]:
    """Return the rows that lead from its items and its conversation to a message, which are written with the message."""
    about = message_link(message, recipients)
    rows: list[models.Row] = [_row(message, about, keys.conversation_messages(message.conversation_id))]
    for ref in message.items:
        row = _row(message, about, item_keys.item_messages(message.owner, ref.type, ref.id))
        if message.visibility == "shared":
            row.gsi1pk, row.gsi1sk = item_keys.shared_messages(ref.type, ref.id), message.id
        rows.append(row)
    return rows


def _row(message: Message, about: MessageLink, partition: str) -> LinkedRow:
    return LinkedRow(
        partition,
        message.id,
        message=message.id,
        owner=message.owner,
        visibility=message.visibility,
        items=serialize_items(message),
        tracked=message.tracked,
        opens=message.track_opens,
        clicks=message.track_clicks,
        bcc=list(about.bcc),
    )


class DynamoLinkedMessages:
    """LinkedMessages."""

    @unavailable
    def page(self, viewer: Viewer, ref: ItemRef, limit: int, cursor: str | None) -> Page[MessageLink]:
        """Return a page of an item's messages, newest first: the viewer's own and all shared ones, merged from two lists."""
        name = f"messages of {ref.type} {ref.id}"
        after = paging.decode(name, cursor)
        own = LinkedRow.query(
            item_keys.item_messages(viewer.user, ref.type, ref.id),
            None if after is None else models.Row.sk < after,
            scan_index_forward=False,
            limit=limit + 1,
            page_size=limit + 1,
        )
        shared = models.Row.by_gsi1.query(
            item_keys.shared_messages(ref.type, ref.id),
            None if after is None else models.Gsi1.gsi1sk < after,
            scan_index_forward=False,
            limit=limit + 1,
            page_size=limit + 1,
        )
        rows = {row.message: row for row in (*own, *shared) if isinstance(row, LinkedRow)}
        newest = heapq.nlargest(limit + 1, rows)
        page, following = paging.cut(name, newest, limit, str)
        return Page(tuple(_linked(rows[identifier]) for identifier in page), following)

    @unavailable
    def of_conversation(self, conversation: str, limit: int, before: str | None) -> Sequence[MessageLink]:
        """Return the messages of a conversation, newest first, or those older than the message `before`."""
        rows = LinkedRow.query(
            keys.conversation_messages(conversation),
            None if before is None else models.Row.sk < before,
            consistent_read=True,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
        )
        return [_linked(row) for row in rows]

    @unavailable
    def change(
        self, before: Message, after: Message, recipients: Sequence[Recipient], notes: Sequence[AuditEntry] = ()
    ) -> bool:
        """Replace a message's visibility and items, with every row that depends on them, in one transaction."""
        old = {(row.pk, row.sk): row for row in link_rows(before, recipients)}
        new = {(row.pk, row.sk): row for row in link_rows(after, recipients)}
        row = models.MessageRow(*keys.message(after.id))
        actions: list[Action] = [
            models.MessageRow.visibility.set(after.visibility),
            models.MessageRow.items.set(serialize_items(after)),
            models.MessageRow.version.set(after.version),
        ]
        stands = models.MessageRow.id.exists() & has_version(models.MessageRow.version, before.version)
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.update(row, actions, stands)
            for each in new.values():
                transaction.save(each)
            for key in old.keys() - new.keys():
                transaction.delete(old[key])
            add_notes(transaction, notes)
        return attempt.succeeded


def _linked(row: LinkedRow) -> MessageLink:
    items, since = items_of(row.items)
    bcc = tuple(int(cast("int", index)) for index in row.bcc)
    return MessageLink(
        id=row.message,
        owner=row.owner,
        visibility=cast("Visibility", row.visibility),
        items=items,
        opens=_or(row.opens, row.tracked),
        clicks=_or(row.clicks, row.tracked),
        linked_since=since,
        bcc=bcc,
    )


def _or(stored: bool | None, otherwise: bool) -> bool:
    return otherwise if stored is None else stored
