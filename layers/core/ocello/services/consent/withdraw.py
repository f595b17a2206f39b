"""Lets a withdrawal reach every copy that a person was sent: of none of them anything more is recorded.

A copy is closed at its gate, which capture asks, and in its message's engagement row, by which hits are counted and shown.
The gates of most people's copies are closed before the request is answered, and as many rows as a second allows; the rest
by a queue. Until then whoever records or shows hits reads a list of withdrawals under way. Nothing is lost where the
request dies: the withdrawal is on that list, and in the queue, before the first copy is closed.
"""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.closings import Closing, Withdrawal
from ocello.domain.consent.modes import Axis
from ocello.services.common.ports import Clock
from ocello.services.consent.ports import CopyGates, SubjectCopy, SubjectIndex, WithdrawalQueue, WithdrawalStore
from ocello.services.consent.under_way import LEASE_S
from ocello.services.engagement.settle import Judge

MOST = 1_000  # copies whose gates are closed before the request is answered
AT_ONCE = 250  # copies between two records of how far it has come
PAUSE_S = 2  # until the queue goes on: by then most requests are answered
RESERVE_MS = 20_000  # of a call's time, in which no more copies are begun


Copies = Sequence[tuple[str, Sequence[int]]]  # by message, with its recipients


class CopyCloser(NamedTuple):
    """What closes one copy after the other, over a connection of its own."""

    gates: CopyGates
    judge: Judge

    def close(self, copies: Copies, withdrawal: Withdrawal) -> None:
        """Close copies. Raises Unavailable."""
        self.gates.close(copies, withdrawal.axes)
        self.close_rows(copies, withdrawal, lambda: True)

    def close_rows(self, copies: Copies, withdrawal: Withdrawal, in_time: Callable[[], bool]) -> bool:
        """Close copies in their messages' rows while there is time; return whether all are. Raises Unavailable."""
        closed = Closing.since(withdrawal.at, withdrawal.axes)
        for message, recipients in copies:
            if not in_time():
                return False
            self.judge.close(message, dict.fromkeys(recipients, closed))
        return True


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Closes copies over several connections at once; `seconds` is a clock that only goes forward."""

    index: SubjectIndex
    store: WithdrawalStore
    queue: WithdrawalQueue
    closers: Sequence[CopyCloser]
    clock: Clock
    seconds: Callable[[], float]
    wait: Callable[[float], None]

    def close(self, subject: str, axes: frozenset[Axis]) -> None:
        """Record nothing more on some axes of any copy of a subject, from the return on.

        It takes about as long as an old list may be used, or as closing all takes if that is less. Safe to repeat. Raises
        Unavailable where neither all copies could be closed nor the rest be queued; what records hits goes by it even so.
        """
        withdrawal = Withdrawal(subject, axes, self.clock())
        self.store.put(withdrawal)
        known = self.seconds() + LEASE_S
        queued = self._queued(withdrawal)
        try:
            rest = self._close_some(withdrawal, MOST, known if queued else math.inf)
            if rest is None:
                self.store.end(withdrawal)
                return
            if rest != withdrawal:
                self.store.put(rest)
        except Unavailable:
            if not queued:
                raise
        if not queued:
            self.queue.enqueue(subject, withdrawal.at, 0)
        self.wait(max(0.0, known - self.seconds()))

    def go_on(self, subject: str, at: int, left: Callable[[], int]) -> bool:
        """Go on with a withdrawal while there are milliseconds `left`, and queue the rest; return whether it is done.

        Safe to repeat and to run twice at once. Raises Unavailable.
        """
        rest = self.store.find(subject, at)
        while rest is not None:
            if left() <= RESERVE_MS:
                self.queue.enqueue(subject, at, 0)
                return False
            withdrawal, rest = rest, self._close_some(rest, AT_ONCE, math.inf)
            if rest is None:
                self.store.end(withdrawal)
            else:
                self.store.put(rest)
        return True

    def _queued(self, withdrawal: Withdrawal) -> bool:
        try:
            self.queue.enqueue(withdrawal.subject, withdrawal.at, PAUSE_S)
        except Unavailable:
            return False
        return True

    def _close_some(self, withdrawal: Withdrawal, most: int, until: float) -> Withdrawal | None:
        """Close the gates of the next copies, `most` of them, and their rows `until` the clock says so.

        Return what is left to be done, None for nothing. Raises Unavailable.
        """
        page = self.index.page(withdrawal.subject, most, withdrawal.cursor)
        copies = [(message, [each.recipient for each in some]) for message, some in groupby(page.items, _message)]

        def close_gates(closer: CopyCloser, share: Copies) -> bool:
            closer.gates.close(share, withdrawal.axes)
            return True

        def close_rows(closer: CopyCloser, share: Copies) -> bool:
            return closer.close_rows(share, withdrawal, lambda: self.seconds() < until)

        if not (self._in_parallel(copies, close_gates) and self._in_parallel(copies, close_rows)):
            return withdrawal
        return None if page.next is None else withdrawal._replace(cursor=page.next)

    def _in_parallel(self, copies: Copies, work: Callable[[CopyCloser, Copies], bool]) -> bool:
        """Do some work on all copies, over several connections at once; return whether all of it was done."""
        shares = [share for start in range(len(self.closers)) if (share := copies[start :: len(self.closers)])]
        if len(shares) <= 1:
            return work(self.closers[0], copies)
        with ThreadPoolExecutor(len(shares)) as threads:
            done = [threads.submit(work, closer, share) for closer, share in zip(self.closers, shares, strict=False)]
        left = [each for each in done if not each.result()]  # each is asked: one that failed tells so
        return not left


@dataclass(frozen=True, slots=True)
class WithdrawalHandover:
    """Hands withdrawals on, for who writes down what others said: it need not close copies itself."""

    index: SubjectIndex
    store: WithdrawalStore
    queue: WithdrawalQueue
    clock: Clock

    def close(self, subject: str, axes: frozenset[Axis]) -> None:
        """Have some axes of all copies of a subject closed soon; until then what records hits goes by it all the same.

        Safe to repeat. Raises Unavailable.
        """
        if self.index.page(subject, 1, None).items:
            withdrawal = Withdrawal(subject, axes, self.clock())
            self.store.put(withdrawal)
            self.queue.enqueue(subject, withdrawal.at, 0)


def _message(copy: SubjectCopy) -> str:
    return copy.message
