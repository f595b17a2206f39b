"""Translates texts, and formats dates, times and numbers for a user's language."""

import datetime as dt
import gettext
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_day_names
from babel.numbers import format_decimal, format_percent

from ocello.domain.common.languages import best_of
from ocello.domain.common.texts import Text, Value
from ocello.domain.people.preferences import LANGUAGES, Language

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

FOLDER = Path(__file__).parents[1] / "locales"
DOMAIN = "ocello"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds
_WEEK = 7  # days
_LOCALES = {"en": "en_GB", "it": "it_IT"}


def catalogue_path(language: str) -> Path:
    """Return the path of a language's catalogue."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def catalogue(language: str) -> "Catalog":
    """Return the catalogue of a language. Raise OSError if there is none, as for English."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 — English readers need no catalogue

    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """Return the translations of a language, or English for a language without a catalogue.

    The .po file is read directly (in about 10 ms, once per process), so that no build step is needed.
    """
    if not catalogue_path(language).exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 — the same

    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def say(language: str, text: str) -> str:
    """Return `text` translated, a Text by its pattern, with numbers in the language's format; unknown text stays English."""
    pattern = text.pattern if isinstance(text, Text) else text
    whole = _translations(language).gettext(pattern) if pattern else ""  # the empty text is the header's key
    if not isinstance(text, Text) or not text.values:
        return whole
    return whole % {name: _say_value(language, value) for name, value in text.values.items()}


def _say_value(language: str, value: Value) -> str:
    if isinstance(value, Text):
        return say(language, value)
    return value if isinstance(value, str) else str(format_decimal(value, locale=_LOCALES[language]))


def count(language: str, one: str, many: str, number: int) -> str:
    """Return the singular or plural form for `number`, translated, by the language's plural rule."""
    return _translations(language).ngettext(one, many, number)


def best_language(header: str) -> Language:
    """Return the best of our languages for an Accept-Language header; English if none is named."""
    return best_of(header, LANGUAGES, "en")


class Forms:
    """Formats dates and numbers for one user."""

    def __init__(self, language: Language, zone: str, now: int) -> None:
        self._language, self._locale = language, Locale.parse(_LOCALES[language])
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")
        self._now = self.local(now)

    def local(self, at_ms: int) -> dt.datetime:
        """Return a time in the user's zone."""
        return dt.datetime.fromtimestamp(at_ms / 1000, self._zone)

    def full(self, at_ms: int) -> str:
        """Return day and time to the second."""
        return str(format_datetime(self.local(at_ms), "medium", locale=self._locale))

    def with_zone(self, at_ms: int) -> str:
        """Return day and time to the second with the zone, for mails and files."""
        zone = format_datetime(self.local(at_ms), "z", locale=self._locale)
        return f"{self.full(at_ms)} ({zone})"

    def short(self, at_ms: int) -> str:
        """Return a time in short: the time of day, the weekday within a week, the day within this year, else the date."""
        at = self.local(at_ms)
        days = (self._now.date() - at.date()).days
        if days in (0, 1):
            time = format_time(at, "short", locale=self._locale)
            return str(time) if days == 0 else say(self._language, Text("yesterday %(time)s", time=str(time)))
        if 0 < days < _WEEK:
            return str(format_datetime(at, "EEE HH:mm", locale=self._locale))
        skeleton = "d MMM" if at.year == self._now.year else "d MMM yyyy"
        return str(format_date(at, skeleton, locale=self._locale))

    def day_of_list(self, at_ms: int) -> str:
        """Return a time as narrow as a list has room for: the time of day, the weekday within a week, else the day."""
        at = self.local(at_ms)
        days = (self._now.date() - at.date()).days
        return str(format_date(at, "EEE", locale=self._locale)) if 0 < days < _WEEK else self.short(at_ms)

    def is_today(self, at_ms: int) -> bool:
        """Return whether a time is on the user's present day."""
        return self.local(at_ms).date() == self._now.date()

    def is_within(self, hours: int, at_ms: int) -> bool:
        """Return whether a time is less than so many hours ago."""
        return (self._now - self.local(at_ms)).total_seconds() < hours * _HOUR

    def recent(self, at_ms: int, *, full: bool = False) -> str:
        """Return how long ago a time was, up to a day; else the result of `short`, or of `full`."""
        at = self.local(at_ms)
        ago = (self._now - at).total_seconds()
        if not -_MINUTE < ago < _DAY:
            return self.full(at_ms) if full else self.short(at_ms)
        if ago < _MINUTE:
            return say(self._language, "just now")
        unit = _MINUTE if ago < _HOUR else _HOUR
        whole = dt.timedelta(seconds=-(ago // unit * unit))
        return str(format_timedelta(whole, threshold=1, add_direction=True, format="short", locale=self._locale))

    def day(self, name: str) -> str:
        """Return a day, given as YYYY-MM-DD."""
        return str(format_date(dt.date.fromisoformat(name), "medium", locale=self._locale))

    def brief(self, name: str) -> str:
        """Return a day, given as YYYY-MM-DD, without its year."""
        return str(format_date(dt.date.fromisoformat(name), "d MMM", locale=self._locale))

    def weekday(self, number: int) -> str:
        """Return the short name of a day of the week; 0 is Monday."""
        return str(get_day_names("abbreviated", locale=self._locale)[number])

    def clock(self, at_ms: int) -> str:
        """Return the time of day."""
        return str(format_time(self.local(at_ms), "short", locale=self._locale))

    def number(self, value: float) -> str:
        """Return a formatted number."""
        return str(format_decimal(value, locale=self._locale))

    def percent(self, share: float) -> str:
        """Return a share of 1 as a percentage."""
        return str(format_percent(share, locale=self._locale))

    def between(self, low: float, high: float) -> str:
        """Return two shares of 1 as a range of percentages, or as one percentage if both look the same."""
        first, last = self.percent(low), self.percent(high)
        return last if first == last else f"{first.rstrip('% \u00a0')}–{last}"
