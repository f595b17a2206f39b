"""Messages, recipients, reports and conversations in the app table."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.messages.conversations import conversation_row
from ocello.adapters.dynamodb.messages.engagements import engagements_of
from ocello.adapters.dynamodb.messages.links import items_of, link_rows, serialize_items
from ocello.adapters.dynamodb.messages.recipients import recipient_of, recipient_row
from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement import summary as engagements
from ocello.domain.engagement.statistics import CountedMail
from ocello.domain.messages.message import (
    Link,
    Mailbox,
    Message,
    Recipient,
    Report,
    Untracked,
    Visibility,
    with_decisions,
)
from ocello.services.common.ports import Page
from ocello.services.sending.ports import MailStore, StoredMessage

IDEMPOTENCY_SECONDS = 86_400
_TRIES = 6  # to lower a message whose copies leave at the same time
_COUNTED = ["pk", "sk", "cls", "id", "created_at", "track_opens", "track_clicks"]  # what statistics read of a message
ROOM_FOR_REPORT = 200_000  # bytes; DynamoDB allows 400 KB for an item


def _pack(report: Report) -> bytes:
    return zlib.compress(json.dumps(asdict(report), separators=(",", ":")).encode())


def _unpack(packed: bytes) -> Report:
    read = json.loads(zlib.decompress(packed))
    return Report(
        tuple(Link(**link) for link in read["links"]), tuple(Untracked(**entry) for entry in read["untracked"])
    )


def _message_row(message: Message, recipients: int) -> models.MessageRow:
    row = models.MessageRow(
        *keys.message(message.id),
        gsi1pk=keys.owned_messages(message.owner),
        gsi1sk=message.id,
        id=message.id,
        owner=message.owner,
        message_id=message.message_id,
        conversation_id=message.conversation_id,
        sender=message.sender.address,
        sender_name=message.sender.name,
        subject=message.subject,
        created_at=message.created_at,
        track_opens=message.track_opens,
        track_clicks=message.track_clicks,
        visibility=message.visibility,
        items=serialize_items(message),
        in_reply_to=message.in_reply_to,
        references=list(message.references),
        by_caller=message.by_caller,
        size=message.size,
        request_digest=message.request_digest,
        version=message.version,
        excepted=list(message.excepted) or None,
        never_track=list(message.never_track) or None,
        preview=message.preview or None,
        muted=message.muted or None,
        recipients=recipients,
    )
    if message.opens_off:
        row.own_copies = list(message.opens_off)
    if message.tracked:
        row.gsi2pk, row.gsi2sk = keys.tracked_messages(message.owner), message.id
    return row


def message_of(row: models.MessageRow) -> Message:
    """Return the message of a row."""
    items, since = items_of(row.items)
    return Message(
        id=row.id,
        owner=row.owner,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        sender=Mailbox(row.sender, row.sender_name),
        subject=row.subject,
        created_at=int(row.created_at),
        track_opens=row.track_opens,
        track_clicks=row.track_clicks,
        visibility=cast("Visibility", row.visibility),
        items=items,
        linked_since=since,
        in_reply_to=row.in_reply_to,
        references=tuple(cast("list[str]", row.references or ())),
        by_caller=row.by_caller,
        size=int(row.size),
        request_digest=row.request_digest,
        version=int(row.version),
        excepted=tuple(cast("list[str]", row.excepted or ())),
        never_track=tuple(cast("list[str]", row.never_track or ())),
        opens_off=tuple(int(cast("int", index)) for index in row.own_copies or ()),
        preview=row.preview or "",
        muted=bool(row.muted),
    )


class DynamoMessageStore:
    """MessageStore and MessageDays: one query reads a message with its recipients, report and engagement."""

    def __init__(self, bucket: MailStore) -> None:
        """Use `bucket` for reports that are too large for a row."""
        self._bucket = bucket

    @unavailable
    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        """Write a message in one transaction; if `idempotency` was used before, return the id of that earlier message."""
        message = stored.message
        rows = self.rows(stored)
        with Attempt() as attempt, models.transaction() as transaction:
            if idempotency is not None:
                transaction.save(self._idempotency_row(message, idempotency), absent())
            for row in rows:
                transaction.save(row)
        if attempt.succeeded:
            return None
        earlier = None if idempotency is None else self.earlier(message.owner, idempotency)
        if earlier is None:
            raise Unavailable("database: another write of this message stood in the way")
        return earlier

    def rows(self, stored: StoredMessage) -> list[models.Row]:
        """Return the rows of a new message; a report that is too large for a row is written to the bucket."""
        message = stored.message
        return [
            _message_row(message, len(stored.recipients)),
            self._report_row(message.id, stored.report),
            conversation_row(message),
            *(recipient_row(message.id, recipient) for recipient in stored.recipients),
            *link_rows(message, stored.recipients),
        ]

    @unavailable
    def earlier(self, owner: str, idempotency: str) -> str | None:
        """Return the id of the message that was created with an idempotency digest, or None."""
        try:
            return models.IdempotencyRow.get(*keys.idempotency(owner, idempotency), consistent_read=True).message
        except models.IdempotencyRow.DoesNotExist:
            return None

    @staticmethod
    def _idempotency_row(message: Message, idempotency: str) -> models.IdempotencyRow:
        end = message.created_at // 1000 + IDEMPOTENCY_SECONDS
        return models.IdempotencyRow(*keys.idempotency(message.owner, idempotency), message=message.id, ttl=end)

    def _report_row(self, message_id: str, report: Report) -> models.ReportRow:
        key, packed = keys.report(message_id), _pack(report)
        if len(packed) <= ROOM_FOR_REPORT:
            return models.ReportRow(*key, packed=packed)
        self._bucket.put(_report_name(message_id), packed, "application/octet-stream")
        return models.ReportRow(*key, in_bucket=True)

    @unavailable
    def load(self, message: str) -> StoredMessage | None:
        """Return one message with its recipients, report and engagement, or None."""
        found: Message | None = None
        recipients: list[Recipient] = []
        report, engagement = Report(), None
        for row in models.Row.query(keys.message(message).pk, consistent_read=True):
            if isinstance(row, models.MessageRow):
                found = message_of(row)
            elif isinstance(row, models.RecipientRow):
                recipients.append(recipient_of(row))
            elif isinstance(row, models.ReportRow):
                report = report_of(message, row, self._bucket)
            elif isinstance(row, models.EngagementRow):
                engagement = engagements.unpack(row.row)
        if found is None:
            return None
        # A copy may have become stricter since: what its recipients' rows say is newer than the message's own.
        return StoredMessage(with_decisions(found, recipients), tuple(recipients), report, engagement)

    @unavailable
    def lower(self, message: str) -> None:
        """Write into a message's row how its copies are tracked, and take it off the list of tracked ones if none is."""
        row = models.MessageRow
        for _ in range(_TRIES):
            try:
                before = row.get(*keys.message(message), consistent_read=True)
            except row.DoesNotExist:
                return
            stored = self.load(message)  # later than the row, so that no other write is undone
            if stored is None:
                return
            now, known = stored.message, list(before.own_copies or ())
            own: list[object] = list(now.opens_off)
            opens, clicks = before.track_opens and now.track_opens, before.track_clicks and now.track_clicks
            if (opens, clicks, own) == (before.track_opens, before.track_clicks, known):
                return
            actions: list[Action] = [row.track_opens.set(opens), row.track_clicks.set(clicks)]
            actions.append(row.own_copies.set(own) if own else row.own_copies.remove())
            if not opens and not clicks:
                actions += [row.gsi2pk.remove(), row.gsi2sk.remove()]
            same = row.own_copies == known if known else row.own_copies.does_not_exist()
            as_before = (row.track_opens == before.track_opens) & (row.track_clicks == before.track_clicks) & same
            with Attempt() as attempt:
                row(*keys.message(message)).update(actions, as_before)
            if attempt.succeeded:
                return
        raise Unavailable("database: other writes of this message stood in the way")

    @unavailable
    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        """Return a page of an owner's messages, newest first."""
        partition = keys.tracked_messages(owner) if tracked else keys.owned_messages(owner)
        index = models.Row.by_gsi2 if tracked else models.Row.by_gsi1
        sort = models.Gsi2.gsi2sk if tracked else models.Gsi1.gsi1sk
        rows, following = paging.read(index.query, partition, sort, limit, cursor, newest_first=True)
        wholes = (self.load(row.id) for row in rows if isinstance(row, models.MessageRow))
        return Page(tuple(whole for whole in wholes if whole is not None), following)

    @unavailable
    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[CountedMail]:
        """Return what is counted of all messages created in [first_ms, end_ms); what is not counted is not read."""
        found = models.Row.by_gsi1.query(
            keys.owned_messages(owner),
            models.Gsi1.gsi1sk.between(ids.first_at(first_ms), ids.last_at(end_ms - 1)),
            attributes_to_get=_COUNTED,
        )
        rows = [row for row in found if isinstance(row, models.MessageRow)]
        read = engagements_of(row.id for row in rows)
        return [CountedMail(int(row.created_at), row.track_opens, row.track_clicks, read.get(row.id)) for row in rows]

    @unavailable
    def before(self, owner: str, identifier: str | None, limit: int) -> Sequence[Message]:
        """Return an owner's newest messages, or those before one, newest first."""
        condition = None if identifier is None else models.Gsi1.gsi1sk < identifier
        rows = models.Row.by_gsi1.query(
            keys.owned_messages(owner), condition, scan_index_forward=False, limit=limit, page_size=limit
        )
        return [message_of(row) for row in rows if isinstance(row, models.MessageRow)]


def report_of(message_id: str, row: models.ReportRow, bucket: MailStore) -> Report:
    """Return a message's report from its row, or from the bucket if it was too large for a row."""
    packed = bucket.get(_report_name(message_id)) if row.in_bucket else row.packed
    return Report() if packed is None else _unpack(packed)


def _report_name(message_id: str) -> str:
    return f"messages/{message_id}/report"
