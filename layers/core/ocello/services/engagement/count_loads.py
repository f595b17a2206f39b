"""Counts loads of pooled pixels within capture's budget: in the pool's counter, else by the spill queue, else in a log line.

Whether something was added is sometimes not known. Then it is not added again, and goes nowhere else: rather one load too
few than one that nobody made. Capture imports this module at the first load.
"""

from typing import TYPE_CHECKING, Protocol

from ocello.domain.common.errors import Unavailable, Uncertain
from ocello.domain.common.times import day_of
from ocello.domain.tracking.loads import Load
from ocello.domain.verdicts.programs.requests import class_of_load
from ocello.services.engagement.record import (
    BUDGET,
    LEAST,
    LOGGED,
    MARGIN,
    SPILLED,
    STORED,
    TABLE_SHARE,
    UNCERTAIN,
    Breaker,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class LoadSink(Protocol):
    """Somewhere a load can be added."""

    def add(self, load: Load, seconds: float) -> None:
        """Add `load` within `seconds`. Raises Unavailable if it was not added, and Uncertain if that is not known."""


class LoadCounter:
    """Counts loads; keeps the breaker from one to the next."""

    def __init__(self, table: LoadSink, spill: LoadSink, log: LoadSink, clock: "Callable[[], float]") -> None:
        """Use these places, in this order; `clock` gives seconds that only go forward."""
        self._table, self._spill, self._log, self._clock = table, spill, log, clock
        self._breaker = Breaker()

    def count(self, pool: str, at: int, method: str, agent: str, headers: dict[str, str], arrived: float) -> str:
        """Judge a request for a pool's pixel, count it, and return what became of it; nothing else of it is kept.

        `at` is the gateway's time in milliseconds, `arrived` the clock's time when the request came.
        """
        load = Load(pool, day_of(at), "open", class_of_load(method, agent, headers))
        try:
            return self._counted(load, arrived)
        except Uncertain:
            return UNCERTAIN

    def _counted(self, load: Load, arrived: float) -> str:
        left = arrived + TABLE_SHARE - self._clock()
        if left >= LEAST and self._breaker.allows(self._clock()):
            try:
                self._table.add(load, left)
            except Unavailable as error:
                self._breaker.failed(self._clock())
                if isinstance(error, Uncertain):
                    raise
            else:
                self._breaker.succeeded()
                return STORED
        left = arrived + BUDGET - MARGIN - self._clock()
        if left >= LEAST:
            try:
                self._spill.add(load, left)
            except Uncertain:
                raise
            except Unavailable:
                pass
            else:
                return SPILLED
        self._log.add(load, 0.0)
        return LOGGED
