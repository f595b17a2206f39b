"""The statistics of one's own mail."""

from functions.web.house import Asked
from functions.web.http import Answer
from ocello.services.stats import statistics


def show(asked: Asked) -> Answer:
    """Show sent, opened and clicked over days, drawn and as a table."""
    house = asked.house
    first, last = asked.request.asked("from") or None, asked.request.asked("to") or None
    found = statistics(asked.user, first, last, now=house.clock(), messages=house.days, kept=house.kept_days)
    most = max(1, *(figures.sent for _, figures in found.days))
    return asked.page("statistics.html", days=found.days, total=found.total, most=most)
