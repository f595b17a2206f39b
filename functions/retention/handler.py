"""Answers the schedule's event: goes on with the day's work, and says in one line how far it has come."""

from collections.abc import Callable

from ocello.adapters.metrics import Figure, write_line
from ocello.services.retention.retention import Retention


def answer(retention: Retention, left: Callable[[], int]) -> None:
    """Go on while there are milliseconds `left`. Raises Unavailable, for which an alarm rings; the next call goes on."""
    run = retention.go_on(left)
    now = retention.clock()
    write_line(
        "retention",
        now,
        {"RetentionBehind": Figure(0 if run.stage == "done" else (now - run.began) // 3_600_000)},
        stage=run.stage,
        began=run.began,
        **{f"deleted_{name}": number for name, number in run.deleted._asdict().items()},
    )
