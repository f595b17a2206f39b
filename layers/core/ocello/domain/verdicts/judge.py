"""Judges a message's hits in their order: was it a person? By what a hit says of itself, and by the hits near it.

One pass takes the hits one by one. The newest are *pending*: what comes may still change what is thought of them. A hit is
*settled* once a hit comes that is HORIZON_MS newer; and where more than MOST_PENDING are pending, all but the newest
LEAST_PENDING are. So a verdict depends on a bounded number of hits, one more hit costs the same however many came before,
and what a pass remembers is small: it can be kept and taken up again. The same hits give the same verdicts, in whatever
order and portions they come: a hit that would have changed what is settled is *late*, and a pass over all hits is made anew.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from ocello.domain.tracking.hits import Hit
from ocello.domain.verdicts.clusters import HORIZON_MS, mark
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.evidence import BIT
from ocello.domain.verdicts.repeats import Counted, Repeats, Window
from ocello.domain.verdicts.traces import HitPlace, Trace, trace_of
from ocello.domain.verdicts.verdict import FLOOD, Reason, Verdict, weigh

MOST_PENDING, LEAST_PENDING = 48, 24
_PLACE = attrgetter("place")


class Judgement(NamedTuple):
    """A hit that was judged for good, or as far as is known now."""

    trace: Trace
    counted: Counted


class Pass:
    """A pass over a message's hits. `watermark` is the place of the newest settled hit, `edge` of that which settled it."""

    def __init__(
        self,
        link_count: int,
        pending: Iterable[Trace] = (),
        windows: Iterable[Window] = (),
        watermark: HitPlace | None = None,
        edge: HitPlace | None = None,
    ) -> None:
        """Begin, or go on from what another pass kept."""
        self.link_count, self.watermark, self.edge = link_count, watermark, edge
        self.pending = list(pending)
        self.repeats = Repeats(windows)
        self._now: list[Judgement] | None = None  # what is thought of the pending hits; None: to be found out
        self._tip = self.repeats  # what is remembered behind them
        self.rejudged = True  # all pending hits, since this was set to False

    def knows(self, place: HitPlace) -> bool:
        """Return whether the hit at `place` is pending."""
        return any(each.place == place for each in self.pending)

    def is_late(self, place: HitPlace) -> bool:
        """Return whether a hit at `place` is settled already, or would change how others were settled."""
        if self.watermark is None or self.edge is None or place > self.edge:
            return False
        return place.at <= self.watermark.at + HORIZON_MS

    def take(self, trace: Trace) -> list[Judgement]:
        """Take one more hit, neither known nor late, and return those that it settles, in their order."""
        in_order = not self.pending or trace.place > self.pending[-1].place
        if in_order:
            self.pending.append(trace)
        else:
            insort(self.pending, trace, key=_PLACE)
        marked = mark(self.pending, trace, self.link_count)
        if not in_order or marked:
            self._now = None
        elif self._now is not None:
            self._now.append(Judgement(trace, self._tip.take(trace, ())))
        if self.edge is not None and trace.place < self.edge:
            self.edge = trace.place  # it is not late, so in the order of places it would have settled the watermark
        newest, settled = self.pending[-1].place, list[Judgement]()
        if len(self.pending) > MOST_PENDING:
            settled += [self._settle() for _ in range(len(self.pending) - LEAST_PENDING)]
        while self.pending[0].place.at < newest.at - HORIZON_MS:
            settled.append(self._settle())
        if settled:
            self.edge = self._settling()
        return settled

    def close(self) -> list[Judgement]:
        """Settle all hits, as one that comes long after them would; return those that were pending, in their order."""
        if not self.pending:
            return []
        self.edge = self.pending[-1].place
        return [self._settle() for _ in range(len(self.pending))]

    def _settling(self) -> HitPlace:
        """Return the place of the hit that settled the watermark, had all come in the order of places."""
        last = (self.watermark or self.pending[-1].place).at + HORIZON_MS
        return next((each.place for each in self.pending if each.place.at > last), self.pending[-1].place)

    def _settle(self) -> Judgement:
        trace = self.pending.pop(0)
        later = [each for each in self.pending if each.recipient == trace.recipient and each.kind == "click"]
        self.watermark = trace.place
        if self._now is not None:
            del self._now[0]
        return Judgement(trace, self.repeats.take(trace, later))

    def rest(self) -> Sequence[Judgement]:
        """Return what is thought of the pending hits now, without settling them; good until the next hit is taken."""
        if self._now is None:
            self._now = self._judge_pending()
        return self._now

    def _judge_pending(self) -> list[Judgement]:
        self._tip, self.rejudged = self.repeats.copy(), True
        clicks: dict[int, list[Trace]] = {}
        later: list[tuple[Trace, list[Trace], int]] = []
        for trace in reversed(self.pending):
            theirs = clicks.setdefault(trace.recipient, [])
            later.append((trace, theirs, len(theirs)))
            if trace.kind == "click":
                theirs.append(trace)
        return [
            Judgement(trace, self._tip.take(trace, reversed(theirs[:count])))
            for trace, theirs, count in reversed(later)
        ]


class Judged(NamedTuple):
    """A verdict with its reasons, and whether its hit is folded into one before it."""

    verdict: Verdict
    folded: bool


def judged(found: Judgement) -> Judged:
    """Say what was thought of a hit, and why."""
    counted, figures = found.counted, found.trace.figures
    verdict = FLOOD if counted.flooded else weigh(counted.mask).verdict
    reasons = tuple(
        Reason(each.code, figures[bit][0], -figures[bit][1], figures[bit][2])
        if (bit := BIT[each.code]) in figures
        else each
        for each in verdict.reasons
    )
    return Judged(verdict._replace(reasons=reasons), counted.folded)


def judge(hits: Iterable[Hit], context: Context) -> list[Judged]:
    """Judge all of one message's hits, sorted by place, each with what is known now."""
    one = Pass(context.link_count)
    found: list[Judgement] = []
    for hit in hits:
        found += one.take(trace_of(hit, context))
    return [judged(each) for each in (*found, *one.rest())]
