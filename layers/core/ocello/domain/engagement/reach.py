"""How many of a mail's recipients opened and clicked it, and in which order they did."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ocello.domain.engagement.summary import Actions
from ocello.domain.messages.message import Recipient


class Reach(NamedTuple):
    """Counts of recipients. A click tells of an open too. Of those who surely read nothing is `unclear` or `by_machines`."""

    recipients: int
    opened: int
    clicked: int
    unclear: int = 0
    by_machines: int = 0


def reach_of(actions: Iterable[Actions]) -> Reach:
    """Return how many recipients opened and clicked, and how many did so perhaps, or were seen by machines alone."""
    known = list(actions)
    return Reach(
        len(known),
        sum(each.read for each in known),
        sum(each.clicks.count > 0 for each in known),
        sum(each.unclear for each in known),
        sum(each.by_machines for each in known),
    )


def first_at(actions: Actions) -> int | None:
    """Return when a recipient first opened or clicked (ms); None for one who did neither."""
    return min(
        (at for each in (actions.opens, actions.clicks) if each.count and (at := each.first) is not None), default=None
    )


def in_order(recipients: Sequence[tuple[Recipient, Actions]]) -> list[tuple[Recipient, Actions]]:
    """Return recipients with those who opened or clicked before the others, the first of them first."""
    return sorted(recipients, key=lambda each: (not each[1].read, first_at(each[1]) or 0, each[0].index))
