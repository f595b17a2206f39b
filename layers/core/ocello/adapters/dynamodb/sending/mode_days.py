"""How the copies of each day were tracked, in a row for each day of the app table. They are kept without end."""

from pynamodb.attributes import NumberAttribute

from ocello.adapters.dynamodb import consent_keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.consent.ladder import COUNTERS
from ocello.services.common.ports import Page
from ocello.services.statistics.ports import ModeDay


class ModeDayRow(models.Row, discriminator="ModeDay"):
    """The counts of a day, each counter an attribute of its name."""

    vars().update({name: NumberAttribute(default=0) for name in COUNTERS})


class DynamoModeDays:
    """ModeDays."""

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[ModeDay]:
        """Return a page of days, newest first."""
        row = ModeDayRow
        rows, following = paging.read(row.query, consent_keys.MODE_DAYS, row.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(_day, rows)), following)


def _day(row: ModeDayRow) -> ModeDay:
    return ModeDay(row.sk, {name: number for name in COUNTERS if (number := int(getattr(row, name)))})
