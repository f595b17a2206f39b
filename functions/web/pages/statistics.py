"""The statistics of one's own mail, and for leads and administrators those of a group."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

from functions.web import charts
from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.adapters import language
from ocello.domain.common.errors import Invalid
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.insight import WeekHour, busiest
from ocello.domain.engagement.statistics import Figures, add, periods
from ocello.domain.messages import visibility
from ocello.domain.people.users import User
from ocello.services.statistics.insight import MEMBERS, Insight, insight, team_insight
from ocello.services.statistics.statistics import Statistics, everyone, statistics, team, team_statistics

_SPANS = (7, 30, 90)  # days, offered beside the fields


class Choice(NamedTuple):
    """A span of days that is offered; without a number of days it is this year."""

    days: int | None
    address: str
    chosen: bool


def show(asked: PageRequest) -> Answer:
    """Show what became of mail: over days, by hour, by link, and between which bounds; drawn, and as tables."""
    group = asked.request.asked("group")
    members = team(asked.visit.user, group, asked.house.users) if group else None
    refused = ""
    try:
        found = _figures(asked, members, asked.request.asked("from") or None, asked.request.asked("to") or None)
    except Invalid as error:
        names = {"from": asked.say("From day"), "to": asked.say("To day")}
        refused, found = asked.refusal(error, names), _figures(asked, members, None, None)
    days = [day for day, _ in found.days]
    forms = language.Forms(asked.lang, asked.preferences.zone, asked.house.clock())
    seen = _insight(asked, members, days, forms)
    body = asked.part(
        "statistics.html",
        days=days,
        rows=_rows(found),
        total=found.total,
        groups=_groups(asked),
        group=group,
        members=members,
        near=MEMBERS,
        refused=refused,
        choices=_choices(asked, days),
        span=urlencode({"from": days[0], "to": days[-1]}),
        midnight=forms.clock(day_start(days[-1])),
        insight=seen,
        best=None if seen is None else _best(seen),
        charts=charts,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)


def _figures(asked: PageRequest, members: tuple[User, ...] | None, first: str | None, last: str | None) -> Statistics:
    house = asked.house
    if members is None:
        return statistics(asked.user, first, last, now=house.clock(), messages=house.days, kept=house.kept_days)
    return team_statistics(members, first, last, clock=house.clock, messages=house.days, kept=house.kept_days)


def _insight(
    asked: PageRequest, members: tuple[User, ...] | None, days: list[str], forms: language.Forms
) -> Insight | None:
    def moment_at(at: int) -> WeekHour:
        local = forms.local(at)
        return WeekHour(local.weekday(), local.hour)

    if members is None:
        return insight(asked.user, days, moment_at=moment_at, looks=asked.house.looks)
    return team_insight(members, days, moment_at=moment_at, looks=asked.house.looks)


def _best(seen: Insight) -> dict[str, object]:
    hours = seen.rhythm.hours
    return {"opens": busiest([each.opens for each in hours]), "clicks": busiest([each.clicks for each in hours])}


def _rows(found: Statistics) -> list[tuple[tuple[str, ...], Figures]]:
    """Return the figures of each day, or of each week where there are many days."""
    figures = dict(found.days)
    rows = []
    for days in periods([day for day, _ in found.days]):
        total = Figures()
        for day in days:
            total = add(total, figures[day])
        rows.append((days, total))
    return rows


def _groups(asked: PageRequest) -> list[str]:
    """Name the groups whose totals are the person's to see: an administrator's are all that somebody is in."""
    user = asked.visit.user
    known = user.all_groups
    if user.admin:
        known = tuple(sorted({name for each in everyone(asked.house.users) for name in each.all_groups}))
    return [name for name in known if name != visibility.LEADS and visibility.sees_totals(user, name)]


def _choices(asked: PageRequest, days: list[str]) -> list[Choice]:
    now = asked.house.clock()
    today = day_of(now)
    offered = [(number, day_of(now - (number - 1) * DAY_MS)) for number in _SPANS]
    group = asked.request.asked("group")
    return [
        Choice(
            number,
            "/app/statistics?" + urlencode({"from": first, "to": today, **({"group": group} if group else {})}),
            (first, today) == (days[0], days[-1]),
        )
        for number, first in (*offered, (None, f"{today[:4]}-01-01"))
    ]
