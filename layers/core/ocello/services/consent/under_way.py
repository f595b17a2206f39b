"""Knows which withdrawals have not reached every copy yet, at next to no cost for a hit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ocello.domain.consent.closings import NONE, Closing, Closings, Withdrawal, all_of
from ocello.services.engagement.ports import WithdrawalsUnderWay

LEASE_S = 1.0  # a list that was read is used for so long; whoever withdraws is answered no sooner than it ends


@dataclass(slots=True)
class ListUnderWay:
    """UnderWay, with a list that is read once a second at most."""

    store: WithdrawalsUnderWay
    seconds: Callable[[], float]  # a clock that only goes forward
    _list: Sequence[Withdrawal] = ()
    _until: float = float("-inf")
    _found: dict[tuple[Withdrawal, str], Closings] = field(default_factory=dict)

    def closings(self, message: str) -> Closings:
        """Return what the withdrawals under way close of a message. Raises Unavailable."""
        now = self.seconds()
        if now >= self._until:
            self._list, self._found = self.store.under_way(), {}
            self._until = now + LEASE_S  # from before it was read
        closings = NONE
        for each in self._list:
            closings = all_of(closings, self._of(each, message))
        return closings

    def _of(self, withdrawal: Withdrawal, message: str) -> Closings:
        place = withdrawal, message
        if place not in self._found:
            closed = Closing.since(withdrawal.at, withdrawal.axes)
            self._found[place] = dict.fromkeys(self.store.copies_in(withdrawal.subject, message), closed)
        return self._found[place]
