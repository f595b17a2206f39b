"""Reads what SES publishes of a copy, as EventBridge brings it.

Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from typing import Any, NamedTuple

from ocello.adapters.ses.transport import message_id
from ocello.domain.common.texts import Text
from ocello.domain.messages.delivery import Feedback, Outcome

_NO_COMPLAINT = "not-spam"  # a reader took the mail out of the spam folder


class _Told(NamedTuple):
    outcome: Outcome
    words: str = ""
    suppress: str = ""


def read(detail: dict[str, Any], region: str) -> Feedback | None:
    """Return the feedback in `detail`; None where it says nothing final, or not of which copy."""
    mail = detail.get("mail", {})
    tags = mail.get("tags", {})
    message, recipient = _tag(tags, "message"), _tag(tags, "recipient")
    told = _told(detail)
    if told is None or not message or not (recipient.isascii() and recipient.isdigit()):
        return None
    return Feedback(
        message, int(recipient), told.outcome, message_id(str(mail.get("messageId", "")), region), *told[1:]
    )


def _tag(tags: dict[str, list[str]], name: str) -> str:
    return next(iter(tags.get(name, ())), "")


def _told(detail: dict[str, Any]) -> _Told | None:
    match detail.get("eventType"):
        case "Delivery":
            return _Told("delivered")
        case "Bounce":
            return _bounce(detail.get("bounce", {}))
        case "Complaint":
            kind = detail.get("complaint", {}).get("complaintFeedbackType") or "complaint"
            return None if kind == _NO_COMPLAINT else _Told("complained", str(kind), "complaint")
        case "Reject":
            return _Told(
                "rejected", Text("SES rejected it: %(why)s", why=str(detail.get("reject", {}).get("reason", "")))
            )
    return None


def _bounce(bounce: dict[str, Any]) -> _Told | None:
    """Sort a bounce. A transient one without a failure is somebody's automatic reply."""
    recipient: dict[str, Any] = next(iter(bounce.get("bouncedRecipients", ())), {})
    kind = f"{bounce.get('bounceType', '')}/{bounce.get('bounceSubType', '')}"
    words = recipient.get("diagnosticCode") or kind
    if bounce.get("bounceType") == "Permanent":
        return _Told("bounced", str(words), "bounce")
    return _Told("bounced", str(words)) if recipient.get("action") == "failed" else None
