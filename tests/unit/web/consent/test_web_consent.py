"""What is not tracked is shown as not tracked, and why: never as not opened, by no eye, and in no rate."""

import re
from html import unescape

import pytest

from ocello.domain.consent.rules import RULES_NAMES
from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Summary
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from tests.fakes.tracked_mail import add_deal, send_tracked, words_of
from tests.fakes.web import REP, Stage

ONE = Summary(1, times=(1,))
FORM = {
    "version": "0",
    "subject": "Offer",
    "html": '<p><a href="https://example.com/x">x</a></p>',
    "opens": "on",
    "clicks": "on",
}
NO_RULES = "No rules of consent hold here"


@pytest.fixture
def stage():
    made = Stage()
    made.under("eu-strict")
    add_deal(made)
    made.say("both@customer.test", "granted", "granted")
    made.say("opens@customer.test", "granted", "unknown")
    made.say("links@customer.test", "unknown", "granted")
    made.say("refused@customer.test", "refused", "refused")
    return made


@pytest.fixture
def rep(stage):
    return stage.browser(REP)


def mail(stage, *names, **acts):
    """Send a mail to people of these names; `acts` is what some did. Return its id."""
    return send_tracked(stage, {name: acts.get(name, Actions()) for name in names})


def row_of(page, name):
    """Return what the row of a recipient says."""
    rows = (row.split("</li>")[0] for row in page.split('<li class="recipient">')[1:])
    return next(words_of(row) for row in rows if f"{name}@customer.test" in row)


PEOPLE = ("conversation", "times")  # the pages that show a mail's people one by one


def pages_of(rep, message):
    return {
        "inbox": rep.get("/app").text,
        "conversation": rep.get(f"/app/conversations/{message}").text,
        "item": rep.get("/app/items/deal/42").text,
        "times": rep.get(f"/app/messages/{message}/times").text,
    }


def test_a_mail_of_which_nothing_is_tracked_has_no_eye_on_any_page_and_says_why_where_its_people_are(stage, rep):
    for name, page in pages_of(rep, mail(stage, "unknown", "else")).items():
        assert ("not tracked: no consent" in words_of(page)) == (name in PEOPLE), name
        assert 'class="g ' not in page, name
        for word in ("Nothing seen", "never", " of 2 opened", "0 opens"):
            assert word not in words_of(page).replace("never tracked", ""), name


def test_it_is_said_in_italian(stage, rep):
    stage.preferences.write(REP.id, Preferences(language="it"))
    pages = pages_of(rep, mail(stage, "unknown"))
    for name in PEOPLE:
        assert "non tracciato: nessun consenso" in words_of(pages[name]), name


def test_each_recipient_has_the_reason_of_their_own(stage, rep):
    page = rep.get(f"/app/conversations/{mail(stage, 'unknown', 'refused')}").text
    assert "not tracked: no consent" in row_of(page, "unknown")
    assert "not tracked: consent refused" in row_of(page, "refused")


def test_an_untracked_mail_is_on_no_list_of_tracked_or_unopened_ones(stage, rep):
    mail(stage, "unknown")
    for name in ("tracked", "unopened"):
        assert "No mail is on this list." in rep.get(f"/app?show={name}").text


def test_of_a_mixed_mail_those_count_who_are_tracked_and_the_others_are_told(stage, rep):
    message = mail(stage, "both", "unknown", "refused", both=Actions(ONE))
    page = rep.get(f"/app/conversations/{message}").text
    assert "not tracked: consent refused" in row_of(page, "refused")
    assert "not tracked" not in row_of(page, "both")
    assert "Nothing seen" not in row_of(page, "unknown")
    other = mail(stage, "both", "opens", "unknown")
    page = words_of(rep.get(f"/app/conversations/{other}").text)
    assert "0 of 2 opened · 0 of 1 clicked" in page
    assert "1 not tracked" in page
    times = words_of(rep.get(f"/app/messages/{other}/times").text)
    assert "unknown@customer.test not tracked: no consent" in times


def test_of_many_recipients_those_who_are_not_tracked_are_not_said_to_have_done_nothing(stage, rep):
    message = mail(stage, "both", *(f"u{number}" for number in range(10)))
    page = words_of(rep.get(f"/app/messages/{message}/times").text)
    assert "1 other has done nothing yet." in page
    assert "10 are not tracked." in page


def test_opens_alone_and_links_alone_are_shown_each_by_itself(stage, rep):
    page = rep.get(f"/app/conversations/{mail(stage, 'opens', 'links')}").text
    assert row_of(page, "opens").count("not tracked: no consent") == 1
    assert row_of(page, "links").count("not tracked: no consent") == 1
    assert "0 of 1 opened · 0 of 1 clicked" in words_of(page)
    alone = rep.get(f"/app/conversations/{mail(stage, 'opens')}").text
    assert alone.count('class="g ') == 1


@pytest.mark.parametrize("address", ["/app/statistics", "/app/items/deal/42"])
def test_rates_are_of_tracked_mail_alone(stage, rep, address):
    mail(stage, "both", both=Actions(ONE, ONE))
    mail(stage, "opens")
    for _ in range(3):
        mail(stage, "unknown")
    page = words_of(rep.get(address).text)
    assert "Tracked 2 " in page
    assert "Opened 1 50% of the tracked" in page
    assert "Clicked 1 100% of the tracked" in page


def test_the_rate_of_recipients_counts_nobody_whose_opens_are_not_tracked(stage, rep):
    mail(stage, "both", "unknown", "refused", "links", both=Actions(ONE), links=Actions(Summary(), ONE))
    mail(stage, "opens", "unknown")
    page = words_of(rep.get("/app/statistics").text)
    assert "Recipients who opened 50%" in page
    assert "No open seen 1" in page


# --- before sending ---------------------------------------------------------------------------------------------------------


def check(rep, to, **fields):
    return rep.post("/app/check?quiet=1", {**FORM, "to": to, **fields}, hx_request="true").text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "3 recipients: 1 tracked, 2 not: no consent"),
        ("it", "3 destinatari: 1 tracciato, 2 no: nessun consenso"),
    ],
)
def test_the_check_says_who_is_tracked_and_why_the_others_are_not(stage, rep, language, words):
    stage.preferences.write(REP.id, Preferences(language=language))
    page = check(rep, "both@customer.test\na@customer.test\nb@customer.test")
    assert words in words_of(page)
    assert f'data-summary="{words}.' in page
    reason = words.rpartition(": ")[2]
    for name in ("a", "b"):
        assert re.search(rf"{name}@customer.test [\w ]+: {reason}", words_of(page))


def test_the_check_tells_reasons_apart_and_opens_from_clicks(rep):
    page = words_of(check(rep, "opens@customer.test\nlinks@customer.test\nrefused@customer.test\nnobody@customer.test"))
    assert "4 recipients: 2 tracked, 1 not: consent refused, 1 not: no consent" in page
    assert "opens@customer.test clicks not tracked: no consent" in page
    assert "links@customer.test opens not tracked: no consent" in page


def test_the_check_promises_no_tracking_that_will_not_be(rep):
    page = words_of(check(rep, "nobody@customer.test"))
    assert "1 recipient: 0 tracked, 1 not: no consent" in page
    assert "Nothing of this is tracked." in page
    assert "Opens are tracked." not in page
    assert "link is tracked" not in page


def test_the_check_of_a_mail_that_nobody_wants_tracked_counts_nobody(rep):
    given = {name: value for name, value in FORM.items() if value != "on"}
    page = words_of(rep.post("/app/check", {**given, "to": "nobody@customer.test"}, hx_request="true").text)
    assert "Nothing of this is tracked." in page
    assert "recipient:" not in page


def test_the_check_names_a_link_that_holds_its_readers_address(rep):
    page = words_of(check(rep, "both@customer.test", html='<p><a href="https://e.test/?both@customer.test">x</a></p>'))
    assert "https://e.test/?both@customer.test it holds the reader's own address" in page


# --- by which rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", RULES_NAMES)
def test_where_no_rules_hold_every_page_says_so_and_else_none_does(stage, rules):
    stage.under(rules)
    rep = stage.browser(REP)
    for address in ("/app", "/app/compose", "/app/items", "/app/statistics", "/app/settings", "/app/alerts"):
        assert (NO_RULES in rep.get(address).text) == (rules == "none"), address


# --- pooled -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_italy(stage):
    stage.under("it-284-2026")
    stage.say("both@customer.test", "granted", "granted")
    stage.say("refused@customer.test", "refused", "refused")
    return stage


def test_a_mail_that_is_counted_in_a_pool_says_so_where_its_people_are_and_has_no_eye(in_italy, rep):
    for name, page in pages_of(rep, mail(in_italy, "unknown", "else")).items():
        assert ("counted without knowing by whom" in words_of(page)) == (name in PEOPLE), name
        assert "not tracked" not in words_of(page).replace("never tracked", ""), name
        assert 'class="g ' not in page, name
        assert " of 2 opened" not in words_of(page), name


def test_the_reader_of_a_pooled_copy_is_in_no_rate_and_has_neither_opens_nor_never(in_italy, rep):
    message = mail(in_italy, "both", "unknown", both=Actions(opens=ONE))
    page = rep.get(f"/app/conversations/{message}").text
    assert "1 of 1 opened" in words_of(page)
    assert "counted without knowing by whom" in row_of(page, "unknown")
    assert "never" not in row_of(page, "unknown")


@pytest.mark.usefixtures("in_italy")
def test_the_check_before_sending_tells_who_is_tracked_who_is_counted_and_who_is_neither(rep):
    to = "both@customer.test, unknown@customer.test, refused@customer.test"
    page = words_of(rep.post("/app/check", FORM | {"to": to}).text)
    assert "3 recipients: 1 tracked, 1 counted without knowing by whom, 1 not: consent refused" in page


def test_a_persons_page_shows_what_is_known_of_each_address(stage, rep):
    ann = ItemRef("person", "ann")
    addresses = ("opens@customer.test", "refused@customer.test", "nobody@customer.test")
    person = Item(ann, "Ann", REP.address, "company", maker=REP.id, made_at=1, version=1, addresses=addresses)
    stage.items.put(person, None)
    page = unescape(rep.get("/app/items/person/ann").text)
    shown = dict(re.findall(r"<dt>(\S+@\S+)</dt><dd>(.*?)<br>", page))
    assert shown == {
        "opens@customer.test": "Opens: granted · Clicks: not known",
        "refused@customer.test": "Opens: refused · Clicks: refused",
        "nobody@customer.test": "Opens: not known · Clicks: not known",
    }
    assert 'href="/app/consents?address=opens%40customer.test"' in page.replace("@", "%40")


def test_an_items_page_without_addresses_says_nothing_of_consent(rep):
    assert "Consent to tracking" not in rep.get("/app/items/deal/42").text
