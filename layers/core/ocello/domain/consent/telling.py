"""Tells of a mail's recipients how many are tracked, how many are not, and why not."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from ocello.domain.consent.ladder import Decision, Reason
from ocello.domain.consent.modes import OFF

WITHHELD: frozenset[Reason] = frozenset(
    {"rules", "workspace", "consent-unknown", "consent-refused", "consent-withdrawn", "no-footer"}
)  # what stands in the way of tracking that the sender wants


# Why a recipient's opens or clicks are not shown: they are not tracked, or are counted without knowing by whom.
Why = Reason | Literal["pooled"]


class RecipientCounts(NamedTuple):
    """Counts of recipients: tracked; counted in a pool only; and not at all, by the reason, the most frequent first."""

    tracked: int
    off: tuple[tuple[Reason, int], ...]
    pooled: int = 0

    @property
    def recipients(self) -> int:
        """Count them all."""
        return self.tracked + self.pooled + sum(count for _, count in self.off)


def count(decisions: Iterable[Decision]) -> RecipientCounts:
    """Count recipients by what was decided for them."""
    found = list(decisions)
    off = Counter(each.reason for each in found if not each.tracked)
    individual = sum(each.modes.of_individuals != OFF for each in found)
    return RecipientCounts(individual, tuple(off.most_common()), sum(each.tracked for each in found) - individual)


def withheld(decisions: Iterable[Decision]) -> Why | None:
    """Return why nothing of a mail is shown though its sender wants it: a pool, or the most frequent reason; else None."""
    found = count(decisions)
    if found.pooled and not found.tracked:
        return "pooled"
    return next((reason for reason, _ in found.off if reason in WITHHELD), None) if not found.tracked else None
