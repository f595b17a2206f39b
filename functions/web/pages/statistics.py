"""The statistics of one's own mail, and of a group's for leads and administrators."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.rendering import charts
from ocello.adapters import language
from ocello.domain.common.errors import Invalid
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.insight import WeekHour, busiest
from ocello.domain.people.users import User
from ocello.services.statistics.insight import MEMBERS, Insight
from ocello.services.statistics.statistics import Statistics

_SPANS = (7, 30, 90)  # days, offered besides the fields


class Choice(NamedTuple):
    """A span of days to choose from; without a number of days it is this year."""

    days: int | None
    address: str
    chosen: bool


def show(request: PageRequest) -> Answer:
    """Show the outcome of mail by days, by hour, by link, and the bounds of the open rate, as charts and as tables."""
    group = request.http.argument("group")
    members = request.context.mail_statistics.members(request.authenticated.user, group) if group else None
    refused = ""
    try:
        found = _figures(request, members, request.http.argument("from") or None, request.http.argument("to") or None)
    except Invalid as error:
        names = {"from": request.say("From day"), "to": request.say("To day")}
        refused, found = request.refusal(error, names), _figures(request, members, None, None)
    days = [day for day, _ in found.days]
    forms = language.Forms(request.lang, request.preferences.zone, request.context.clock())
    seen = _insight(request, members, days, forms)
    body = request.part(
        "statistics/statistics.html",
        days=days,
        rows=found.periods,
        total=found.total,
        groups=request.context.mail_statistics.groups_for(request.authenticated.user),
        group=group,
        members=members,
        near=MEMBERS,
        refused=refused,
        choices=_choices(request, days),
        span=urlencode({"from": days[0], "to": days[-1]}),
        midnight=forms.clock(day_start(days[-1])),
        insight=seen,
        best=None if seen is None else _best(seen),
        charts=charts,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)


def _figures(request: PageRequest, members: tuple[User, ...] | None, first: str | None, last: str | None) -> Statistics:
    statistics = request.context.mail_statistics
    if members is None:
        return statistics.of_owner(request.user, first, last)
    return statistics.of_team(members, first, last)


def _insight(
    request: PageRequest, members: tuple[User, ...] | None, days: list[str], forms: language.Forms
) -> Insight | None:
    def moment_at(at: int) -> WeekHour:
        local = forms.local(at)
        return WeekHour(local.weekday(), local.hour)

    if members is None:
        return request.context.mail_insight.of_owner(request.user, days, moment_at)
    return request.context.mail_insight.of_team(members, days, moment_at)


def _best(seen: Insight) -> dict[str, object]:
    hours = seen.rhythm.hours
    return {"opens": busiest([each.opens for each in hours]), "clicks": busiest([each.clicks for each in hours])}


def _choices(request: PageRequest, days: list[str]) -> list[Choice]:
    now = request.context.clock()
    today = day_of(now)
    offered = [(number, day_of(now - (number - 1) * DAY_MS)) for number in _SPANS]
    group = request.http.argument("group")
    return [
        Choice(
            number,
            "/app/statistics?" + urlencode({"from": first, "to": today, **({"group": group} if group else {})}),
            (first, today) == (days[0], days[-1]),
        )
        for number, first in (*offered, (None, f"{today[:4]}-01-01"))
    ]
