"""The statistics of one's own mail, and for leads and administrators those of a group."""

from http import HTTPStatus

from functions.web import language
from functions.web.house import Asked
from functions.web.http import Answer
from ocello.domain import visibility
from ocello.domain.errors import Invalid
from ocello.services.stats import CLOSELY, Insight, Statistics, insight, statistics, team_statistics


def show(asked: Asked) -> Answer:
    """Show sent, opened and clicked over days, drawn and as a table; of one's own mail also hours, links and rates."""
    user = asked.visit.user
    groups = [name for name in user.all_groups if name != visibility.LEADS and visibility.sees_totals(user, name)]
    refused = ""
    try:
        found = _figures(asked, asked.request.asked("from") or None, asked.request.asked("to") or None)
    except Invalid as error:
        names = {"from": asked.say("From day"), "to": asked.say("To day")}
        refused, found = asked.refusal(error, names), _figures(asked, None, None)
    body = asked.part(
        "statistics.html",
        days=found.days,
        total=found.total,
        most=max(1, *(figures.sent for _, figures in found.days)),
        groups=groups,
        group=asked.request.asked("group"),
        refused=refused,
        insight=None if asked.request.asked("group") else _insight(asked, found),
        closely=CLOSELY,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)


def _insight(asked: Asked, found: Statistics) -> Insight:
    forms = language.Forms(asked.lang, asked.preferences.zone, asked.house.clock())
    first, last = found.days[0][0], found.days[-1][0]
    return insight(asked.user, first, last, hour_at=lambda at: forms.local(at).hour, messages=asked.house.days)


def _figures(asked: Asked, first: str | None, last: str | None) -> Statistics:
    house, group = asked.house, asked.request.asked("group")
    now = house.clock()
    if not group:
        return statistics(asked.user, first, last, now=now, messages=house.days, kept=house.kept_days)
    return team_statistics(
        asked.visit.user, group, first, last, now=now, users=house.users, messages=house.days, kept=house.kept_days
    )
