"""Says of a recipient what cannot be known and why, so that nothing seen is not taken for nothing that happened."""

from typing import Literal

from ocello.domain.engagement.summary import Actions, Engagement
from ocello.domain.messages.message import LEFT_US, WHOLE, Message, Recipient, Report
from ocello.domain.tracking.tokens import EVERYONE

Doubt = Literal[
    "untouched", "together", "no_picture", "unclear", "machines", "unseen", "clicks_only", "group", "spread"
]
_GROUPS = frozenset(
    {"all", "contact", "everyone", "group", "hello", "info", "list", "office", "sales", "staff", "support", "team"}
    | {"ufficio", "vendite"}
)


def is_group(address: str) -> bool:
    """Return whether several people may be behind an address."""
    return address.partition("@")[0].lower() in _GROUPS


def untouched(recipient: Recipient, report: Report) -> str:
    """Say why the recipient's copy went out as it was written; empty where it did not."""
    whole = next((entry.reason for entry in report.untracked if entry.what == WHOLE), "")
    return recipient.untracked or whole


def doubts_about(message: Message, report: Report, recipient: Recipient, engagement: Engagement) -> tuple[Doubt, ...]:
    """Name what leaves open whether a recipient read a tracked message; of a copy that never left nothing is asked."""
    actions = engagement.recipient(recipient.index)
    if not message.tracked or (recipient.status not in LEFT_US and actions == Actions()):
        return ()
    if untouched(recipient, report):
        return ("untouched",)
    found: list[Doubt] = []
    if not actions.read:
        found.append(_unread(message, report, actions, engagement.recipient(EVERYONE)))
    if is_group(recipient.mailbox.address):
        found.append("group")
    if actions.spread:
        found.append("spread")
    return tuple(found)


def _unread(message: Message, report: Report, actions: Actions, everyone: Actions) -> Doubt:
    """Say why nothing tells that it was read, the nearest reason first."""
    if everyone != Actions():
        return "together"
    if actions.unclear:
        return "unclear"
    if actions.by_machines:
        return "machines"
    if not message.track_opens:
        return "clicks_only"
    if any(entry.what == "pixel" for entry in report.untracked):
        return "no_picture"
    return "unseen"
