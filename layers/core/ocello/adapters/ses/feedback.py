"""Parses the events that SES publishes about a copy, as EventBridge delivers them.

Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from typing import Any, NamedTuple

from ocello.adapters.ses.transport import message_id
from ocello.domain.common.texts import Text
from ocello.domain.common.times import milliseconds
from ocello.domain.messages.delivery import Feedback, Outcome

_NO_COMPLAINT = "not-spam"  # a reader moved the mail out of the spam folder


class _Event(NamedTuple):
    outcome: Outcome
    diagnostic: str = ""
    suppress: str = ""
    at: int = 0
    status: str = ""


def parse(detail: dict[str, Any], region: str) -> Feedback | None:
    """Return the feedback in `detail`; None if it is not final, or if the copy is unknown."""
    mail = detail.get("mail", {})
    tags = mail.get("tags", {})
    message, recipient = _tag(tags, "message"), _tag(tags, "recipient")
    event = _event(detail)
    if event is None or not message or not (recipient.isascii() and recipient.isdigit()):
        return None
    return Feedback(
        message, int(recipient), event.outcome, message_id(str(mail.get("messageId", "")), region), *event[1:]
    )


def _tag(tags: dict[str, list[str]], name: str) -> str:
    return next(iter(tags.get(name, ())), "")


def _event(detail: dict[str, Any]) -> _Event | None:
    match detail.get("eventType"):
        case "Delivery":
            return _Event("delivered", at=milliseconds(str(detail.get("delivery", {}).get("timestamp", ""))) or 0)
        case "Bounce":
            return _bounce(detail.get("bounce", {}))
        case "Complaint":
            kind = detail.get("complaint", {}).get("complaintFeedbackType") or "complaint"
            return None if kind == _NO_COMPLAINT else _Event("complained", str(kind), "complaint")
        case "Reject":
            return _Event(
                "rejected", Text("SES rejected it: %(why)s", why=str(detail.get("reject", {}).get("reason", "")))
            )
    return None


def _bounce(bounce: dict[str, Any]) -> _Event | None:
    """Return the outcome of a bounce. A transient one without a failure is an automatic reply."""
    recipient: dict[str, Any] = next(iter(bounce.get("bouncedRecipients", ())), {})
    kind = f"{bounce.get('bounceType', '')}/{bounce.get('bounceSubType', '')}"
    diagnostic, status = recipient.get("diagnosticCode") or kind, str(recipient.get("status") or "")
    if bounce.get("bounceType") == "Permanent":
        return _Event("bounced", str(diagnostic), "bounce", status=status)
    return _Event("bounced", str(diagnostic), status=status) if recipient.get("action") == "failed" else None
