"""Applies a mail service's later reports (delivered, bounced, complained, rejected) to the recipient's status."""

from dataclasses import replace

from ocello.domain.common.texts import truncate
from ocello.domain.messages import delivery
from ocello.domain.messages.delivery import Feedback
from ocello.domain.messages.message import Recipient
from ocello.services.common.ports import Clock
from ocello.services.sending.ports import MessageStore, RecipientStore, SuppressionList

_LONGEST_DIAGNOSTIC = 500  # characters kept of a server's reply
_TRIES = 3


def take(
    feedback: Feedback,
    messages: MessageStore,
    recipients: RecipientStore,
    suppressions: SuppressionList | None,
    clock: Clock,
) -> bool:
    """Update a recipient's status, suppress its address if the feedback requires it, and return whether anything changed.

    Without a list of `suppressions` no address is suppressed: feedback that came by mail may be anybody's.

    Nothing changes when the same feedback comes again, when older feedback comes after newer, or when it is about an
    earlier copy.
    """
    stored = messages.load(feedback.message)
    recipient = None if stored is None else next((r for r in stored.recipients if r.index == feedback.recipient), None)
    for _ in range(_TRIES):
        if recipient is None or not _concerns(feedback, recipient):
            return False
        if (
            feedback.suppress and suppressions is not None
        ):  # first: if the next write fails, the repeated feedback does both
            suppressions.add(recipient.mailbox.address, feedback.suppress, clock())
        if recipients.record(
            feedback.message, _with_feedback(feedback, recipient, clock()), frozenset({recipient.status})
        ):
            return True
        recipient = recipients.read(feedback.message, feedback.recipient)
    return False


def _concerns(feedback: Feedback, recipient: Recipient) -> bool:
    same_copy = recipient.provider_message_id in ("", feedback.provider_message_id)
    dates = feedback.outcome == "delivered" and recipient.status == "sent" and feedback.at > 0 == recipient.delivered_at
    return same_copy and (dates or recipient.status in delivery.FROM[feedback.outcome])


def _with_feedback(feedback: Feedback, recipient: Recipient, now: int) -> Recipient:
    if feedback.outcome == "delivered" and recipient.status == "sent":
        return replace(recipient, delivered_at=feedback.at)
    return replace(
        recipient,
        delivered_at=feedback.at if feedback.outcome == "delivered" else recipient.delivered_at,
        status=delivery.AFTER[feedback.outcome],
        provider_message_id=feedback.provider_message_id,
        diagnostic=truncate(feedback.diagnostic, _LONGEST_DIAGNOSTIC),
        bounce_status=feedback.status,
        changed_at=now,
        sent_at=recipient.sent_at or (0 if feedback.outcome == "rejected" else now),
    )
