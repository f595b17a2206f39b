"""Records one hit within its budget: the table, else the spill queue, else a log line that carries it.

A reader waits for the answer while this runs, so every step has a deadline and none is waited for twice.
Standard library only: the hot function imports it.
"""

from ocello.domain.common.errors import Unavailable
from ocello.domain.tracking.tokens import ASK

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Callable
    from typing import Protocol

    from ocello.domain.tracking.hits import Hit

    class HitSink(Protocol):
        """Somewhere a hit can be kept."""

        def put(self, hit: Hit, seconds: float) -> None:
            """Keep `hit` within `seconds`; keeping it twice changes nothing. Raises Unavailable."""

    class ConsentGate(Protocol):
        """Whether a recipient has said no."""

        def closed(self, message: str, recipient: int, kind: str, seconds: float) -> bool:
            """Return whether hits of this kind, of this recipient, must not be recorded. Raises Unavailable."""


BUDGET = 0.8  # seconds from the request's arrival to the answer, whatever storage does
TABLE_SHARE = 0.4  # of these, for the table: one try and one retry
FIRST_TRY = 0.25
MARGIN = 0.05  # kept for making and signing requests, and for the answer
LEAST = 0.02  # a try with less time than this is not begun

STORED, SPILLED, LOGGED, SILENT, LEFT_OUT = "stored", "spilled", "logged", "silent", "left out"
UNCERTAIN = "uncertain"  # of a load that was added or not: it is not tried again


class Breaker:
    """Remembers that the table is failing, so that readers do not each find out again."""

    FAILURES = 3
    PAUSE = 5.0  # seconds until one hit tries the table again

    __slots__ = ("_failures", "_until")

    def __init__(self) -> None:
        """Begin closed: the table is tried."""
        self._failures = 0
        self._until = 0.0

    def allows(self, now: float) -> bool:
        """Return whether the table may be tried at `now`: a process answers one request at a time, so no two find out at once."""
        return self._failures < self.FAILURES or now >= self._until

    def succeeded(self) -> None:
        """Note that the table answered."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Note that the table did not answer."""
        self._failures += 1
        self._until = now + self.PAUSE


class Bound:
    """Bounds what is kept of one token a minute, so that nobody fills the table, or spends its money, by one link.

    What it remembers is bounded too: tokens in two halves, of which the older one is forgotten when the newer is full.
    """

    MOST = 60
    WINDOW = 60_000  # milliseconds, from a token's first hit on
    HALF = 2048  # tokens

    __slots__ = ("_newer", "_older")

    def __init__(self) -> None:
        """Begin with nothing remembered."""
        self._newer: dict[object, tuple[int, int]] = {}
        self._older: dict[object, tuple[int, int]] = {}

    def admits(self, token: object, at: int) -> bool:
        """Return whether one more hit of `token`, at `at` in milliseconds by the gateway, is to be kept."""
        began, count = self._newer.get(token) or self._older.get(token) or (at, 0)
        if not 0 <= at - began < self.WINDOW:
            began, count = at, 0
        if count >= self.MOST:
            return False
        if len(self._newer) >= self.HALF and token not in self._newer:
            self._older, self._newer = self._newer, {}
        self._newer[token] = began, count + 1
        return True


class Recorder:
    """Records hits; keeps the breaker from one hit to the next."""

    def __init__(
        self,
        table: "HitSink",
        gate: "ConsentGate",
        spill: "HitSink",
        log: "HitSink",
        clock: "Callable[[], float]",
    ) -> None:
        """Use these places, in this order; `clock` gives seconds that only go forward."""
        self._table, self._gate, self._spill, self._log = table, gate, spill, log
        self._clock = clock
        self._breaker = Breaker()

    def record(self, hit: "Hit", arrived: float) -> str:
        """Keep `hit`, which arrived at `arrived` on the clock; say where: STORED, SPILLED, LOGGED, or SILENT for consent."""
        if self._breaker.allows(self._clock()):
            outcome = self._at_the_table(hit, arrived + TABLE_SHARE)
            if outcome:
                self._breaker.succeeded()
                return outcome
            self._breaker.failed(self._clock())
        left = arrived + BUDGET - MARGIN - self._clock()
        if left > LEAST:
            try:
                self._spill.put(hit, left)
            except Unavailable:
                pass
            else:
                return SPILLED
        self.log(hit)
        return LOGGED

    def log(self, hit: "Hit") -> None:
        """Keep `hit` in a log line, the last resort."""
        self._log.put(hit, 0.0)

    def _at_the_table(self, hit: "Hit", end: float) -> str:
        """Try twice before `end`; '' where the table did not answer."""
        for attempt in (1, 2):
            left = end - self._clock()
            if left < LEAST:
                break
            try:
                return self._once(hit, min(left, FIRST_TRY) if attempt == 1 else left)
            except Unavailable:
                continue
        return ""

    def _once(self, hit: "Hit", seconds: float) -> str:
        start = self._clock()
        if hit.flags & ASK and self._gate.closed(hit.message, hit.recipient, hit.kind, seconds):
            return SILENT
        left = seconds - (self._clock() - start)
        if left < LEAST:
            raise Unavailable("no time left")
        self._table.put(hit, left)
        return STORED
