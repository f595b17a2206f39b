"""Brings a spilled hit back into the hits table: idempotently, with the consent gate asked, and not too late."""

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ocello.domain.common.errors import Invalid, Uncertain
from ocello.domain.common.times import DAY_MS
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.loads import Load, expires

if TYPE_CHECKING:
    from ocello.services.engagement.record import ConsentGate, HitSink

SECONDS = 2.0  # for each call; nobody waits for a replay


class Replayed(StrEnum):
    """What became of a hit that was brought back."""

    WRITTEN = "written"
    SILENT = "silent"  # the recipient has said no since
    COUNTED = "counted"  # a load
    UNCERTAIN = "uncertain"  # a load that was counted or not
    OVER = "over"  # a load whose counters are deleted by now


class SpilledLoads(Protocol):
    """The counters of pooled pixels."""

    def add_once(self, load: Load, name: str, seconds: float) -> None:
        """Add one, unless that was done under `name` just before. Raises Unavailable, and Uncertain as `LoadSink.add`."""


def furthest_back(hit_ttl_days: int) -> int:
    """Return how long ago (ms) a hit may lie to be replayed: half of its life.

    The engagement row is a function of the hits that exist. A replayed hit causes a rebuild from all of them, so it must
    come while none of those that stood beside it has expired.
    """
    return hit_ttl_days * DAY_MS // 2


def replay(hit: Hit, table: "HitSink", gate: "ConsentGate", now: int, furthest: int) -> Replayed:
    """Write `hit` if it is not there, and its recipient has not said no. Raises Invalid and Unavailable.

    It is Invalid where it lies more than `furthest` (ms) back. Tokens of earlier releases do not ask the gate when they
    are hit, so it is asked here of every hit.
    """
    if now - hit.at > furthest:
        raise Invalid("at", f"the hit is older than {furthest // DAY_MS} days, too old to be replayed")
    if gate.closed(hit.message, hit.recipient, hit.kind, SECONDS):
        return Replayed.SILENT
    table.put(hit, SECONDS)
    return Replayed.WRITTEN


def replay_load(load: Load, name: str, counter: SpilledLoads, now: int) -> Replayed:
    """Add a load that was spilled under `name`, at most once. Raises Unavailable where nothing was added."""
    if expires(load.day) * 1000 <= now:
        return Replayed.OVER
    try:
        counter.add_once(load, name, SECONDS)
    except Uncertain:
        return Replayed.UNCERTAIN
    return Replayed.COUNTED
