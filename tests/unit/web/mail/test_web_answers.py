"""The box at the end of a conversation: what is typed there is sent at once, or goes on in the composer."""

import quopri
import re

from ocello.domain.common import ids
from ocello.domain.people.preferences import Preferences
from tests.fakes.web import OTHER, REP
from tests.unit.web.test_web_pages import send


def box_of(browser, conversation):
    """Return the fields that the answer box of a conversation sends besides what is typed."""
    page = browser.get(f"/app/conversations/{conversation}").text
    form = re.search(r'<form class="answer".*?</form>', page, re.DOTALL)[0]
    return {"draft": re.search(r'name="draft" value="([^"]+)"', form)[1]}


def sent_after(stage, first):
    return [stage.messages.load(each) for each in stage.messages.messages if each != first]


def test_an_answer_is_of_the_same_thread_and_to_the_same_people(stage, rep):
    first = send(rep, to="bea@customer.test\nann@customer.test")
    answer = rep.post(f"/app/messages/{first}/answer", {**box_of(rep, first), "text": "1 < 2\n\nYours", "opens": "on"})
    assert answer.headers["location"].startswith(f"/app/conversations/{first}?done=sent")
    (stored,) = sent_after(stage, first)
    assert [each.mailbox.address for each in stored.recipients] == ["bea@customer.test", "ann@customer.test"]
    assert (stored.message.track_opens, stored.message.track_clicks) == (True, False)
    raw = quopri.decodestring(stage.mail.get(f"messages/{stored.message.id}/original.eml"))
    assert b"<div>1 &lt; 2</div><div><br></div><div>Yours</div>" in raw


def test_the_signature_stands_below_what_was_typed(stage, rep):
    stage.preferences.write(REP.id, Preferences(signature="<p>Rosa</p>"))
    first = send(rep)
    rep.post(f"/app/messages/{first}/answer", {**box_of(rep, first), "text": "Any news?"})
    (stored,) = sent_after(stage, first)
    raw = stage.mail.get(f"messages/{stored.message.id}/original.eml").decode()
    assert raw.index("<div>Any news?</div>") < raw.index("<p>Rosa</p>")


def test_a_form_that_is_sent_twice_sends_one_mail(stage, rep):
    first = send(rep)
    form = {**box_of(rep, first), "text": "Any news?"}
    for _ in range(2):
        assert rep.post(f"/app/messages/{first}/answer", form).status == 303
    assert len(sent_after(stage, first)) == 1


def test_nothing_typed_leads_to_the_composer(stage, rep):
    first = send(rep)
    answer = rep.post(f"/app/messages/{first}/answer", {**box_of(rep, first), "text": " \n"})
    assert answer.headers["location"] == f"/app/compose?reply={first}"
    assert sent_after(stage, first) == []


def test_what_goes_on_in_the_composer_is_a_draft_and_is_not_sent(stage, rep):
    first = send(rep)
    answer = rep.post(f"/app/messages/{first}/answer", {**box_of(rep, first), "text": "Half of it", "write": "1"})
    assert "Half of it" in rep.get(answer.headers["location"]).text
    assert sent_after(stage, first) == []


def test_what_is_refused_is_shown_in_the_composer_with_the_reason(stage, rep):
    first = send(rep)
    box = box_of(rep, first)
    for account in stage.accounts.of(REP.id):
        stage.accounts.delete(account)
    answer = rep.post(f"/app/messages/{first}/answer", {**box, "text": "Any news?"})
    assert answer.status == 422
    assert "Any news?" in answer.text
    assert 'id="refused"' in answer.text


def test_more_than_a_draft_can_hold_is_refused(stage, rep):
    first = send(rep)
    answer = rep.post(f"/app/messages/{first}/answer", {**box_of(rep, first), "text": "x" * 300_001})
    assert answer.status == 422
    assert sent_after(stage, first) == []


def test_nobody_answers_a_mail_that_they_do_not_see(stage, rep):
    first = send(rep)
    form = {"draft": ids.uuid7(stage.clock.now, bytes(10)), "text": "Any news?"}
    assert stage.browser(OTHER).post(f"/app/messages/{first}/answer", form).status == 404
