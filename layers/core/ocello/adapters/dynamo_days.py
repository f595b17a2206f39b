"""Kept statistics of closed days, each with a generation, so that a late change always wins over a slow computation."""

from collections.abc import Mapping
from typing import cast

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from ocello.adapters import keys, models
from ocello.adapters.faults import unavailable


class DynamoDayStats:
    """DayStats: figures are kept only if nothing behind them changed since the generation was read."""

    @unavailable
    def read(self, owner: str, day: str) -> tuple[int, dict[str, int] | None]:
        """Give a day's generation, and its figures where they are kept."""
        try:
            row = models.DayRow.get(*keys.day(owner, day), consistent_read=True)
        except models.DayRow.DoesNotExist:
            return 0, None
        return int(row.generation), cast("dict[str, int] | None", row.figures)

    @unavailable
    def keep(self, owner: str, day: str, generation: int, figures: Mapping[str, int]) -> None:
        """Keep a day's figures, unless its generation has moved on."""
        unchanged = models.DayRow.generation == generation
        if generation == 0:
            unchanged |= models.DayRow.generation.does_not_exist()
        row = models.DayRow(*keys.day(owner, day))
        actions: list[Action] = [models.DayRow.generation.set(generation), models.DayRow.figures.set(dict(figures))]
        try:
            row.update(actions, unchanged)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    @unavailable
    def forget(self, owner: str, day: str) -> None:
        """Let a day's figures go, because something behind them changed."""
        actions: list[Action] = [models.DayRow.generation.add(1), models.DayRow.figures.remove()]
        models.DayRow(*keys.day(owner, day)).update(actions)
