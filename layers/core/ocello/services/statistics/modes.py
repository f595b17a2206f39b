"""Counts the copies that leave, by how they are tracked and on what that rests."""

from contextlib import suppress

from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import day_of
from ocello.domain.messages.message import OWN_USER, Recipient
from ocello.services.statistics.ports import ModeCounts


def count_copy(recipient: Recipient, untracked: str, now: int, counts: ModeCounts | None) -> None:
    """Add a copy that leaves to its day's counts, at most once: what is not known to be added is not added again.

    Copies of own users and of earlier releases, of which nothing was decided, are not counted.
    """
    if counts is None or recipient.tracking is None or recipient.untracked == OWN_USER:
        return
    with suppress(Unavailable):
        counts.add(day_of(now), recipient.tracking.counters(kept=not untracked))
