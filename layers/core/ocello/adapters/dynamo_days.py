"""Kept statistics of closed days, each with a generation, so that a late change always wins over a slow computation."""

from collections.abc import Mapping

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from ocello.adapters import keys, models
from ocello.adapters.faults import unavailable
from ocello.domain.stats import Figures
from ocello.services.ports import KeptDay

_OF_THIS_KIND = models.DayRow.cls.set(models.DayRow)  # an update may make the row, and queries look at its kind


class DynamoDayStats:
    """DayStats: figures are kept only if nothing behind them changed since the generation was read."""

    @unavailable
    def between(self, owner: str, first: str, last: str) -> Mapping[str, KeptDay]:
        """Read what is kept of the days from `first` to `last`, in one query."""
        start, end = keys.day(owner, first), keys.day(owner, last)
        rows = models.DayRow.query(start.pk, models.Row.sk.between(start.sk, end.sk), consistent_read=True)
        return {row.sk.rpartition("#")[2]: _kept(row) for row in rows}

    @unavailable
    def keep(self, owner: str, day: str, generation: int, figures: Figures) -> None:
        """Keep a day's figures, unless its generation has moved on."""
        unchanged = models.DayRow.generation == generation
        if generation == 0:
            unchanged |= models.DayRow.generation.does_not_exist()
        row = models.DayRow(*keys.day(owner, day))
        figures_now = models.DayRow.figures.set(figures._asdict())
        actions: list[Action] = [_OF_THIS_KIND, models.DayRow.generation.set(generation), figures_now]
        try:
            row.update(actions, unchanged)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    @unavailable
    def forget(self, owner: str, day: str) -> None:
        """Let a day's figures go, because something behind them changed."""
        actions: list[Action] = [_OF_THIS_KIND, models.DayRow.generation.add(1), models.DayRow.figures.remove()]
        models.DayRow(*keys.day(owner, day)).update(actions)


def _kept(row: models.DayRow) -> KeptDay:
    return KeptDay(int(row.generation), None if row.figures is None else Figures(**row.figures))
