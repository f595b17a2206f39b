"""What was counted without knowing by whom, week by week, for everybody: it tells of no mail and no reader."""

import re

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common.errors import Invalid
from ocello.services.statistics.pools import LEAST_COUNT, LEAST_RECIPIENTS

_WEEK = re.compile(r"\d{4}-W\d{2}", re.ASCII)


def show(request: PageRequest) -> Answer:
    """Show the pools of some closed weeks, newest first."""
    before = request.http.argument("cursor") or None
    if before is not None and not _WEEK.fullmatch(before):
        raise Invalid("cursor", "must be a week, such as 2026-W48")
    page = request.context.pool_figures.page(before)
    return request.page(
        "statistics/pools.html", pools=page.pools, before=page.before, people=LEAST_RECIPIENTS, least=LEAST_COUNT
    )
