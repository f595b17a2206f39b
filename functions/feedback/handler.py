"""Answers one event of SES."""

from typing import Any

from ocello.adapters.metrics import Figure, write_line
from ocello.adapters.ses import feedback as ses_feedback
from ocello.services.common.ports import Clock
from ocello.services.sending.feedback import take
from ocello.services.sending.ports import MessageStore, RecipientStore, SuppressionList


def answer(
    event: dict[str, Any],
    region: str,
    messages: MessageStore,
    recipients: RecipientStore,
    suppressions: SuppressionList,
    clock: Clock,
) -> None:
    """Update the recipient's status. Raises Unavailable, after which Lambda tries again."""
    detail = event.get("detail", {})
    feedback = ses_feedback.parse(detail, region)
    changed = feedback is not None and take(feedback, messages, recipients, suppressions, clock)
    kind = str(detail.get("eventType", "")) or "none"
    figures = {"Bounces": Figure(int(changed and kind == "Bounce"))}
    figures["Complaints"] = Figure(int(changed and kind == "Complaint"))
    write_line("feedback taken", clock(), figures, kind=kind, understood=feedback is not None, changed=changed)
