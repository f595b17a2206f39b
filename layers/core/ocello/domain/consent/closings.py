"""Closings: from when on nothing more is recorded of a recipient of a mail, for opens and links apart.

What was recorded before the closing stays as it was; of what comes after it no hit is taken.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ocello.domain.consent.modes import Axis
from ocello.domain.engagement.counters import HitKind
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import SEVERAL

KINDS: Mapping[Axis, HitKind] = {"opens": "open", "links": "click"}  # what is recorded on each axis


class Closing(NamedTuple):
    """When a recipient's opens and links were closed (ms); None: they are not."""

    opens: int | None = None
    links: int | None = None

    @classmethod
    def since(cls, at: int, axes: frozenset[Axis]) -> "Closing":
        """Close some axes from `at` on."""
        return cls(at if "opens" in axes else None, at if "links" in axes else None)

    def of(self, kind: HitKind) -> int | None:
        """Return from when on hits of a kind are not taken; None: they are."""
        return self.opens if kind == "open" else self.links


Closings = Mapping[int, Closing]  # by the recipient's index
NONE: Closings = {}


def all_of(one: Closings, other: Closings) -> Closings:
    """Return what both close, each from the earlier time on."""
    if not other or not one:
        return one or other
    return {index: _earlier(one.get(index, Closing()), other.get(index, Closing())) for index in {*one, *other}}


def silent_since(closings: Closings, recipient: int, kind: HitKind) -> int | None:
    """Return from when on hits of a recipient are not taken; None: they are.

    Hits that are of several people in one are not taken once one of these has closed them.
    """
    if recipient < SEVERAL:
        return closings.get(recipient, Closing()).of(kind)
    return min((at for each in closings.values() if (at := each.of(kind)) is not None), default=None)


def silences(closings: Closings, hit: Hit) -> bool:
    """Return whether a hit is not to be taken."""
    since = silent_since(closings, hit.recipient, hit.kind) if closings else None
    return since is not None and hit.at >= since


def first_of(closings: Closings) -> int:
    """Return the time of the earliest closing (ms). Raises ValueError where nothing is closed."""
    return min(at for each in closings.values() for at in each if at is not None)


class Withdrawal(NamedTuple):
    """A person's withdrawal that is reaching their copies, one after the other: from when (ms), and how far it has come."""

    subject: str
    axes: frozenset[Axis]
    at: int
    cursor: str | None = None


def _earlier(one: Closing, other: Closing) -> Closing:
    return Closing(*(min((at for at in pair if at is not None), default=None) for pair in zip(one, other, strict=True)))
