"""The page of pools: weeks that are over, counts that tell of nobody, in both languages."""

import re
from html import unescape

import pytest

from ocello.domain.people.preferences import Preferences
from ocello.domain.tracking.loads import Load
from ocello.domain.tracking.pools import pool_of, week_of
from tests.fakes.web import ADMIN, REP, Stage
from tests.fakes.world import KEYRING

WEEK_MS = 7 * 86_400_000


@pytest.fixture
def stage():
    made = Stage()
    for weeks, people in ((0, 40), (1, 25), (2, 19), (3, 30)):
        pool = pool_of(KEYRING, made.clock.now - weeks * WEEK_MS)
        for number in range(people):
            made.pools.add_recipient(pool, str(number))
        made.pools.counters[Load(pool.id, "2000-01-01", "open", "person")] = 1000 + weeks
        made.pools.counters[Load(pool.id, "2000-01-01", "open", "machine")] = 4
    return made


def rows(page):
    """Return the rows of the page's table, without tags."""
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", row))).split() for row in body.split("<tr>")[1:]]


@pytest.mark.parametrize("user", [REP, ADMIN], ids=["a representative", "an administrator"])
def test_closed_weeks_of_twenty_people_and_more_are_shown_to_everybody(stage, user):
    page = stage.browser(user).get("/app/statistics/pools").text
    weeks = [week_of(stage.clock.now - ago * WEEK_MS) for ago in (1, 3)]
    assert rows(page) == [[weeks[0], "25", "1,001", "<5", "<5"], [weeks[1], "30", "1,003", "<5", "<5"]]
    assert "loads, not people" in page


def test_it_is_said_in_italian_too(stage):
    stage.preferences.write(REP.id, Preferences(language="it"))
    page = stage.browser(REP).get("/app/statistics/pools").text
    assert "Contato senza sapere da chi" in page
    assert "caricamenti, non persone" in page
    assert rows(page)[0][2] == "1.001"


def test_earlier_weeks_are_a_page_of_their_own_and_a_word_that_is_no_week_is_refused(stage):
    rep = stage.browser(REP)
    first = rep.get("/app/statistics/pools").text
    (before,) = re.findall(r"pools\?cursor=([0-9W-]+)", first)
    assert rows(rep.get(f"/app/statistics/pools?cursor={before}").text) == []
    assert rep.get("/app/statistics/pools?cursor=x").status == 422


def test_where_there_is_nothing_the_page_says_so():
    assert "Nothing to show yet." in Stage().browser(REP).get("/app/statistics/pools").text
