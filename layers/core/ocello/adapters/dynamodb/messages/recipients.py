"""Recipients of messages in the app table: one row each. Only conditional writes change its status."""

from dataclasses import asdict
from typing import cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, present
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common import texts
from ocello.domain.consent.ladder import Decision
from ocello.domain.messages.message import Kind, Mailbox, Recipient, Status


def recipient_row(message_id: str, recipient: Recipient) -> models.RecipientRow:
    """Return the row of a recipient."""
    return models.RecipientRow(
        *keys.recipient(message_id, recipient.index),
        index=recipient.index,
        address=recipient.mailbox.address,
        name=recipient.mailbox.name,
        kind=recipient.kind,
        status=recipient.status,
        provider_message_id=recipient.provider_message_id,
        diagnostic=recipient.diagnostic,
        diagnostic_parts=_parts_of(recipient.diagnostic),
        attempts=recipient.attempts,
        changed_at=recipient.changed_at,
        sent_at=recipient.sent_at,
        delivered_at=recipient.delivered_at,
        untracked=recipient.untracked,
        tracking=_serialize(recipient.tracking),
        language=recipient.language or None,
        bounce_status=recipient.bounce_status or None,
        replied_at=recipient.replied_at or None,
        away_at=recipient.away_at or None,
    )


def recipient_of(row: models.RecipientRow) -> Recipient:
    """Return the recipient of a row."""
    return Recipient(
        index=int(row.index),
        mailbox=Mailbox(row.address, row.name),
        kind=cast("Kind", row.kind),
        status=cast("Status", row.status),
        provider_message_id=row.provider_message_id,
        diagnostic=_diagnostic(row),
        attempts=int(row.attempts),
        changed_at=int(row.changed_at),
        sent_at=int(row.sent_at),
        delivered_at=int(row.delivered_at),
        untracked=row.untracked,
        tracking=None if row.tracking is None else Decision(**row.tracking),
        language=row.language or "",
        bounce_status=row.bounce_status or "",
        replied_at=int(row.replied_at or 0),
        away_at=int(row.away_at or 0),
    )


def _serialize(tracking: Decision | None) -> dict[str, object] | None:
    return None if tracking is None else asdict(tracking)


def _parts_of(diagnostic: str) -> object:
    """Return a sentence of ours with its pattern and values, for translation; None for a server's own text."""
    return texts.serialize(diagnostic) if isinstance(diagnostic, texts.Text) else None


def _diagnostic(row: models.RecipientRow) -> str:
    """Return the diagnostic of a row. If an earlier release changed the text but not `told`, the text is valid."""
    sentence = "" if row.diagnostic_parts is None else texts.parse(row.diagnostic_parts)
    return sentence if sentence == row.diagnostic else row.diagnostic


class DynamoRecipientStore:
    """RecipientStore: every change is conditional on the state that it replaces."""

    @unavailable
    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        """Change *queued* to *sending* and return the recipient; None if it was in any other state."""
        row = models.RecipientRow(*keys.recipient(message, index))
        with Attempt() as attempt:
            row.update(
                [
                    models.RecipientRow.status.set("sending"),
                    models.RecipientRow.changed_at.set(now),
                    models.RecipientRow.attempts.set(models.RecipientRow.attempts + 1),
                    models.RecipientRow.starts.remove(),
                ],
                models.RecipientRow.status == "queued",
            )
        return recipient_of(row) if attempt.succeeded else None

    @unavailable
    def read(self, message: str, index: int) -> Recipient | None:
        """Return one recipient, or None."""
        try:
            return recipient_of(models.RecipientRow.get(*keys.recipient(message, index), consistent_read=True))
        except models.RecipientRow.DoesNotExist:
            return None

    @unavailable
    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        """Write a recipient's new state if its present status is one of `among`; return whether it was."""
        row = models.RecipientRow(*keys.recipient(message, recipient.index))
        parts, tracking = _parts_of(recipient.diagnostic), _serialize(recipient.tracking)
        with Attempt() as attempt:
            row.update(
                [
                    models.RecipientRow.status.set(recipient.status),
                    models.RecipientRow.provider_message_id.set(recipient.provider_message_id),
                    models.RecipientRow.diagnostic.set(recipient.diagnostic),
                    models.RecipientRow.diagnostic_parts.remove()
                    if parts is None
                    else models.RecipientRow.diagnostic_parts.set(parts),
                    models.RecipientRow.attempts.set(recipient.attempts),
                    models.RecipientRow.changed_at.set(recipient.changed_at),
                    models.RecipientRow.sent_at.set(recipient.sent_at),
                    models.RecipientRow.delivered_at.set(recipient.delivered_at),
                    models.RecipientRow.untracked.set(recipient.untracked),
                    models.RecipientRow.tracking.remove()
                    if tracking is None
                    else models.RecipientRow.tracking.set(tracking),
                    models.RecipientRow.bounce_status.set(recipient.bounce_status)
                    if recipient.bounce_status
                    else models.RecipientRow.bounce_status.remove(),
                    models.RecipientRow.starts.remove(),
                ],
                models.RecipientRow.status.is_in(*sorted(among)),
            )
        return attempt.succeeded

    @unavailable
    def note_reply(self, message: str, index: int, at: int) -> None:
        """Note when an answer came in, unless an earlier one is noted."""
        noted = models.RecipientRow.replied_at
        self._note(message, index, noted.set(at), noted.does_not_exist() | (noted > at))

    @unavailable
    def note_absence(self, message: str, index: int, at: int) -> None:
        """Note when an automatic answer came in, unless a later one is noted."""
        noted = models.RecipientRow.away_at
        self._note(message, index, noted.set(at), noted.does_not_exist() | (noted < at))

    @staticmethod
    def _note(message: str, index: int, change: Action, condition: Condition) -> None:
        with Attempt():
            models.RecipientRow(*keys.recipient(message, index)).update([change], present() & condition)

    @unavailable
    def count_start(self, message: str, index: int, by: int) -> int:
        """Add `by` to the number of times that preparing a queued copy began; return the sum, or 0 if it is not queued."""
        row = models.RecipientRow(*keys.recipient(message, index))
        with Attempt() as attempt:
            row.update([models.RecipientRow.starts.add(by)], models.RecipientRow.status == "queued")
        return int(row.starts) if attempt.succeeded else 0
