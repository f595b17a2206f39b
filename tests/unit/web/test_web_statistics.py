"""The statistics page: what it says, what it explains, and what it keeps from a lead."""

import re
from dataclasses import replace
from html import unescape

import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.domain.common.ids import uuid7
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient, Report
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import User
from ocello.services.sending.ports import StoredMessage
from ocello.services.statistics import insight
from tests.fakes.web import ADMIN, OTHER, REP

PAGE = "/app/statistics"


def mail(stage, owner=REP.id, *, opens=0, clicks=0, machines=0, tracked=True, url="https://example.com/a"):
    """Store a mail to one recipient, and what came of it, all at the present moment."""
    at, number = stage.clock.now, len(stage.messages.messages)
    sent = Message(
        uuid7(at, number.to_bytes(10)), owner, f"<{number}@x>", "c", Mailbox("a@x.test"), "S", at, tracked, tracked
    )
    opened, clicked = Summary(opens, machines, times=(at,) * opens), Summary(clicks, times=(at,) * clicks)
    recipients = (Recipient(0, Mailbox("buyer@customer.test"), "to", "sent"),)
    stored = StoredMessage(sent, recipients, Report((Link(0, url, "text"),)), None)
    stage.messages.create(stored, None)
    if opens or clicks or machines:
        found = Engagement(opened, clicked, {0: Actions(opened, clicked)}, {0: clicked})
        stage.messages.engagements[sent.id] = found


def row(*cells):
    first, *rest = cells
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)


def text(page):
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.text)))


def test_every_chart_has_a_name_a_description_and_a_table_behind_it(stage, rep):
    mail(stage, opens=2, clicks=1)
    page = rep.get(PAGE).text
    charts = re.findall(r'<svg class="chart" role="img" aria-labelledby="(\S+) (\S+)"', page)
    assert len(charts) == 3
    for title, says in charts:
        assert re.search(rf'<title id="{title}">\w', page)
        assert re.search(rf'<desc id="{says}">[^<]+ The table below has the same figures.', page)
    after = re.split(r'<svg class="chart"', page)[1:]
    assert all("<details><summary>" in each and "<table>" in each for each in after)


def test_days_that_are_none_are_refused_beside_the_usual_ones(rep):
    answer = rep.get(f"{PAGE}?from=nonsense")
    assert answer.status == 422
    assert 'name="to" value="2026-09-21"' in answer.text


def test_hours_links_and_the_rates_that_proxies_leave_open_are_told(stage, rep):
    mail(stage, opens=2, clicks=3)
    mail(stage, machines=1)
    stage.preferences.write(REP.id, Preferences(zone="Asia/Tokyo"))
    hour = (stage.clock.now // 3_600_000 + 9) % 24
    page = rep.get(PAGE)
    assert row(f"{hour:02d}:00", 2, 3) in page.text
    assert row("https://example.com/a", 3, 1) in page.text
    assert "Between 50% and 100% of the recipients opened." in text(page)
    assert "Recipients who opened 50–100%" in text(page)
    assert "Seen only by machines, or unclear 1 " in text(page)
    assert row("21 Sept 2026", 2, 1, 1, "50%", "100%") in page.text, "over time too"


def test_the_best_hours_are_said_in_words(stage, rep):
    stage.preferences.write(REP.id, Preferences(zone="Asia/Tokyo"))
    mail(stage, opens=4)
    assert "No hours stand out yet." in text(rep.get(PAGE))
    mail(stage, opens=2, clicks=1)
    hour = (stage.clock.now // 3_600_000 + 9) % 24
    page = rep.get(PAGE)
    assert f"Most opens: {hour:02d}:00–{(hour + 1) % 24:02d}:00 (100% of all)" in text(page)
    assert "Most clicks" not in text(page), "one click says nothing of an hour"
    assert '<td class="heat-4">6</td>' in page.text


def test_the_page_says_which_days_it_means(stage, rep):
    assert "Days and hours are those of UTC" in text(rep.get(PAGE))
    stage.preferences.write(REP.id, Preferences(zone="Europe/Rome"))
    assert "each begins at 02:00 in your time zone, Europe/Rome" in text(rep.get(PAGE))


@pytest.mark.parametrize(
    ("tracked", "words"),
    [
        (None, "You sent no mail in these days."),
        (False, "None of these mails was tracked"),
        (True, "Nothing was opened or clicked yet."),
    ],
)
def test_the_page_explains_why_there_is_nothing_to_draw(stage, rep, tracked, words):
    if tracked is not None:
        mail(stage, tracked=tracked)
    page = rep.get(PAGE)
    assert words in text(page)
    assert ('<svg class="chart"' in page.text) == (tracked is not None)


def test_spans_are_offered_and_long_ones_are_shown_by_the_week(stage, rep):
    mail(stage)
    page = rep.get(PAGE).text
    spans = re.findall(r'<a class="button" href="([^"]+)"([^>]*)>', page)
    assert [unescape(span) for span, _ in spans] == [
        f"{PAGE}?from=2026-09-15&to=2026-09-21",
        f"{PAGE}?from=2026-08-23&to=2026-09-21",
        f"{PAGE}?from=2026-06-24&to=2026-09-21",
        f"{PAGE}?from=2026-01-01&to=2026-09-21",
    ]
    assert ["aria-current" in more for _, more in spans] == [False, True, False, False]
    assert "Mails by the day they were sent" in page
    year = rep.get(unescape(spans[-1][0])).text
    assert "Mails by the week they were sent" in year
    assert row("21 Sept 2026", 1, 1, 0, 0) in year, "a week that has begun"
    assert row("14 Sept 2026 – 20 Sept 2026", 0, 0, 0, 0) in year


@pytest.fixture
def lead(stage):
    stage.users.update(replace(REP, given_groups=("sales",)))
    stage.users.update(replace(OTHER, given_groups=("leads", "sales")))
    return stage.browser(OTHER)


def test_a_leads_page_sums_up_the_group_and_nobody_elses_does(stage, rep, lead):
    mail(stage)
    assert rep.get(f"{PAGE}?group=sales").status == 404, "a member is no lead"
    page = lead.get(PAGE)
    assert "group=sales" in page.text
    assert "Sent 0 " in text(page)
    assert "Sent 1 " in text(lead.get(f"{PAGE}?group=sales"))
    assert lead.get(f"{PAGE}?group=board").status == 404


def test_of_one_members_mail_a_lead_is_told_counts_alone_and_why(stage, lead):
    mail(stage, opens=6, clicks=6)
    page = text(lead.get(f"{PAGE}?group=sales"))
    assert "Sent 1 " in page
    assert "once at least two members sent tracked mail" in page
    for word in ("example.com", "by hour", "Most opens", "recipients opened", REP.address, REP.name):
        assert word not in page, word


def test_of_two_members_mail_a_lead_is_told_hours_rates_and_the_links_of_both(stage, lead):
    mail(stage, opens=3, clicks=1)
    mail(stage, opens=3, clicks=5, url="https://example.com/rosas-own")
    mail(stage, OTHER.id, opens=1, clicks=2)
    page = lead.get(f"{PAGE}?group=sales")
    assert row("https://example.com/a", 3, 2) in page.text
    assert "Most opens" in text(page)
    assert "100% of the recipients opened." in text(page)
    assert "The sums of 2 members" in text(page)
    for word in ("rosas-own", REP.address, REP.name, "buyer@customer.test"):
        assert word not in page.text, word
    assert "rosas-own" in stage.browser(REP).get(PAGE).text


@pytest.mark.usefixtures("lead")
def test_an_administrator_finds_every_group_and_sees_what_its_lead_sees(stage):
    mail(stage, opens=1, clicks=1, url="https://example.com/rosas-own")
    mail(stage, OTHER.id, opens=1)
    admin = stage.browser(ADMIN)
    tabs = re.findall(r"group=(\w+)", admin.get(PAGE).text)
    assert tabs == ["admins", "sales"], "those that somebody is in"
    page = admin.get(f"{PAGE}?group=sales")
    assert "100% of the recipients opened." in text(page)
    assert "rosas-own" not in page.text


def test_the_page_says_where_it_looks_at_some_members_and_some_mails_only(stage):
    members = [User(uuid7(number, bytes(10)), f"a{number:02d}@x.test", given_groups=("crowd",)) for number in range(51)]
    for member in members:
        stage.users.create(member)
    page = f"{PAGE}?group=crowd"
    admin = stage.browser(ADMIN)
    for owner, mails in ((members[0].id, 1), (members[1].id, 20)):
        for _ in range(mails):
            mail(stage, owner)
    first = "looks at the first 50 members by address only"
    newest = "looks at the newest 20 tracked mails of each member only"
    assert first in text(admin.get(page))
    assert newest not in text(admin.get(page))
    mail(stage, members[1].id)
    assert newest in text(admin.get(page))


def test_hostile_addresses_of_links_and_names_of_groups_are_text(stage, rep):
    mail(stage, opens=1, clicks=1, url='https://x.test/"><script>alert(1)</script>')
    stage.users.update(replace(REP, given_groups=("leads", '"><script>alert(2)</script>')))
    assert "<script>alert" not in rep.get(PAGE).text
    assert "script%3E" in rep.get(PAGE).text


@pytest.mark.usefixtures("lead")
def test_a_teams_first_count_that_takes_too_long_is_put_off_and_what_was_counted_is_kept(stage):
    mail(stage, opens=1)
    day = "2026-09-21"
    stage.clock.pass_by(10 * 86_400)

    class Slow:
        def between(self, owner, first_ms, end_ms):
            stage.clock.pass_by(20)
            return stage.messages.between(owner, first_ms, end_ms)

    stage.handler = WebHandler(ROUTES, replace(stage.context, days=Slow()))
    page, lead = f"{PAGE}?group=sales&from={day}&to={day}", stage.browser(OTHER)
    assert lead.get(page).status == 503
    assert stage.context.kept_days.days, "of the first member"
    assert lead.get(page).status == 200


def test_above_what_is_looked_at_closely_the_page_says_one_thing(stage, rep, monkeypatch):
    """The newest mail was not opened, an earlier one was: the figures count both, what follows the newest alone."""
    monkeypatch.setattr(insight, "CLOSELY", 1)
    mail(stage, opens=2, clicks=1)
    stage.clock.now += 1_000
    mail(stage)
    page = rep.get(PAGE).text
    assert re.search(r"<dt>Opened</dt><dd>1", page)
    assert "Nothing was opened or clicked yet" not in page
    assert "No link was clicked." not in page
    assert "None of these newest mails was opened or clicked." in page
    assert "of the newest mails" in page
