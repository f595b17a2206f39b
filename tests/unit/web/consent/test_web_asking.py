"""The page of somebody's consent: what is known, asking for it, and what they said aloud."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.domain.common.times import DAY_MS, milliseconds
from ocello.domain.consent.ledger import ConsentNotice
from ocello.domain.consent.subjects import subject_of
from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from ocello.services.consent.consents import Said
from tests import fakes
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.web import OTHER, REP, Stage

ANN = "ann@customer.test"
PAGE = f"/app/consents?address={ANN}"
SPOKEN = {"address": ANN, "opens": "granted", "heard": "Rita", "words": "Yes, do", "at": "2026-01-31T09:30"}


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def rep(stage):
    return stage.browser(REP)


def asked(rep, **changes):
    return rep.post("/app/consents/ask", {"address": ANN, "language": "it", "purposes": "opens", **changes})


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def refuse(stage, axis="opens"):
    """Let the person say no on their own page."""
    stage.consents.record(Said(ANN, {axis: "refused"}, "page", stage.clock() - DAY_MS, source="/p/ m 0"))


def test_of_somebody_of_whom_nothing_is_known_one_may_ask(rep):
    shown = text_of(rep.get(PAGE))
    assert "Opens not known" in shown
    assert "Clicks not known" in shown
    assert "Nothing yet." in shown
    assert rep.get(PAGE).text.count('name="purposes"') == 2


def test_the_button_sends_the_mail_that_asks_and_the_page_says_so(stage, rep):
    answer = asked(rep)
    assert answer.status == 303
    assert len(stage.queue.queued) == 1
    shown = text_of(rep.get(answer.headers["location"]))
    assert "The mail that asks is on its way." in shown
    assert "Opens: asked by the mail that asks" in shown
    assert [(entry.event, entry.purpose, entry.actor) for entry in stage.ledger.entries] == [
        ("requested", "opens", REP.address)
    ]


@pytest.mark.parametrize(("domain", "language"), [("customer.it", "it"), ("customer.fr", "fr"), ("customer.de", "en")])
def test_the_language_of_their_country_is_offered_first(rep, domain, language):
    text = rep.get(f"/app/consents?address=ann@{domain}").text
    assert re.findall(r'<option value="(\w+)" lang="\w+" selected>', text) == [language]


def test_who_was_asked_lately_cannot_be_asked_and_it_is_said_why(stage, rep):
    asked(rep)
    assert "within the last six months" in text_of(rep.get(PAGE))
    assert 'action="/app/consents/ask"' not in rep.get(PAGE).text
    again = asked(rep)
    assert again.status == 409
    assert 'role="alert"' in again.text
    assert len(stage.queue.queued) == 1


@pytest.mark.parametrize("axis", ["opens", "links"])
def test_who_refused_both_cannot_be_asked(stage, rep, axis):
    refuse(stage, "opens")
    refuse(stage, "links")
    assert "only they can change that" in text_of(rep.get(PAGE))
    assert asked(rep, purposes=axis).status == 409


def test_who_refused_one_can_be_asked_for_the_other(stage, rep):
    refuse(stage, "opens")
    assert re.findall(r'name="purposes" value="(\w+)"', rep.get(PAGE).text) == ["links"]
    assert asked(rep, purposes="links").status == 303


def test_a_suppressed_address_cannot_be_asked(stage, rep):
    stage.suppressions.add(ANN, "bounce", 1)
    assert "suppressed" in text_of(rep.get(PAGE))
    assert asked(rep).status == 409


def test_without_an_account_one_cannot_ask(stage):
    other = stage.browser(OTHER)
    assert 'action="/app/consents/ask"' not in other.get(PAGE).text
    assert asked(other).status == 422
    assert stage.queue.queued == []


def test_who_consented_to_both_is_not_asked(stage, rep):
    stage.say(ANN, "granted", "granted")
    assert "has consented already" in text_of(rep.get(PAGE))


def test_who_consented_to_one_and_refused_the_other_is_said_to_have_refused(stage, rep):
    stage.say(ANN, "granted", "withdrawn")
    assert "only they can change that" in text_of(rep.get(PAGE))


@pytest.mark.parametrize(("changed", "status"), [({"purposes": "x"}, 422), ({"language": "de"}, 422)])
def test_what_is_no_question_is_refused(rep, changed, status):
    assert asked(rep, **changed).status == status


def test_what_was_said_aloud_is_written_down_with_who_heard_it_and_when(stage, rep):
    stage.preferences.write(REP.id, Preferences(zone="Europe/Rome"))
    assert "In your time zone: Europe/Rome" in text_of(rep.get(PAGE))
    answer = rep.post("/app/consents/spoken", SPOKEN)
    assert answer.status == 303
    (entry,) = stage.ledger.entries
    assert (entry.event, entry.purpose, entry.channel) == ("granted", "opens", "spoken")
    assert (entry.actor, entry.source) == (REP.address, "Rita: Yes, do")
    assert entry.at == milliseconds("2026-01-31T08:30:00Z"), "Rome is an hour ahead in winter"
    shown = text_of(rep.get(answer.headers["location"]))
    assert "Opens granted, " in shown
    assert "(said aloud)" in shown


def test_a_refusal_said_aloud_reaches_mail_that_was_sent(stage, rep):
    rep.post("/app/consents/spoken", SPOKEN | {"opens": "refused", "links": "withdrawn"})
    assert stage.closed == [(subject_of(ANN, fakes.SUBJECT_KEY), {"opens", "links"})]


def test_words_of_others_never_lift_what_the_person_refused(stage, rep):
    refuse(stage)
    answer = rep.post("/app/consents/spoken", SPOKEN)
    assert answer.status == 409
    assert "only they can allow it" in text_of(answer)
    assert "Yes, do</textarea>" in answer.text, "what was typed is not lost"
    assert stage.consents.state(ANN).opens.state == "refused"


@pytest.mark.parametrize(
    "changed",
    [
        {"heard": " "},
        {"heard": "x" * 201},
        {"words": ""},
        {"words": "x" * 1_000},
        {"at": ""},
        {"at": "2026-01-31"},
        {"at": "2026-02-31T09:30"},
        {"at": "2990-01-01T09:30"},
        {"opens": ""},
        {"opens": "perhaps"},
        {"address": "nobody"},
    ],
)
def test_what_proves_nothing_is_not_written_down(stage, rep, changed):
    assert rep.post("/app/consents/spoken", SPOKEN | changed).status == 422
    assert stage.ledger.entries == []


def test_what_was_said_is_listed_newest_first_in_pages(stage, rep):
    notice = ConsentNotice("elsewhere", "", "", "ab" * 32)
    for number in range(30):
        at = stage.clock() - (100 - number) * DAY_MS
        stage.consents.record(
            Said(ANN, {"opens": "imported"}, "import", at, actor="a@x.test", source=f"file-{number:02}", notice=notice)
        )
    first = rep.get(PAGE).text
    assert re.findall(r"file-\d\d", first) == [f"file-{number:02}" for number in range(29, 4, -1)]
    older = re.search(r'href="(/app/consents\?address=[^"]+cursor=[^"]+)"', first)
    assert older
    assert re.findall(r"file-\d\d", rep.get(unescape(older[1])).text) == [f"file-{n:02}" for n in range(4, -1, -1)]


def test_the_proof_is_a_signed_file(rep):
    rep.post("/app/consents/spoken", SPOKEN)
    answer = rep.get(f"/app/consents/proof?address={ANN}")
    assert answer.headers["content-disposition"].startswith("attachment")
    proof = json.loads(answer.text)
    assert proof["signature"]
    assert len(proof["proof"]["lines"]) == 1


def test_persons_and_recipients_lead_to_it(stage, rep):
    ref = ItemRef("person", "ann")
    stage.items.put(
        Item(ref, "Ann", REP.address, "company", maker=REP.id, made_at=1, version=1, addresses=(ANN,)), None
    )
    rep.post("/app/consents/spoken", SPOKEN)
    page = rep.get("/app/items/person/ann")
    assert "Opens: granted, " in text_of(page)
    assert "(said aloud)" in text_of(page)
    assert 'href="/app/consents?address=ann%40customer.test"' in page.text


def test_it_speaks_italian(stage, rep):
    stage.preferences.write(REP.id, Preferences(language="it"))
    shown = text_of(rep.get(PAGE))
    assert "Chiedi il consenso" in shown
    assert "Detto a voce" in shown


DRAFT = {
    "version": "0",
    "to": "ann@customer.test, bob@customer.fr, eva@customer.it, other@example.test",
    "subject": "Offer",
    "html": "<p>x</p>",
    "opens": "on",
    "clicks": "on",
}


def people_in(answer):
    """Return what the check says of each recipient's consent, and whom it offers to ask for what."""
    listed = re.search(r"Consent of the recipients</h3>(.*?)</ul>", answer.text, re.DOTALL)
    lines = re.findall(r"<li>(\S+) <small>(.*?)</small>(.*?)</li>", listed[1], re.DOTALL) if listed else []
    said = {who: " ".join(unescape(re.sub(r"<[^>]*>", "", state)).split()) for who, state, _ in lines}
    offers = {
        who: re.findall(r'data-purposes="([^"]+)" data-language="(\w+)"', button)
        for who, _, button in lines
        if "data-ask" in button
    }
    return said, offers


def test_the_composer_says_of_each_recipient_what_is_known_and_offers_to_ask(stage, rep):
    stage.under("eu-strict")
    sending = replace(stage.context.sending, own_users=MemoryOwnUsers([OTHER]))
    stage.handler = WebHandler(ROUTES, replace(stage.context, sending=sending))
    stage.say("eva@customer.it", "granted", "refused")
    said, offers = people_in(rep.post("/app/check", DRAFT))
    assert said == {
        ANN: "Opens: not known · Clicks: not known",
        "bob@customer.fr": "Opens: not known · Clicks: not known",
        "eva@customer.it": "Opens: granted · Clicks: refused",
    }, "our own users are not asked"
    assert offers == {ANN: [("opens links", "en")], "bob@customer.fr": [("opens links", "fr")]}


def test_who_would_be_counted_without_a_name_can_be_asked_too(stage, rep):
    stage.under("it-284-2026")
    page = rep.post("/app/check", DRAFT | {"to": ANN})
    assert "counted without knowing by whom" in page.text
    assert people_in(page)[1] == {ANN: [("opens links", "en")]}


def test_only_what_the_mail_would_track_is_asked_in_the_composer(stage, rep):
    stage.under("eu-strict")
    _, offers = people_in(rep.post("/app/check", {name: value for name, value in DRAFT.items() if name != "clicks"}))
    assert offers[ANN] == [("opens", "en")]


def test_where_no_rules_ask_for_consent_the_composer_says_nothing_of_it(rep):
    assert people_in(rep.post("/app/check", DRAFT)) == ({}, {})


def test_the_composer_asks_without_being_left(stage, rep):
    stage.under("eu-strict")
    question = {"address": ANN, "language": "en", "purposes": "opens"}
    answer = rep.post("/app/consents/ask", question, **{"hx-request": "true"})
    assert (answer.status, text_of(answer)) == (200, "Asked: the mail is on its way.")
    said, offers = people_in(rep.post("/app/check", DRAFT))
    assert re.fullmatch(r"Opens: not known; asked .+ · Clicks: not known", said[ANN])
    assert ANN not in offers
    again = rep.post("/app/consents/ask", question, **{"hx-request": "true"})
    assert (again.status, text_of(again)) == (409, "this person was asked within the last six months")
