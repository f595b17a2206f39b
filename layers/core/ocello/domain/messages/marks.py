"""What the marks of a mail, a conversation or a recipient show: the state of its opens and clicks, and what happened last."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement.counters import HitKind
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.alerts import HOLD_MS

State = Literal["unopened", "waiting", "machine", "unclear", "opened", "clicked"]
_ORDER: Sequence[State] = ("clicked", "opened", "waiting", "unclear", "machine")
AGAIN_MS = 14 * DAY_MS  # a recipient who reads a mail again after so long reads it anew


class Activity(NamedTuple):
    """The newest open or click that counts; `after` is the pause of its recipient before it, where that was AGAIN_MS or more."""

    kind: HitKind
    at: int  # ms
    after: int = 0  # ms


def state_of(actions: Actions, *, waiting: bool = False) -> State:
    """Return what is known of a mail or a recipient: what counts first, then what may still count, then what does not."""
    if actions.clicks.count:
        return "clicked"
    if actions.opens.count:
        return "opened"
    if waiting:
        return "waiting"
    if actions.unclear:
        return "unclear"
    return "machine" if actions.by_machines else "unopened"


def state_of_all(found: Iterable[Engagement], now: int) -> State:
    """Return the state of several mails together."""
    return strongest(state_of(each.whole, waiting=bool(waiting_for(each, now))) for each in found)


def strongest(states: Iterable[State]) -> State:
    """Return the first state that is there, in the order of `state_of`; without any, `unopened`."""
    there = set(states)
    return next((state for state in _ORDER if state in there), "unopened")


def waiting_for(engagement: Engagement, now: int) -> frozenset[int]:
    """Return the recipients of whom a hit is known that does not count, and that may count until its hold is over."""
    return frozenset(
        int(mark[1:].partition(".")[0])
        for at, mark in engagement.uncounted
        if now < at + HOLD_MS["open" if mark.startswith("o") else "click"]
    )


def last_activity(found: Iterable[Engagement]) -> Activity | None:
    """Return the newest open or click of several mails; of both at one time, the click. None where nothing counts."""
    known = list(found)
    last: Activity | None = None
    for each in known:
        for activity in (_newest(each, "open"), _newest(each, "click")):
            if activity is not None and (last is None or activity.at >= last.at):
                last = activity
    return last


def last_of(actions: Actions) -> Activity | None:
    """Return the newest open or click of one recipient; of both at one time, the click. None where nothing counts."""
    kinds: tuple[tuple[HitKind, Summary], ...] = (("open", actions.opens), ("click", actions.clicks))
    found = [
        Activity(kind, summary.last, _pause(actions, summary.last))
        for kind, summary in kinds
        if summary.count and summary.last is not None
    ]
    return max(found, key=lambda each: (each.at, each.kind == "click"), default=None)


def _newest(engagement: Engagement, kind: HitKind) -> Activity | None:
    summary = engagement.message_opens if kind == "open" else engagement.message_clicks
    if not summary.count or summary.last is None:
        return None
    pauses = (
        activity.after
        for each in engagement.recipients.values()
        if (activity := last_of(each)) and activity.at == summary.last
    )
    return Activity(kind, summary.last, max(pauses, default=0))


def _pause(actions: Actions, at: int) -> int:
    """Return how long before `at` a recipient did something, in ms; 0 where that is less than AGAIN_MS, or not known."""
    before = max((each for each in (*actions.opens.times, *actions.clicks.times) if each < at), default=at)
    return at - before if at - before >= AGAIN_MS else 0
