"""Kept statistics of closed days, each with a generation, so that a late change always wins over a slow computation."""

from collections.abc import Mapping
from itertools import batched

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.engagement.statistics import Figures
from ocello.services.statistics.ports import StoredDay

_AT_ONCE = 100  # actions of one transaction


class DynamoDayStats:
    """DayStats: figures are kept only if nothing behind them changed since the generation was read."""

    @unavailable
    def between(self, owner: str, first: str, last: str) -> Mapping[str, StoredDay]:
        """Read what is kept of the days from `first` to `last`, in one query."""
        start, end = keys.day(owner, first), keys.day(owner, last)
        rows = models.DayRow.query(start.pk, models.Row.sk.between(start.sk, end.sk), consistent_read=True)
        return {keys.day_name(row.sk): _kept(row) for row in rows}

    @unavailable
    def keep(self, owner: str, days: Mapping[str, StoredDay]) -> None:
        """Keep days' figures, a hundred days at once: none of them where the generation of one has moved on.

        A year one day after the other would take longer than a page may. What is not kept is counted again next time.
        """
        for some in batched(days.items(), _AT_ONCE, strict=False):
            with Attempt(), models.transaction() as transaction:
                for name, day in some:
                    _keep(transaction, models.DayRow(*keys.day(owner, name)), day)

    @unavailable
    def forget(self, owner: str, day: str) -> None:
        """Let a day's figures go, because something behind them changed."""
        row = models.DayRow
        row(*keys.day(owner, day)).update([models.kind_of(row), row.generation.add(1), row.figures.remove()])


def _keep(transaction: TransactWrite, row: models.DayRow, day: StoredDay) -> None:
    unchanged = models.DayRow.generation == day.generation
    if day.generation == 0:
        unchanged |= models.DayRow.generation.does_not_exist()
    figures = None if day.figures is None else day.figures._asdict()
    now: list[Action] = [models.DayRow.generation.set(day.generation), models.DayRow.figures.set(figures)]
    transaction.update(row, [models.kind_of(models.DayRow), *now], unchanged)


def _kept(row: models.DayRow) -> StoredDay:
    return StoredDay(int(row.generation), None if row.figures is None else Figures(**row.figures))
