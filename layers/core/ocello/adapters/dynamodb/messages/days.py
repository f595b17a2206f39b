"""Stored statistics of past days. Each has a generation, so that a late change always wins over a slow computation."""

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
    """DayStats: figures are stored only if their data has not changed since the generation was read."""

    @unavailable
    def between(self, owner: str, first: str, last: str) -> Mapping[str, StoredDay]:
        """Return the stored days from `first` to `last`, by one query."""
        start, end = keys.day(owner, first), keys.day(owner, last)
        rows = models.DayRow.query(start.pk, models.Row.sk.between(start.sk, end.sk), consistent_read=True)
        return {keys.day_name(row.sk): _kept(row) for row in rows}

    @unavailable
    def keep(self, owner: str, days: Mapping[str, StoredDay]) -> None:
        """Store the figures of days, a hundred days at once: none of them if the generation of one has changed.

        A year, day by day, would take longer than a page may. Days that are not stored are computed again next time.
        """
        for some in batched(days.items(), _AT_ONCE, strict=False):
            with Attempt(), models.transaction() as transaction:
                for name, day in some:
                    _keep(transaction, models.DayRow(*keys.day(owner, name)), day)

    @unavailable
    def forget(self, owner: str, day: str) -> None:
        """Delete a day's figures, because their data changed."""
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
    """Read a row; figures that an earlier release kept are not whole, and are counted again."""
    whole = row.figures is not None and row.figures.keys() == set(Figures._fields)
    return StoredDay(int(row.generation), Figures(**row.figures) if whole else None)
