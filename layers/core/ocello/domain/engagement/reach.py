"""How many of a mail's recipients opened and clicked it, and in which order they did."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ocello.domain.consent.modes import OFF, Modes
from ocello.domain.engagement.summary import Actions
from ocello.domain.messages.message import Recipient


class Reach(NamedTuple):
    """Counts of recipients whose copies are tracked.

    `opened` are some of the `opens` whose opens are tracked, `clicked` some of the `clicks` whose clicks are. A click
    tells of an open too. Of those who surely read nothing is `unclear` or `by_machines`.
    """

    opens: int
    clicks: int
    opened: int
    clicked: int
    unclear: int = 0
    by_machines: int = 0


def reach_of(recipients: Iterable[tuple[Modes, Actions]]) -> Reach:
    """Return how many recipients opened and clicked, and how many did so perhaps, or were seen by machines alone."""
    known = [(modes.of_individuals, actions) for modes, actions in recipients if modes.of_individuals != OFF]
    opens = [actions for modes, actions in known if modes.opens != "off"]
    clicks = [actions for modes, actions in known if modes.links != "off"]
    return Reach(
        len(opens),
        len(clicks),
        sum(each.read for each in opens),
        sum(each.clicks.count > 0 for each in clicks),
        sum(each.unclear for _, each in known),
        sum(each.by_machines for _, each in known),
    )


def first_at(actions: Actions) -> int | None:
    """Return when a recipient first opened or clicked (ms); None for one who did neither."""
    return min(
        (at for each in (actions.opens, actions.clicks) if each.count and (at := each.first) is not None), default=None
    )


def in_order(recipients: Sequence[tuple[Recipient, Actions]]) -> list[tuple[Recipient, Actions]]:
    """Return recipients with those who opened or clicked before the others, the first of them first."""
    return sorted(recipients, key=lambda each: (not each[1].read, first_at(each[1]) or 0, each[0].index))
