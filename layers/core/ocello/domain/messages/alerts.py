"""Says what changed between two engagements of a message: which alerts ring, are withdrawn or merged, and what flipped.

Which alerts stand is decided by the hits alone (see `counters.Counters`): each engagement lists them. Whatever the order in
which hits come, going from one engagement to the next ends with the alerts of the last one.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.closings import Closings, silent_since
from ocello.domain.engagement.counters import PAUSE_MS, RING_SLOTS, RINGS, HitKind, Ring
from ocello.domain.engagement.statistics import Figures, figures_of_one
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.people.ringing import AlertChoice
from ocello.domain.verdicts.context import SCAN_WINDOW_MS

Change = Literal["rung", "withdrawn"]
AlertKind = Literal[HitKind, "bounced", "answered"]
Silence = Literal[
    "", "muted", "answered", "choice", "quiet"
]  # why no channel tells of an alert: its mail is muted, its recipient has answered, its owner chose so
UNSEEN: frozenset[Silence] = frozenset({"muted", "answered", "choice"})  # listed, and not counted as new
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
    silent: Silence = field(default="", compare=False)  # no part of what makes it the same alert
    stopped: bool = field(default=False, compare=False)  # withdrawn because its recipient withdrew consent


def answer_alert(mail: ReceivedMail, subject: str) -> Alert:
    """Return the alert of an answer to a mail with a subject: one for each received mail."""
    return Alert(
        owner=mail.owner,
        message=mail.message,
        at=mail.at,
        mark=f"r{mail.name}",
        kind="answered",
        subject=subject,
        recipient=mail.sender.address,
        link=None,
        name=mail.sender.name,
    )


class Merge(NamedTuple):
    """An alert whose hit was overtaken by an earlier one: its row goes over to `into` (None: to one no longer listed)."""

    ring: Ring
    into: Ring | None


class Changes(NamedTuple):
    """What is new since the old engagement. `flipped`: what the figures count the message as.

    `first` are opens that stood before and have become their recipient's first: an earlier one was a machine's.
    """

    rung: tuple[Ring, ...] = ()
    withdrawn: tuple[Ring, ...] = ()
    merged: tuple[Merge, ...] = ()
    flipped: bool = False
    first: tuple[Ring, ...] = ()


def changes(old: Engagement, new: Engagement, now: int) -> Changes:
    """Compare two engagements of one message.

    One that was listed as unsure and is sure now is named as rung again: it need not wait any longer.
    An alert is withdrawn only if its own hit no longer counts, or its recipient withdrew; if an earlier hit rings in its
    place, it is merged. The
    outbox holds the newest alerts alone: one older than all of a full outbox was pushed out or comes back from there,
    which is no change. Newer rules ring nothing for hits older than a day.
    """
    before, after = ({ring.name: ring for ring in each.alerts if not is_closed_to(ring, each)} for each in (old, new))
    since = max(_since(old), now - DAY_MS if old.rules not in (0, new.rules) else 0)
    withdrawn, merged = list[Ring](), list[Merge]()
    for ring in before.values():
        if is_closed_to(ring, new):
            withdrawn.append(ring)
            continue
        if ring.name in after or ring.at < _since(new):
            continue
        earlier = [each for each in new.alerts if each.at < ring.at and _alike(each, ring)]
        into = max(earlier, key=lambda each: (each.name not in before, each.at), default=None)
        fate = _fate(new, ring, into)
        if fate == "machine":
            withdrawn.append(ring)
        elif fate == "overtaken":
            merged.append(Merge(ring, into))
    rung = tuple(
        ring
        for ring in after.values()
        if ring.at >= since and (ring.name not in before or (ring.sure and not before[ring.name].sure))
    )
    first = tuple(
        ring
        for ring in after.values()
        if ring.at >= since and ring.name in before and _is_first(ring, new) and not _is_first(ring, old)
    )
    return Changes(rung, tuple(withdrawn), tuple(merged), _figures(old) != _figures(new), first)


def silence_of(
    ring: Ring, engagement: Engagement, choice: AlertChoice, *, muted: bool, answered: bool, quiet: bool
) -> Silence:
    """Say why no channel tells of an alert: by its mail, an answer, its owner's choice, and the hour; empty where they tell."""
    if muted or answered:
        return "muted" if muted else "answered"
    left_out = {
        "every": False,
        "first_open": not _is_first(ring, engagement),
        "clicks": ring.kind != "click",
    }
    return "choice" if left_out[choice] else "quiet" if quiet else ""


def _is_first(ring: Ring, engagement: Engagement) -> bool:
    """Return whether an alert is its recipient's first open that counts."""
    return ring.kind == "open" and engagement.recipient(ring.recipient).opens.first == ring.at


def _alike(one: Ring, other: Ring) -> bool:
    """Return whether two alerts are of one recipient's opens, or of its clicks on one link."""
    if (one.kind, one.recipient) != (other.kind, other.recipient):
        return False
    return min(one.link or 0, RING_SLOTS) == min(other.link or 0, RING_SLOTS)


def _fate(new: Engagement, ring: Ring, into: Ring | None) -> Literal["machine", "overtaken", "untold"]:
    """Say what became of the hit of an alert that rings no more; untold where the row no longer has its date."""
    if ring.name in new.uncounted:
        return "machine"
    kept: Summary = new.message_opens if ring.kind == "open" else new.message_clicks
    if ring.kind == "click" and into is not None:
        return "overtaken"
    if len(kept.times) < kept.count and (not kept.times or ring.at < kept.times[0]):
        return "untold"
    own = new.recipient(ring.recipient)
    if ring.at in kept.times:
        return "overtaken"
    if ring.kind == "open" and any(0 < ring.at - at < PAUSE_MS for at in own.opens.times):
        return "overtaken"
    return "machine"


def held_until(ring: Ring, delivered_at: int | None) -> int:
    """Say until when an alert is on hold, in ms; its own time where it rings at once.

    It rings at once on a person's evidence of two kinds, and past the scan window of the copy, which was `delivered_at`
    (None: nobody knows when). Else what comes after it may still show that a scanner was there first.
    """
    if ring.sure or (delivered_at is not None and ring.at - delivered_at > SCAN_WINDOW_MS):
        return ring.at
    return ring.at + HOLD_MS[ring.kind]


def still_rings(ring: Ring, engagement: Engagement) -> bool:
    """Return whether an alert that was on hold is to ring by what is known now."""
    if is_closed_to(ring, engagement):
        return False
    listed = any(each.name == ring.name for each in engagement.alerts)
    return listed or (ring.at < _since(engagement) and _fate(engagement, ring, None) != "machine")


def is_closed_to(ring: Ring, engagement: Engagement) -> bool:
    """Return whether an alert's recipient has withdrawn; whenever its hit was, nobody is told of it any more."""
    return silent_since(engagement.closed, ring.recipient, ring.kind) is not None


def is_stopped(alert: Alert, closings: Closings) -> bool:
    """Return whether an alert that was rung is of a recipient who has withdrawn; of bounces and answers one may know."""
    match alert.kind:
        case "open" | "click" as kind:
            return silent_since(closings, Ring.recipient_of(alert.mark), kind) is not None
        case _:
            return False


def may_have_more(engagement: Engagement) -> bool:
    """Return whether more alerts may have rung than the outbox holds: no hit rings more than one."""
    hits = (engagement.message_opens, engagement.message_clicks)
    return sum(each.count + each.machine + each.unknown for each in hits) > RINGS


def _since(engagement: Engagement) -> int:
    return engagement.alerts[0].at if len(engagement.alerts) >= RINGS else 0


def _figures(engagement: Engagement) -> Figures:
    return figures_of_one(opens=True, clicks=True, engagement=engagement)
