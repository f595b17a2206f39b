"""Hours, links, and the floor and ceiling of the open rate."""

import pytest

from ocello.domain.engagement import Actions, Engagement, Summary
from ocello.domain.messages import Link
from ocello.domain.stats import Clicked, Reach, hours_of, most_clicked, reach_of

HOUR = 3_600_000
READ = Actions(opens=Summary(1, 2))
CLICKED = Actions(opens=Summary(0, 1), clicks=Summary(1))
PROXIED = Actions(opens=Summary(0, 1))
UNCLEAR = Actions(opens=Summary(0, 0, 1))
SCANNED = Actions(clicks=Summary(0, 3))
SILENT = Actions()


@pytest.mark.parametrize(
    ("recipients", "reach", "floor", "ceiling"),
    [
        ([], Reach(0, 0, 0), None, None),
        ([SILENT], Reach(1, 0, 0), 0, 0),
        ([READ, SILENT], Reach(2, 1, 0), 0.5, 0.5),
        ([READ, SILENT, PROXIED, UNCLEAR], Reach(4, 1, 2), 0.25, 0.75),
        ([PROXIED], Reach(1, 0, 1), 0, 1),
        ([CLICKED, SILENT], Reach(2, 1, 0), 0.5, 0.5),
        ([SCANNED, READ], Reach(2, 1, 0), 0.5, 0.5),
    ],
)
def test_recipients_seen_only_by_machines_count_in_the_ceiling_alone(recipients, reach, floor, ceiling):
    found = reach_of(recipients)
    assert found == reach
    assert (found.floor, found.ceiling) == (floor, ceiling)


@pytest.mark.parametrize("read", range(5))
@pytest.mark.parametrize("hidden", range(5))
def test_the_floor_is_never_above_the_ceiling(read, hidden):
    reach = Reach(9, read, hidden)
    assert reach.floor <= reach.ceiling


def test_hours_are_those_of_the_zone_asked_in():
    opens = Summary(3, times=(0, HOUR - 1, 23 * HOUR))
    found = hours_of([Engagement(opens, Summary(1, times=(HOUR,)))] * 2, lambda at: (at // HOUR + 2) % 24)
    assert [each for each in found if each.opens or each.clicks] == [(1, 2, 0), (2, 4, 0), (3, 0, 2)]
    assert len(found) == 24


def test_links_are_added_up_by_address_and_the_most_clicked_come_first():
    a, again, b, never = (Link(i, url, "") for i, url in enumerate(["a", "a", "b", "never"]))
    one = ([a, again, b, never], Engagement(links={0: Summary(1), 1: Summary(2), 2: Summary(1)}))
    two = ([Link(0, "b", "")], Engagement(links={0: Summary(4, 9)}))
    assert most_clicked([one, two], 5) == (Clicked("b", 5, 2), Clicked("a", 3, 1))
    assert most_clicked([one, two], 1) == (Clicked("b", 5, 2),)
