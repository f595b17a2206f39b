"""Says of a recipient what cannot be known and why, so that nothing seen is not taken for nothing that happened."""

from typing import Literal, NamedTuple

from ocello.domain.consent.modes import OFF, Modes
from ocello.domain.consent.telling import WITHHELD, Why
from ocello.domain.engagement.summary import Actions, Engagement
from ocello.domain.messages.message import LEFT_US, OWN_USER, WHOLE, Message, Recipient, Report
from ocello.domain.tracking.tokens import EVERYONE

Uncertainty = Literal[
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


class WhyOff(NamedTuple):
    """Why opens and clicks of a recipient's copy are not shown, each empty where they are, or where nobody wanted it."""

    opens: Why | None = None
    clicks: Why | None = None


def why_off(recipient: Recipient, *, opens: bool, clicks: bool) -> WhyOff:
    """Say why a recipient's copy is not tracked, by what was decided; `opens` and `clicks` are what the mail tracks or wants."""
    decided = recipient.tracking
    if recipient.untracked == OWN_USER:
        return WhyOff("own-user", "own-user")
    if decided is None:
        return WhyOff()
    wanted = decided.reason in WITHHELD
    off = decided.reason if decided.opens == "off" and (opens or wanted) else None
    return WhyOff(
        "pooled" if decided.opens == "pooled" else off,
        decided.reason if decided.links == "off" and (clicks or wanted) else None,
    )


def uncertainty_about(
    message: Message, report: Report, recipient: Recipient, engagement: Engagement
) -> tuple[Uncertainty, ...]:
    """Name what leaves open whether a recipient read a tracked message; of a copy that never left nothing is asked."""
    actions = engagement.recipient(recipient.index)
    if not message.tracked or (recipient.status not in LEFT_US and actions == Actions()):
        return ()
    modes = message.modes_of(recipient).of_individuals
    if modes == OFF:
        return ()
    if untouched(recipient, report):
        return ("untouched",)
    found: list[Uncertainty] = []
    if not actions.read:
        found.append(_unread(modes, report, actions, engagement.recipient(EVERYONE)))
    if is_group(recipient.mailbox.address):
        found.append("group")
    if actions.spread:
        found.append("spread")
    return tuple(found)


def _unread(modes: Modes, report: Report, actions: Actions, everyone: Actions) -> Uncertainty:
    """Say why nothing tells that it was read, the nearest reason first."""
    if everyone != Actions():
        return "together"
    if actions.unclear:
        return "unclear"
    if actions.by_machines:
        return "machines"
    if modes.opens == "off":
        return "clicks_only"
    if any(entry.what == "pixel" for entry in report.untracked):
        return "no_picture"
    return "unseen"
