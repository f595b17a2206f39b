"""Received mail on pages: in its conversation, as a mark in the inbox, as an alert."""

from dataclasses import replace

from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages import inbox
from ocello.domain.messages.alerts import answer_alert
from ocello.domain.messages.message import Mailbox
from ocello.services.inbox.inbox import refresh_answers
from tests.fakes.web import REP
from tests.fakes.world import NOON
from tests.unit.web.test_web_pages import send


def answered(stage, rep, **changes):
    """Send a mail that a person answers; return its conversation and the answer."""
    conversation = send(rep, to="anna@acme.test")
    (message,) = stage.messages.messages
    mail = ReceivedMail(
        name="0a" * 20,
        owner=REP.id,
        account=REP.address,
        conversation=conversation,
        message=message,
        recipients=(0,),
        sender=Mailbox("anna@acme.test", "Anna <b>Rossi"),
        at=NOON + 60_000,
        kind="reply",
        reasons=("no_program",),
        ref=MailRef("INBOX", "1.1"),
    )
    mail = replace(mail, **changes)
    stage.received.add(mail, "s" * 43, 0)
    return conversation, mail


def test_an_answer_stands_beside_its_mail_with_the_reason_why_it_is_one(stage, rep):
    conversation, _ = answered(stage, rep, in_spam=True)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert "Anna &lt;b&gt;Rossi" in page
    assert "nothing says that a program wrote it" in page
    assert "in spam" in page
    assert "<h2>Received</h2>" in page


def test_what_answers_no_mail_of_ours_is_listed_too(stage, rep):
    conversation, mail = answered(stage, rep)
    page = rep.get(f"/app/conversations/{conversation}").text
    assert f'href="/app/messages/{mail.message}"' in page
    stage.received.mails.clear()
    stage.received.add(replace(mail, message="", recipients=()), "s" * 43, 0)
    assert "Anna &lt;b&gt;Rossi" in rep.get(f"/app/conversations/{conversation}").text


def test_where_nothing_came_in_the_page_says_nothing_of_it(rep):
    conversation = send(rep, to="anna@acme.test")
    assert "<h2>Received</h2>" not in rep.get(f"/app/conversations/{conversation}").text


def test_the_inbox_marks_a_conversation_that_was_answered_and_lists_it_among_those(stage, rep):
    conversation, mail = answered(stage, rep)
    assert conversation not in rep.get(f"/app?show={inbox.REPLIED}").text
    refresh_answers(stage.messages.load(mail.message), [mail], stage.inbox)
    assert conversation in rep.get(f"/app?show={inbox.REPLIED}").text
    assert '<span class="unseen">replied</span>' in rep.get("/app").text


def test_an_alert_says_who_replied_to_what(stage, rep):
    _, mail = answered(stage, rep)
    stage.alerts.store.put(answer_alert(mail, "Offer"), withdrawn=False)
    page = rep.get("/app/alerts").text
    assert "replied to" in page
    assert "Anna &lt;b&gt;Rossi" in page


def test_answered_conversations_are_listed_but_not_offered_while_no_mailbox_is_read(rep):
    assert "show=replied" not in rep.get("/app").text
    assert '<a href="/app?show=replied" aria-current="page">' in rep.get("/app?show=replied").text
