"""Says what changed between two engagements of a message: which alerts ring, which are withdrawn, what flipped."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocello.domain.engagement.counters import RINGS, HitKind, Ring
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.verdicts.repeats import READING_MS, SAME_MS

Change = Literal["rung", "withdrawn"]
AlertKind = HitKind | Literal["bounced"]
SCAN_WINDOW_MS = 600_000  # after a copy was delivered; of 836 scanners' bursts 97 % began in its first half
HOLD_MS: dict[HitKind, int] = {"click": 10_000, "open": 90_000}


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert with all that a person is told. `mark` names its hit in the message, together with `at`."""

    owner: str
    message: str
    at: int  # ms
    mark: str
    kind: AlertKind
    subject: str
    recipient: str  # address; empty where recipients are not told apart
    link: str | None
    name: str = ""  # of the recipient


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


def held_until(ring: Ring, delivered_at: int | None) -> int:
    """Say until when an alert is on hold, in ms; its own time where it rings at once.

    It rings at once on strong evidence, and past the scan window of the copy, which was `delivered_at` (None: nobody
    knows when). Else what comes after it may still show that a scanner was there first.
    """
    if ring.sure or (delivered_at is not None and ring.at - delivered_at > SCAN_WINDOW_MS):
        return ring.at
    return ring.at + HOLD_MS[ring.kind]


def still_rings(ring: Ring, engagement: Engagement) -> bool:
    """Return whether an alert that was on hold is to ring by what is known now."""
    return ring in engagement.alerts or (ring.at < _since(engagement) and _counts(engagement, ring))


def _since(engagement: Engagement) -> int:
    return engagement.alerts[0].at if len(engagement.alerts) >= RINGS else 0


def _counts(engagement: Engagement, ring: Ring) -> bool:
    """Return whether an alert's hit still counts; where the row no longer tells, it does.

    An earlier hit that came later may have taken it in: a repeat of one that counts is no mistake.
    """
    kept: Summary = engagement.message_opens if ring.kind == "open" else engagement.message_clicks
    if len(kept.times) < kept.count and (not kept.times or ring.at < kept.times[0]):
        return True
    person = engagement.recipient(ring.recipient)
    own, span = (person.opens, READING_MS) if ring.kind == "open" else (person.clicks, SAME_MS)
    return ring.at in kept.times or any(0 < ring.at - at <= span for at in own.times)


def _did(engagement: Engagement) -> tuple[bool, bool]:
    return engagement.message_opens.count > 0, engagement.message_clicks.count > 0
