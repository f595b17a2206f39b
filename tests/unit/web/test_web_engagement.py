"""How pages show what is not sure: machines' hits, unclear ones, inferred opens, rates with a floor and a ceiling."""

from dataclasses import replace

import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.domain.engagement.summary import Actions, Summary
from ocello.domain.people.preferences import Preferences
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.networks import NetworkClass
from tests.fakes.engagement.settling import a_hit
from tests.fakes.tracked_mail import add_deal, send_tracked, words_of
from tests.fakes.web import REP, Stage

ONE, MACHINE, UNCLEAR, NOTHING = Summary(1, times=(1,)), Summary(0, 2), Summary(0, 0, 1), Summary()
SEEN = {
    "opened": Actions(ONE),
    "clicked": Actions(NOTHING, ONE),
    "scanned": Actions(NOTHING, MACHINE),
    "relayed": Actions(MACHINE),
    "unclear": Actions(MACHINE, UNCLEAR),
    "spread": Actions(ONE, spread=True),
    "silent": Actions(),
}


@pytest.fixture
def stage():
    made = Stage()
    add_deal(made)
    return made


@pytest.fixture
def rep(stage):
    return stage.browser(REP)


def mail(stage, *did):
    """Send a mail to one recipient for each thing done, named after it. Return its id."""
    return send_tracked(stage, {name: SEEN[name] for name in did})


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [
        ("en", "scanned", "Seen only by machines"),
        ("en", "relayed", "Seen only by machines"),
        ("en", "unclear", "Perhaps read"),
        ("en", "clicked", "opened (inferred): a link was clicked"),
        ("en", "spread", "Read in several places, perhaps forwarded."),
        ("en", "silent", "Nothing seen yet"),
        ("it", "scanned", "Visto solo da macchine"),
        ("it", "unclear", "Forse letto"),
        ("it", "clicked", "aperto (dedotto): un link è stato cliccato"),
    ],
)
def test_a_recipient_is_shown_as_seen_by_machines_perhaps_or_inferred(stage, rep, language, name, words):
    stage.preferences.write(REP.id, Preferences(language=language))
    shown = words_of(rep.get(f"/app/conversations/{mail(stage, name)}").text)
    assert words in shown
    if name != "silent":
        assert "Nothing seen" not in shown
        assert "Ancora nulla" not in shown


def test_the_times_behind_the_marks_say_it_too(stage, rep):
    bubble = rep.get(f"/app/messages/{mail(stage, 'relayed', 'unclear', 'clicked', 'spread')}/times").text
    assert bubble.startswith('<div class="bubble" tabindex="0"'), "a long one is scrolled by keyboard too"
    lines = [words_of(each) for each in bubble.split("<dt")[1:]]
    assert any("relayed@" in line and "only by machines: 2 " in line and "never" in line for line in lines)
    assert any("unclear@" in line and "perhaps" in line for line in lines)
    assert any("clicked@" in line and "opened (inferred)" in line and "never" not in line for line in lines)
    assert any("spread@" in line and "several places" in line for line in lines)


def test_of_several_recipients_it_is_said_how_many_perhaps_and_how_many_only_machines(stage, rep):
    page = words_of(
        rep.get(f"/app/conversations/{mail(stage, 'opened', 'relayed', 'scanned', 'unclear', 'silent')}").text
    )
    assert "1 of 5 opened · 0 of 5 clicked" in page
    assert "1 more perhaps" in page
    assert "2 seen only by machines" in page


def test_the_eye_is_half_full_where_a_click_alone_tells_of_an_open(stage, rep):
    mail(stage, "clicked")
    page = rep.get("/app").text
    assert page.count("seen half") == 1
    assert page.count("on click") == 1
    assert "opened (inferred): a link was clicked" in words_of(page)
    assert "seen half" not in rep.get("/app?show=unopened").text, "it is not on the list of what was not opened"


@pytest.mark.parametrize("address", ["/app/statistics", "/app/items/deal/42"])
def test_rates_of_mails_have_a_floor_and_a_ceiling(stage, rep, address):
    for name in ("opened", "clicked", "relayed", "unclear", "silent"):
        mail(stage, name)
    page = words_of(rep.get(address).text)
    assert "Opened 2 40–80% of the tracked 1 of them inferred from a click" in page
    assert "Clicked 1 20–40% of the tracked" in page


def test_a_rate_of_which_all_is_sure_is_one_number(stage, rep):
    mail(stage, "opened")
    mail(stage, "scanned")
    assert "Opened 1 50% of the tracked Clicked 0 0% of the tracked" in words_of(rep.get("/app/items/deal/42").text)


@pytest.mark.parametrize(("network", "linked"), [(NetworkClass.HOSTING, True), (NetworkClass.UNKNOWN, False)])
def test_where_reasons_name_a_network_the_page_links_to_the_source_of_its_data(stage, rep, network, linked):
    message = mail(stage, "silent")
    stage.hits.hits = [
        a_hit(n * 250, f"r{n}", "click", link=n, message=message, agent="Mozilla/5.0 Firefox/140.0") for n in range(4)
    ]
    context = replace(stage.context, judging=Context(class_of=lambda _: network))
    stage.handler = WebHandler(ROUTES, context)
    page = rep.get(f"/app/messages/{message}/hits").text
    assert ('<a href="https://db-ip.com"' in page) == linked
    assert "4 links in 0.8 s from one address" in words_of(page)
    assert ("from a hosting network" in words_of(page)) == linked
