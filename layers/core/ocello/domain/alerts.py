"""Says what changed between two engagements of a message: which alerts ring, which are withdrawn, what flipped."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocello.domain.engagement import Engagement, Summary
from ocello.domain.tally import RINGS, Ring

Change = Literal["rung", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert with all that a person is told. `mark` names its hit in the message, together with `at`."""

    owner: str
    message: str
    at: int  # ms
    mark: str
    kind: Literal["open", "click"]
    subject: str
    recipient: str  # address; empty where recipients are not told apart
    link: str | None


class Changes(NamedTuple):
    """What is new since the old engagement. `flipped`: the message was or ceased to be opened or clicked."""

    rung: tuple[Ring, ...]
    withdrawn: tuple[Ring, ...]
    flipped: bool


def changes(old: Engagement, new: Engagement) -> Changes:
    """Compare two engagements of one message.

    The outbox holds the newest alerts alone: one older than all of a full outbox was pushed out or comes back from
    there, which is no change. An alert may also go because an earlier hit rings in its place: it is withdrawn only if
    its own hit no longer counts.
    """
    before, after = set(old.alerts), set(new.alerts)
    return Changes(
        tuple(ring for ring in new.alerts if ring not in before and ring.at >= _since(old)),
        tuple(ring for ring in old.alerts if ring not in after and ring.at >= _since(new) and not _counts(new, ring)),
        _did(old) != _did(new),
    )


def _since(engagement: Engagement) -> int:
    return engagement.alerts[0].at if len(engagement.alerts) >= RINGS else 0


def _counts(engagement: Engagement, ring: Ring) -> bool:
    """Tell whether an alert's hit still counts; where the row no longer tells, it does."""
    kept: Summary = engagement.message_opens if ring.kind == "open" else engagement.message_clicks
    if len(kept.times) < kept.count and (not kept.times or ring.at < kept.times[0]):
        return True
    return ring.at in kept.times


def _did(engagement: Engagement) -> tuple[bool, bool]:
    return engagement.message_opens.count > 0, engagement.message_clicks.count > 0
