"""Tells of a mail's recipients how many are tracked, how many are not, and why not."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ocello.domain.consent.ladder import Decision, Reason

WITHHELD: frozenset[Reason] = frozenset(
    {"rules", "workspace", "consent-unknown", "consent-refused", "consent-withdrawn"}
)  # what stands in the way of tracking that the sender wants


class RecipientCounts(NamedTuple):
    """Counts of recipients: tracked in any way, and not at all, by the reason, the most frequent first."""

    tracked: int
    off: tuple[tuple[Reason, int], ...]

    @property
    def recipients(self) -> int:
        """Count them all."""
        return self.tracked + sum(count for _, count in self.off)


def count(decisions: Iterable[Decision]) -> RecipientCounts:
    """Count recipients by what was decided for them."""
    found = list(decisions)
    off = Counter(each.reason for each in found if not each.tracked)
    return RecipientCounts(sum(each.tracked for each in found), tuple(off.most_common()))


def withheld(decisions: Iterable[Decision]) -> Reason | None:
    """Return why nothing of a mail is tracked though its sender wants it, the most frequent reason; else None."""
    found = count(decisions)
    return next((reason for reason, _ in found.off if reason in WITHHELD), None) if not found.tracked else None
