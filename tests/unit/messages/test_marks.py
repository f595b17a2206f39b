"""What marks show: the state of mails and recipients, and what happened last."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.alerts import HOLD_MS
from ocello.domain.messages.marks import Activity, last_activity, last_of, state_of, state_of_all, waiting_for

NOW = 1_764_000_000_000
NOTHING = Summary()


def counted(*times):
    return Summary(len(times), 0, 0, min(times), max(times), tuple(sorted(times)))


def mail(opens=NOTHING, clicks=NOTHING, uncounted=(), **people):
    recipients = {int(name[1:]): actions for name, actions in people.items()} or {0: Actions(opens, clicks)}
    return Engagement(opens, clicks, recipients, uncounted=frozenset(uncounted))


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        (Actions(), "unopened"),
        (Actions(counted(NOW)), "opened"),
        (Actions(counted(NOW), counted(NOW)), "clicked"),
        (Actions(NOTHING, counted(NOW)), "clicked"),
        (Actions(Summary(machine=2)), "machine"),
        (Actions(NOTHING, Summary(machine=1)), "machine"),
        (Actions(Summary(machine=1, unknown=1)), "unclear"),
    ],
)
def test_what_counts_is_shown_before_what_does_not(actions, state):
    assert state_of(actions) == state


def test_a_hit_that_does_not_count_yet_is_waited_for_until_its_hold_is_over():
    opened = mail(Summary(machine=1), uncounted=[(NOW, "o0")])
    assert state_of_all([opened], NOW + HOLD_MS["open"] - 1) == "waiting"
    assert state_of_all([opened], NOW + HOLD_MS["open"]) == "machine"
    clicked = mail(clicks=Summary(unknown=1), uncounted=[(NOW, "c0.3")])
    assert state_of_all([clicked], NOW + HOLD_MS["click"] - 1) == "waiting"
    assert state_of_all([clicked], NOW + HOLD_MS["click"]) == "unclear"


def test_nobody_waits_where_something_counts():
    assert state_of_all([mail(counted(NOW), uncounted=[(NOW, "o0")])], NOW) == "opened"


def test_those_are_named_of_whom_a_hit_is_waited_for():
    found = mail(uncounted=[(NOW, "o2"), (NOW - 20_000, "c3.0"), (NOW, "c12.1"), (NOW - 80_000, "o4")])
    assert waiting_for(found, NOW) == {2, 12, 4}


def test_of_several_mails_the_strongest_state_is_shown():
    machine, opened, nothing = mail(Summary(machine=1)), mail(counted(NOW)), mail()
    assert state_of_all([nothing, machine, opened], NOW) == "opened"
    assert state_of_all([nothing, machine], NOW) == "machine"
    assert state_of_all([nothing], NOW) == "unopened"
    assert state_of_all([], NOW) == "unopened"


def test_the_last_activity_is_the_newest_open_or_click_that_counts():
    assert last_activity([]) is None
    assert last_activity([mail(Summary(machine=3))]) is None
    assert last_activity([mail(counted(5, 9)), mail(counted(7))]) == Activity("open", 9)
    assert last_activity([mail(counted(5), counted(9))]) == Activity("click", 9)
    assert last_activity([mail(counted(9), counted(9))]) == Activity("click", 9), "a click tells of its open"


def test_a_count_whose_dates_are_not_kept_says_nothing_of_when():
    assert last_activity([mail(Summary(3))]) is None
    assert last_of(Actions(Summary(3))) is None


def test_who_reads_again_after_two_weeks_reads_it_anew():
    then = NOW - 23 * DAY_MS
    assert last_activity([mail(counted(then, NOW))]) == Activity("open", NOW, 23 * DAY_MS)
    assert last_activity([mail(counted(NOW - 14 * DAY_MS, NOW))]).after == 14 * DAY_MS
    assert last_activity([mail(counted(NOW - 14 * DAY_MS + 1, NOW))]).after == 0
    assert last_activity([mail(counted(then, NOW - 3_600_000, NOW))]).after == 0


def test_the_pause_is_between_the_acts_of_one_recipient():
    then = NOW - 23 * DAY_MS
    found = mail(counted(then, NOW), _0=Actions(counted(then)), _1=Actions(counted(NOW)))
    assert last_activity([found]) == Activity("open", NOW)
    clicked = mail(counted(NOW), counted(then), _0=Actions(counted(NOW), counted(then)))
    assert last_activity([clicked]) == Activity("open", NOW, 23 * DAY_MS), "the click was an act of theirs too"


@given(st.lists(st.builds(counted, st.integers(0, NOW), st.integers(0, NOW)), max_size=4), st.randoms())
def test_it_matters_not_in_which_order_mails_are_looked_at(opens, random):
    mails = [replace(mail(each), rules=place) for place, each in enumerate(opens)]
    shuffled = random.sample(mails, len(mails))
    assert state_of_all(shuffled, NOW) == state_of_all(mails, NOW)
    found, again = last_activity(mails), last_activity(shuffled)
    assert (found and found[:2]) == (again and again[:2])
