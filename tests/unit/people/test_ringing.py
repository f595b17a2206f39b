"""Quiet hours go by the clock on the wall, past midnight and through the nights in which it is moved."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.people.ringing import QuietHours, chosen, is_quiet

ROME, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
NIGHT, NOON = QuietHours.between("20:00", "08:00"), QuietHours.between("12:30", "13:30")
KATHMANDU = timezone(timedelta(hours=5, minutes=45))


@pytest.mark.parametrize(
    ("utc", "zone", "hours", "quiet"),
    [
        ("2026-11-25T19:59:59.999", UTC, NIGHT, False),
        ("2026-11-25T20:00:00", UTC, NIGHT, True),
        ("2026-11-26T00:00:00", UTC, NIGHT, True),
        ("2026-11-26T07:59:59.999", UTC, NIGHT, True),
        ("2026-11-26T08:00:00", UTC, NIGHT, False),
        ("2026-11-25T12:29:59", UTC, NOON, False),
        ("2026-11-25T12:30:00", UTC, NOON, True),
        ("2026-11-25T13:29:59", UTC, NOON, True),
        ("2026-11-25T13:30:00", UTC, NOON, False),
        ("2026-11-25T18:59:00", ROME, NIGHT, False),
        ("2026-11-25T19:00:00", ROME, NIGHT, True),
        ("2026-07-25T17:59:00", ROME, NIGHT, False),
        ("2026-07-25T18:00:00", ROME, NIGHT, True),
        ("2026-11-25T14:14:00", KATHMANDU, NIGHT, False),
        ("2026-11-25T14:15:00", KATHMANDU, NIGHT, True),
        # Rome's last night of summer time, 25 October 2026: 02:00–03:00 comes twice, and 08:00 is at 07:00 UTC.
        ("2026-10-25T00:30:00", ROME, QuietHours.between("02:00", "03:00"), True),
        ("2026-10-25T01:30:00", ROME, QuietHours.between("02:00", "03:00"), True),
        ("2026-10-25T02:00:00", ROME, QuietHours.between("02:00", "03:00"), False),
        ("2026-10-24T06:00:00", ROME, NIGHT, False),
        ("2026-10-25T06:59:00", ROME, NIGHT, True),
        ("2026-10-25T07:00:00", ROME, NIGHT, False),
        # New York's first night of it, 8 March 2026: there is no 02:30, and 03:00 follows 01:59.
        ("2026-03-08T06:59:00", NEW_YORK, QuietHours.between("02:30", "03:30"), False),
        ("2026-03-08T07:00:00", NEW_YORK, QuietHours.between("02:30", "03:30"), True),
        ("2026-03-08T07:30:00", NEW_YORK, QuietHours.between("02:30", "03:30"), False),
        # Lord Howe moves its clock by half an hour, on 5 April 2026 at 02:00 back to 01:30.
        ("2026-04-04T14:59:00", LORD_HOWE, QuietHours.between("01:30", "02:00"), True),
        ("2026-04-04T15:29:00", LORD_HOWE, QuietHours.between("01:30", "02:00"), True),
        ("2026-04-04T15:30:00", LORD_HOWE, QuietHours.between("01:30", "02:00"), False),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(utc, zone, hours, quiet):
    now = round(datetime.fromisoformat(f"{utc}+00:00").timestamp() * 1000)
    assert is_quiet(now, zone, hours) is quiet


@pytest.mark.parametrize("ends", [("20:00", "08:00"), ("00:00", "23:59"), ("23:59", "00:00"), ("09:05", "09:06")])
def test_quiet_hours_are_spelled_as_they_were_given(ends):
    assert QuietHours.between(*ends).as_texts == ends


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("24:00", "08:00", "quiet_hours.from"),
        ("8:00", "20:00", "quiet_hours.from"),
        ("", "08:00", "quiet_hours.from"),
        ("20:00\n", "08:00", "quiet_hours.from"),
        ("20:00", "08:60", "quiet_hours.to"),
        ("20:00", "٠٨:٠٠", "quiet_hours.to"),
        ("20:00", "20:00", "quiet_hours.to"),
    ],
)
def test_what_are_no_hours_is_refused_by_its_end(start, end, field):
    with pytest.raises(Invalid) as refused:
        QuietHours.between(start, end)
    assert refused.value.field == field


def test_only_the_three_choices_are_choices():
    assert [chosen(each) for each in ("every", "first_open", "clicks")] == ["every", "first_open", "clicks"]
    with pytest.raises(Invalid) as refused:
        chosen("none")
    assert refused.value.field == "alert_choice"
