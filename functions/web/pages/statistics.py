"""The statistics of one's own mail, and of a group's for leads and administrators."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer
from functions.web.rendering import charts
from ocello.adapters import language
from ocello.domain.common.times import DAY_MS, day_of, day_start
from ocello.domain.engagement.insight import WeekHour, busiest
from ocello.services.statistics.insight import MEMBERS, Insight

_SPANS = (7, 30, 90)  # days, offered besides the fields


class Choice(NamedTuple):
    """A span of days to choose from; without a number of days it is this year."""

    days: int | None
    address: str
    chosen: bool


def show(request: PageRequest) -> Answer:
    """Show the outcome of mail by days, by hour, by link, and the bounds of the open rate, as charts and as tables."""
    http, group = request.http, request.http.argument("group")
    forms = language.Forms(request.lang, request.preferences.zone, request.context.clock())

    def moment_at(at: int) -> WeekHour:
        local = forms.local(at)
        return WeekHour(local.weekday(), local.hour)

    view = request.context.statistics_views.read(
        request.authenticated.user, group, http.argument("from") or None, http.argument("to") or None, moment_at
    )
    days = [day for day, _ in view.figures.days]
    names = {"from": request.say("From day"), "to": request.say("To day")}
    body = request.part(
        "statistics/statistics.html",
        days=days,
        rows=view.figures.periods,
        total=view.figures.total,
        groups=view.groups,
        group=group,
        members=view.members,
        near=MEMBERS,
        refused=request.refusal(view.refusal, names) if view.refusal else "",
        choices=_choices(request, days),
        span=urlencode({"from": days[0], "to": days[-1]}),
        midnight=forms.clock(day_start(days[-1])),
        insight=view.insight,
        best=None if view.insight is None else _best(view.insight),
        charts=charts,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if view.refusal else HTTPStatus.OK)


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
