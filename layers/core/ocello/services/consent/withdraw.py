"""Lets a withdrawal reach every copy that a person was sent: of none of them anything more is recorded.

Most people's copies are reached before the request is answered. Of somebody who was sent more, the newest are, the rest by
a queue; until they are, whoever records hits reads a list of withdrawals under way. Nothing is lost where the request dies:
the withdrawal is on that list, and in the queue, before the first copy is closed.
"""

from collections.abc import Callable, Iterable, Sequence
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

MOST = 1_000  # copies that are closed before the request is answered
AT_ONCE = 250  # copies between two records of how far it has come
PAUSE_S = 5  # until the queue goes on: by then most requests have done it all
RESERVE_MS = 20_000  # of a call's time, in which no more copies are begun


class Lane(NamedTuple):
    """What closes one copy after the other, over connections of its own."""

    gates: CopyGates
    judge: Judge

    def close(self, copies: Iterable[tuple[str, Sequence[int]]], withdrawal: Withdrawal) -> None:
        """Close copies, given by message and recipients. Raises Unavailable."""
        closed = Closing.since(withdrawal.at, withdrawal.axes)
        for message, recipients in copies:
            self.gates.close(message, recipients, withdrawal.axes)
            self.judge.close(message, dict.fromkeys(recipients, closed))


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Closes copies in several lanes at once; `seconds` is a clock that only goes forward."""

    index: SubjectIndex
    store: WithdrawalStore
    queue: WithdrawalQueue
    lanes: Sequence[Lane]
    clock: Clock
    seconds: Callable[[], float]
    wait: Callable[[float], None]

    def close(self, subject: str, axes: frozenset[Axis]) -> None:
        """Record nothing more on some axes of any copy of a subject, from the return on.

        Safe to repeat. Raises Unavailable where neither all copies could be closed nor the rest be queued; what records
        hits goes by it even so.
        """
        withdrawal = Withdrawal(subject, axes, self.clock())
        self.store.put(withdrawal)
        known = self.seconds() + LEASE_S
        queued = self._queued(withdrawal)
        try:
            rest = self._close_some(withdrawal, MOST)
            if rest is None:
                self.store.end(withdrawal)
                return
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
            withdrawal, rest = rest, self._close_some(rest, AT_ONCE)
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

    def _close_some(self, withdrawal: Withdrawal, most: int) -> Withdrawal | None:
        """Close the next copies, `most` of them; return what is left to be done, None for nothing. Raises Unavailable."""
        page = self.index.page(withdrawal.subject, most, withdrawal.cursor)
        copies = [(message, [each.recipient for each in some]) for message, some in groupby(page.items, _message)]
        shares = [share for start in range(len(self.lanes)) if (share := copies[start :: len(self.lanes)])]
        if len(shares) == 1:
            self.lanes[0].close(copies, withdrawal)
        elif shares:
            with ThreadPoolExecutor(len(shares)) as threads:
                done = [
                    threads.submit(lane.close, share, withdrawal)
                    for lane, share in zip(self.lanes, shares, strict=False)
                ]
            for each in done:
                each.result()
        return None if page.next is None else withdrawal._replace(cursor=page.next)


def _message(copy: SubjectCopy) -> str:
    return copy.message
