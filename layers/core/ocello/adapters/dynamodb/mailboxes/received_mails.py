"""Received mail in the app table: one row for each, under its conversation, and one under who wrote it."""

from collections.abc import Sequence
from typing import cast

from ocello.adapters.dynamodb import mailbox_keys as keys
from ocello.adapters.dynamodb import models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.keys import just_after
from ocello.adapters.dynamodb.models.mailboxes import ReceivedRow, SubjectReceivedRow
from ocello.domain.mailboxes.judge import Kind
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.reasons import ReasonCode
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.message import Mailbox
from ocello.services.common.ports import Page

_MOST = 1_000  # of a conversation that are read: anybody can write to it


def _mail(row: ReceivedRow) -> ReceivedMail:
    """Return the received mail of a row."""
    return ReceivedMail(
        name=row.sk,
        owner=row.owner,
        account=row.account,
        conversation=keys.received_conversation(row.pk) or "",
        message=row.message,
        recipients=tuple(int(cast("int", index)) for index in row.recipients),
        sender=Mailbox(row.sender, row.sender_name),
        at=int(row.at),
        kind=cast("Kind", row.kind),
        reasons=tuple(cast("ReasonCode", code) for code in row.reasons),
        ref=MailRef(row.folder, row.ref),
        in_spam=row.in_spam,
        blind=row.blind,
    )


class DynamoReceivedMails:
    """ReceivedMails."""

    @unavailable
    def add(self, mail: ReceivedMail, subject: str, until: int) -> bool:
        """Write a mail and its row under who wrote it, with a time to live; False where it is there."""
        ttl = until // 1_000
        row = ReceivedRow(
            *keys.received(mail.conversation, mail.name),
            owner=mail.owner,
            account=mail.account,
            message=mail.message,
            recipients=list(mail.recipients),
            sender=mail.sender.address,
            sender_name=mail.sender.name,
            at=mail.at,
            kind=mail.kind,
            reasons=list(mail.reasons),
            folder=mail.ref.folder,
            ref=mail.ref.name,
            in_spam=mail.in_spam,
            blind=mail.blind,
            ttl=ttl,
        )
        found_by = SubjectReceivedRow(*keys.subject_received(subject, mail.conversation, mail.name), ttl=ttl)
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(row, absent())
            transaction.save(found_by)
        return attempt.succeeded

    @unavailable
    def of(self, conversation: str) -> Sequence[ReceivedMail]:
        """Return a conversation's mails, oldest first."""
        rows = ReceivedRow.query(keys.received(conversation, "").pk, consistent_read=True, limit=_MOST)
        return sorted((_mail(row) for row in rows), key=lambda mail: (mail.at, mail.name))

    @unavailable
    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[ReceivedMail]:
        """Return a page of the mails that a subject wrote."""
        partition, bounds = keys.subject_received_all(subject)
        after = paging.decode(name := f"mail of {subject}", cursor)
        found = SubjectReceivedRow.query(
            partition,
            SubjectReceivedRow.sk.between(bounds.first if after is None else just_after(after), bounds.last),
            consistent_read=True,
            limit=limit + 1,
            page_size=limit + 1,
        )
        places = [row.sk for row in found]
        shown, following = paging.cut(name, places, limit, lambda sort: sort)
        wanted = [tuple(keys.received(*keys.received_place(sort))) for sort in shown]
        mails = {(mail.conversation, mail.name): mail for mail in map(_mail, ReceivedRow.batch_get(wanted))}
        there = (mails.get(keys.received_place(sort)) for sort in shown)
        return Page(tuple(mail for mail in there if mail is not None), following)

    @unavailable
    def remove(self, subject: str, mails: Sequence[ReceivedMail]) -> None:
        """Delete mails, and their rows under who wrote them."""
        with models.Row.batch_write() as batch:
            for mail in mails:
                batch.delete(ReceivedRow(*keys.received(mail.conversation, mail.name)))
        with models.Row.batch_write() as batch:  # after them: what leads to a mail goes last
            for mail in mails:
                batch.delete(SubjectReceivedRow(*keys.subject_received(subject, mail.conversation, mail.name)))
