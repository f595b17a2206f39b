"""Hours, links, and the floor and ceiling of the open rate: of one person, and of a team without showing whose."""

import pytest

from ocello.domain.common.ids import uuid7
from ocello.domain.engagement.insight import (
    Clicked,
    Hour,
    ReachBounds,
    Rhythm,
    WeekHour,
    busiest,
    most_clicked,
    reach_of,
    rhythm_of,
    undecided,
)
from ocello.domain.engagement.statistics import add, days_between, figures_of_one, periods
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.message import Link, Mailbox, Message
from ocello.domain.people.users import User
from ocello.domain.tracking.tokens import EVERYONE
from ocello.services.statistics.insight import MailInsight
from ocello.services.statistics.ports import TrackedSample

HOUR = 3_600_000
DAY = 24 * HOUR
READ = Actions(opens=Summary(1, 2))
CLICKED = Actions(opens=Summary(0, 1), clicks=Summary(1))
PROXIED = Actions(opens=Summary(0, 1))
UNCLEAR = Actions(opens=Summary(0, 0, 1))
SCANNED = Actions(clicks=Summary(0, 3))
SILENT = Actions()


@pytest.mark.parametrize(
    ("recipients", "reach", "floor", "ceiling"),
    [
        ([], ReachBounds(0, 0, 0), None, None),
        ([SILENT], ReachBounds(1, 0, 0), 0, 0),
        ([READ, SILENT], ReachBounds(2, 1, 0), 0.5, 0.5),
        ([READ, SILENT, PROXIED, UNCLEAR], ReachBounds(4, 1, 2), 0.25, 0.75),
        ([PROXIED], ReachBounds(1, 0, 1), 0, 1),
        ([CLICKED, SILENT], ReachBounds(2, 1, 0), 0.5, 0.5),
        ([SCANNED, READ], ReachBounds(2, 1, 0), 0.5, 0.5),
    ],
)
def test_recipients_seen_only_by_machines_count_in_the_ceiling_alone(recipients, reach, floor, ceiling):
    found = reach_of(recipients)
    assert found == reach
    assert (found.floor, found.ceiling) == (floor, ceiling)


@pytest.mark.parametrize(
    ("did", "opened", "clicked"),
    [
        (READ, (1, 1), (0, 0)),
        (CLICKED, (1, 1), (1, 1)),
        (PROXIED, (0, 1), (0, 0)),
        (UNCLEAR, (0, 1), (0, 0)),
        (Actions(clicks=Summary(0, 0, 1)), (0, 1), (0, 1)),
        (Actions(Summary(1), Summary(0, 0, 1)), (1, 1), (0, 1)),
        (SCANNED, (0, 0), (0, 0)),
        (SILENT, (0, 0), (0, 0)),
    ],
)
def test_a_mail_that_nobody_surely_opened_counts_in_the_ceiling_of_its_rate_alone(did, opened, clicked):
    figures = figures_of_one(opens=True, clicks=True, engagement=Engagement(did.opens, did.clicks, {0: did}))
    assert (figures.open_rate, figures.click_rate) == (opened, clicked)
    untracked = figures_of_one(opens=False, clicks=False, engagement=None)
    assert untracked.open_rate is None
    both = add(add(figures, untracked), figures_of_one(opens=True, clicks=True, engagement=None))
    assert both.open_rate == tuple(share / 2 for share in opened)


def test_a_rate_is_of_the_mails_of_which_that_is_tracked():
    clicked = Engagement(Summary(), Summary(1), {})
    figures = figures_of_one(opens=True, clicks=False, engagement=Engagement(Summary(1), Summary(), {}))
    figures = add(figures, figures_of_one(opens=True, clicks=False, engagement=None))
    figures = add(figures, figures_of_one(opens=False, clicks=True, engagement=clicked))
    figures = add(figures, figures_of_one(opens=False, clicks=False, engagement=None))
    assert (figures.sent, figures.tracked, figures.read, figures.clicked) == (4, 3, 2, 1)
    assert figures.open_rate == (0.5, 0.5)
    assert figures.click_rate == (1, 1)


def test_what_a_machine_did_with_a_mail_whose_opens_are_not_tracked_is_in_no_rate_of_opens():
    unclear = Engagement(Summary(), Summary(0, 0, 1), {})
    figures = add(
        figures_of_one(opens=True, clicks=True, engagement=None),
        figures_of_one(opens=False, clicks=True, engagement=unclear),
    )
    assert figures.open_rate == (0, 0)
    assert figures.click_rate == (0, 0.5)


@pytest.mark.parametrize("read", range(5))
@pytest.mark.parametrize("hidden", range(5))
def test_the_floor_is_never_above_the_ceiling(read, hidden):
    reach = ReachBounds(9, read, hidden)
    assert reach.floor <= reach.ceiling


def moment_at(at):
    """Two hours east of UTC, on a Thursday: 1 January 1970."""
    local = at + 2 * HOUR
    return WeekHour((local // DAY + 3) % 7, local // HOUR % 24)


def test_hours_and_weekdays_are_those_of_the_zone_asked_in():
    opens = Summary(3, times=(0, HOUR - 1, 23 * HOUR))
    found = rhythm_of([Engagement(opens, Summary(1, times=(HOUR,)))] * 2, moment_at)
    assert [each for each in found.hours if each.opens or each.clicks] == [Hour(1, 2, 0), Hour(2, 4, 0), Hour(3, 0, 2)]
    assert len(found.hours) == 24
    assert {(day, block): n for day, row in enumerate(found.week) for block, n in enumerate(row) if n} == {
        (3, 0): 4,  # Thursday, 02:00 twice
        (4, 0): 2,  # 23:00 UTC is Friday there
    }
    assert [len(row) for row in Rhythm({}, {}).week] == [8] * 7


def hours(**counts):
    return [counts.get(f"h{hour:02d}", 0) for hour in range(24)]


@pytest.mark.parametrize(
    ("counts", "stretch"),
    [
        (hours(), None),
        (hours(h09=4), None),
        (hours(h09=5), (9, 10, 1)),
        (hours(h09=10, h10=8, h11=7, h15=5), (9, 11, 0.6)),
        (hours(h08=6, h09=8, h10=6), (8, 11, 1)),
        (hours(h23=8, h00=8), (23, 1, 1)),
        (hours(h23=8), (23, 0, 1)),
        (hours(h03=5, h14=5), (3, 4, 0.5)),
        ([3] * 24, None),
        (hours(h08=4, h09=4, h10=4, h11=4, h12=4, h13=4), (8, 14, 1)),
        (hours(h08=4, h09=4, h10=4, h11=4, h12=4, h13=4, h14=4), None),
    ],
)
def test_the_best_hours_are_the_busiest_with_those_beside_it_that_are_nearly_as_busy(counts, stretch):
    found = busiest(counts)
    assert (found and tuple(found)) == (stretch and (*stretch[:2], pytest.approx(stretch[2])))


def test_links_are_added_up_by_address_and_the_most_clicked_come_first():
    a, again, b, never = (Link(i, url, "") for i, url in enumerate(["a", "a", "b", "never"]))
    one = ("rita", [a, again, b, never], Engagement(links={0: Summary(1), 1: Summary(2), 2: Summary(1)}))
    two = ("otto", [Link(0, "b", "")], Engagement(links={0: Summary(4, 9)}))
    assert most_clicked([one, two], 5) == (Clicked("b", 5, 2), Clicked("a", 3, 1))
    assert most_clicked([one, two], 1) == (Clicked("b", 5, 2),)
    assert most_clicked([one, two], 5, owners=2) == (Clicked("b", 5, 2),)
    assert most_clicked([two, two], 5, owners=2) == (), "twice of one person is of one person"


@pytest.mark.parametrize(
    ("given", "seen", "wanted"),
    [
        ({}, {}, (0, 1, 2)),
        ({}, {1: READ}, (0, 2)),
        ({}, {EVERYONE: READ}, ()),
        ({"by_caller": True}, {}, ()),
        ({"track_opens": False}, {}, ()),
    ],
)
def test_the_state_of_a_copy_is_asked_for_only_where_it_decides(given, seen, wanted):
    assert undecided(message("rita", 0, **given), Engagement(recipients=seen), 3) == wanted


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2026-01-01", "2026-01-02", [("2026-01-01",), ("2026-01-02",)]),
        ("2026-01-01", "2026-02-14", 45),
        ("2026-01-01", "2026-02-15", 7),
        ("2025-12-29", "2026-12-27", 52),  # Mondays to Sundays
        ("2024-01-01", "2024-12-31", 53),
    ],
)
def test_many_days_are_shown_by_the_week_and_no_day_is_lost(first, last, shown):
    days = days_between(first, last, 0)
    found = periods(days)
    assert tuple(day for period in found for day in period) == days
    assert (len(found) if isinstance(shown, int) else list(found)) == shown
    assert all(len(period) <= 7 for period in found)


TODAY = 1_790_000_000_000 // DAY * DAY  # a midnight
DAYS = days_between(None, None, TODAY)
RITA, OTTO, ADA = (User(name, f"{name}@example.test") for name in ("rita", "otto", "ada"))


def message(owner, number, day=0, *, track_opens=True, by_caller=False):
    at = TODAY - day * DAY + number
    identifier = uuid7(at, f"{owner}{number:05d}".rjust(10).encode())
    sender = Mailbox(f"{owner}@example.test")
    return Message(
        identifier, owner, f"<{identifier}>", "c", sender, "S", at, track_opens, True, by_caller=by_caller
    )  # fmt: skip


def look(owner, number=0, day=0, *, opened=1, url="https://example.com/", left=frozenset({0}), **given):
    """A mail to one recipient, who opened it and clicked."""
    sent = message(owner, number, day, **given)
    times = (sent.created_at,) * opened
    seen = {0: Actions(Summary(opened, times=times))} if opened else {}
    engagement = Engagement(Summary(opened, times=times), Summary(), seen, {0: Summary(opened)})
    return TrackedSample(sent, engagement, 1, left, (Link(0, url, ""),))


class Looks:
    """TrackedSamples of a list."""

    def __init__(self, *samples):
        self.samples, self.request = samples, []

    def newest(self, owners, first_ms, end_ms, limit):
        self.request.append((list(owners), limit))
        newest = sorted(self.samples, key=lambda each: each.message.id, reverse=True)
        return [
            each
            for owner in owners
            for each in [one for one in newest if one.message.owner == owner][:limit]
            if first_ms <= each.message.created_at < end_ms
        ]


def own(*samples):
    return MailInsight(Looks(*samples)).of_owner("rita", DAYS, moment_at)


def team(*samples, members=(RITA, OTTO, ADA)):
    return MailInsight(Looks(*samples)).of_team(members, DAYS, moment_at)


def test_ones_own_insight_tells_everything_of_one_person():
    found = own(look("rita", 1, url="a"), look("rita", 2, day=3, opened=0), look("otto", 3))
    assert (found.reach, found.links, found.complete) == (ReachBounds(2, 1, 0), (Clicked("a", 1, 1),), True)
    told = {period.days[0]: period.reach for period in found.periods if period.reach}
    assert told == {DAYS[-1]: ReachBounds(1, 1, 0), DAYS[-4]: ReachBounds(1, 0, 0)}
    assert len(found.periods) == len(DAYS)


def test_whose_copy_never_left_counts_only_if_it_was_seen():
    bounced, seen = look("rita", 1, opened=0, left=frozenset()), look("rita", 2, left=frozenset())
    by_caller = look("rita", 3, opened=0, left=frozenset(), by_caller=True)
    assert own(bounced).reach is None
    assert own(bounced, seen, by_caller).reach == ReachBounds(2, 1, 0)


def test_of_very_many_mails_the_newest_are_looked_at_and_it_is_said():
    samples = [look("rita", number) for number in range(301)]
    assert (own(*samples).reach.all, own(*samples).complete) == (300, False)
    assert (own(*samples[:300]).reach.all, own(*samples[:300]).complete) == (300, True)


@pytest.mark.parametrize(
    ("senders", "told"), [([], False), (["rita"], False), (["rita"] * 5, False), (["rita", "otto"], True)]
)
def test_a_team_is_told_of_only_where_two_members_sent(senders, told):
    assert (team(*(look(owner, number) for number, owner in enumerate(senders))) is not None) == told


def test_a_teams_links_and_days_are_those_of_two_members_at_least():
    found = team(
        look("rita", 1, url="shared"),
        look("otto", 2, url="shared"),
        look("ada", 3, url="only Ada's"),
        look("ada", 4, url="only Ada's", day=2),
    )
    assert found.links == (Clicked("shared", 2, 2),)
    assert [period.days for period in found.periods if period.reach] == [(DAYS[-1],)]
    assert found.reach == ReachBounds(4, 4, 0)


def test_a_teams_rate_is_not_that_of_the_one_member_who_tracks_opens():
    found = team(look("rita", 1), look("otto", 2, track_opens=False))
    assert found.reach is None


def test_a_mail_of_no_member_is_not_in_a_teams_sums():
    found = team(look("rita", 1), look("otto", 2), look("ada", 3), members=(RITA, OTTO))
    assert found.reach == ReachBounds(2, 2, 0)


@pytest.mark.parametrize(("members", "most"), [(2, 300), (5, 200), (20, 50), (50, 20), (80, 20)])
def test_a_teams_members_share_the_mails_that_are_looked_at(members, most):
    team_of = [User(f"u{number:02d}", "") for number in range(members)]
    samples = Looks(look("u00", 1), look("u01", 2), *(look("u00", number) for number in range(3, 3 + most)))
    found = MailInsight(samples).of_team(team_of, DAYS, moment_at)
    assert samples.request == [([user.id for user in team_of[:50]], most + 1)]
    assert (found.most, found.complete, found.reach.all) == (most, False, most + 1)
