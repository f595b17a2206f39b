"""Which alerts a person wants to be told of, and in which hours not at all. No choice changes which alerts there are."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, Self

from ocello.domain.common.errors import Invalid

AlertChoice = Literal["every", "first_open", "clicks"]  # every alert; each recipient's first open; each click
ALERT_CHOICES: tuple[AlertChoice, ...] = ("every", "first_open", "clicks")
TIME_OF_DAY = r"([01][0-9]|2[0-3]):[0-5][0-9]"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of each day in which no channel tells of an alert: minutes of the day, the first in it and the first after it.

    They may pass midnight. Which hours these are is a matter of the person's time zone.
    """

    start: int
    end: int

    @classmethod
    def between(cls, start: str, end: str) -> Self:
        """Make them of two times of day such as 20:00 and 08:00. Raises Invalid, by the names `from` and `to`."""
        first, after = (_minute(name, text) for name, text in (("from", start), ("to", end)))
        if first == after:
            raise Invalid("quiet_hours.to", "must be another time than the one from which they are")
        return cls(first, after)

    @property
    def as_texts(self) -> tuple[str, str]:
        """Spell both ends as times of day."""
        return _as_text(self.start), _as_text(self.end)


def is_quiet(now: int, zone: dt.tzinfo, hours: QuietHours) -> bool:
    """Return whether `now` (ms) is within the quiet hours, by the clock on the wall in a zone."""
    wall = dt.datetime.fromtimestamp(now // 1000, zone)
    minute = wall.hour * 60 + wall.minute
    if hours.start < hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


def chosen(choice: str) -> AlertChoice:
    """Read a choice of alerts. Raises Invalid."""
    known = next((name for name in ALERT_CHOICES if name == choice), None)
    if known is None:
        raise Invalid("alert_choice", "must be every, first_open or clicks")
    return known


def _minute(name: str, text: str) -> int:
    if re.fullmatch(TIME_OF_DAY, text) is None:
        raise Invalid(f"quiet_hours.{name}", "must be a time of day such as 20:00")
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _as_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
