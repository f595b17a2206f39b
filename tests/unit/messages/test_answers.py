"""Answers: they are told of once, let their conversation rise, and silence what would ring after them."""

from dataclasses import replace

import pytest

from functions.alerts.handler import answer
from ocello.adapters.dynamodb import mailbox_keys
from ocello.domain.common import ids
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.inbox import REPLIED, lists_of
from ocello.domain.messages.message import Mailbox
from ocello.domain.people.ringing import QuietHours
from ocello.domain.people.users import TrackingSettings
from ocello.services.alerts.alert import alert
from ocello.services.alerts.answered import answer_came
from ocello.services.inbox.inbox import InboxReader, add_message
from tests.fakes.engagement.settling import BORN, MESSAGE, a_hit
from tests.fakes.inbox import MemoryEngagements, MemoryInboxStore
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.messages import MemoryMessageStore, filled
from tests.fakes.people.people import MemorySettingsStore, settings_of
from tests.fakes.world import Clock
from tests.unit.messages.test_alerts import NOTHING, STORED, delivered, engagement, opened, ports, released

FIRST = STORED.recipients[0].mailbox.address
ANSWER = ReceivedMail(
    name="0a" * 20,
    owner="u1",
    account="rep@example.test",
    conversation="c",
    message=MESSAGE,
    recipients=(0,),
    sender=Mailbox(FIRST, "First"),
    at=BORN + 60_000,
    kind="reply",
    reasons=("no_program",),
    ref=MailRef("INBOX", "1.1"),
)


def received(*mails):
    made = MemoryReceivedMails()
    for mail in mails:
        made.add(mail, "s" * 43, 0)
    return made


def stage(*mails, **changed):
    return ports(received=received(*mails), **changed)


def came(made, mail=ANSWER, now=BORN + 61_000):
    return answer_came(mail.conversation, mail.name, now, made)


def test_an_answer_is_told_of_once_in_the_panel_and_by_no_channel():
    made = stage(ANSWER)
    assert came(made)
    assert not came(made)
    (row,) = made.alerts.rows
    assert (row.kind, row.at, row.recipient, row.name, row.subject) == ("answered", ANSWER.at, FIRST, "First", "Offer")
    assert made.queue.notices == []


@pytest.mark.parametrize(
    "other", [{"kind": "auto"}, {"kind": "list"}, {"kind": "bounce"}, {"message": ""}, {"message": "gone"}]
)
def test_what_answers_no_mail_of_ours_as_a_person_is_told_of_nobody_and_moves_nothing(other):
    mail = replace(ANSWER, **other)
    made = stage(mail)
    if other.get("message") == "gone":
        made.messages.messages.clear()
    assert not came(made, mail)
    assert (made.alerts.rows, made.inbox.kept) == ({}, {})


def test_who_wants_no_alerts_is_told_of_no_answer_and_sees_the_conversation_rise():
    made = stage(ANSWER, settings=settings_of(alerts=False))
    assert not came(made)
    assert made.alerts.rows == {}
    assert made.inbox.entry("u1", "c").entry.replied


def test_in_quiet_hours_an_answer_is_listed():
    made = stage(
        ANSWER, settings=MemorySettingsStore(usual=TrackingSettings(quiet_hours=QuietHours.between("00:00", "23:59")))
    )
    came(made)
    assert [row.silent for row in made.alerts.rows] == ["quiet"]


def test_an_answer_moves_its_conversation_up_and_onto_the_list_of_those_that_were_replied_to():
    other = replace(
        STORED, message=replace(STORED.message, id=ids.uuid7(BORN + 30_000, bytes(10)), conversation_id="d")
    )
    messages = filled(MemoryMessageStore(), STORED, other)
    store = MemoryInboxStore(messages)
    for each in (STORED, other):
        add_message(each, store)
    reader = InboxReader(store, messages, MemoryEngagements(messages), Clock(BORN + 60_000))

    def order(name):
        return [line.entry.conversation for line in reader.read("u1", name, 9, None).items]

    assert (order("all"), order(REPLIED)) == (["d", "c"], [])
    made = stage(ANSWER, messages=messages, inbox=store)
    came(made)
    assert (order("all"), order(REPLIED)) == (["c", "d"], ["c"])
    came(made)
    assert store.kept["u1", "c"].version == 2


def test_a_newer_mail_of_ours_keeps_the_mark_and_stands_above_the_answer():
    made = stage(ANSWER)
    came(made)
    later = replace(STORED, message=replace(STORED.message, id=ids.uuid7(BORN + 90_000, bytes(10))))
    add_message(later, made.inbox)
    entry = made.inbox.entry("u1", "c").entry
    assert (entry.newest, REPLIED in lists_of(entry)) == (later.message.id, True)


def silences(made):
    return sorted((row.mark, row.silent) for row in made.alerts.rows)


def test_opens_and_clicks_of_who_has_answered_are_listed_and_ring_no_more():
    made = stage(ANSWER)
    hits = (*opened(20, recipient=0), *opened(25, recipient=1), a_hit(1_800_000, "k", "click", link=1, recipient=0))
    alert(MESSAGE, NOTHING, engagement(*hits), BORN + 3_600_000, made)
    assert silences(made) == [("c0.1", "answered"), ("o0", "answered"), ("o1", "")]
    assert {notice.alert.mark for notice in made.queue.notices} == {"o1"}


@pytest.mark.parametrize(
    "other",
    [
        {"at": BORN - 2_000},  # before the mail was sent
        {"owner": "u2"},
        {"conversation": "d"},
        {"kind": "auto"},
        {"message": ""},
        {"sender": Mailbox("else@customer.test")},
    ],
    ids=str,
)
def test_nothing_else_than_a_persons_answer_to_this_conversation_since_the_mail_was_sent_silences(other):
    made = stage(replace(ANSWER, **other))
    alert(MESSAGE, NOTHING, engagement(*opened(61, recipient=0)), BORN + 3_700_000, made)
    assert silences(made) == [("o0", "")]


def test_an_answer_to_a_later_mail_of_the_conversation_silences_the_earlier_one_too():
    made = stage(replace(ANSWER, message="later"))
    alert(MESSAGE, NOTHING, engagement(*opened(61, recipient=0)), BORN + 3_700_000, made)
    assert silences(made) == [("o0", "answered")]


def test_an_alert_that_waits_while_the_answer_comes_does_not_ring():
    made = delivered(5_000)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    made.received.add(replace(ANSWER, at=BORN + 30_000), "s" * 43, 0)
    assert released(made, a_hit()) == []
    assert silences(made) == [("o0", "answered")]
    assert made.queue.notices == []


def test_what_rang_before_the_answer_is_not_withdrawn():
    made = stage()
    first = engagement(*opened(61, recipient=0))
    alert(MESSAGE, NOTHING, first, BORN + 3_700_000, made)
    made.received.add(replace(ANSWER, at=BORN + 3_800_000), "s" * 43, 0)
    alert(MESSAGE, first, engagement(*opened(61, 200, recipient=0)), BORN + 12_100_000, made)
    assert silences(made) == [("o0", ""), ("o0", "answered")]
    assert [notice.change for notice in made.queue.notices] == ["rung"]


def test_the_stream_brings_received_mail_and_its_log_line_names_nobody(capsys):
    made = stage(ANSWER)
    key = mailbox_keys.received("c", ANSWER.name)
    change = {
        "SequenceNumber": "1",
        "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
        "NewImage": {"cls": {"S": "Received"}},
    }
    event = {"Records": [{"eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": change}]}
    assert answer(event, made, {}, lambda: BORN + 61_000) == {"batchItemFailures": []}
    assert [row.kind for row in made.alerts.rows] == ["answered"]
    assert "@" not in capsys.readouterr().out
