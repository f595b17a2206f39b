"""Says whether it is an hour in which somebody wants to be told of no alert."""

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ocello.domain.people.ringing import is_quiet
from ocello.domain.people.users import TrackingSettings
from ocello.services.people.ports import PreferenceStore


def is_quiet_now(owner: str, wanted: TrackingSettings, now: int, preferences: PreferenceStore) -> bool:
    """Return whether `now` (ms) is in an owner's quiet hours, where they live."""
    return wanted.quiet_hours is not None and is_quiet(now, _zone(preferences.read(owner).zone), wanted.quiet_hours)


def _zone(name: str) -> dt.tzinfo:
    """Return the time zone of a name; UTC where it is not known, as pages show their times."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC
