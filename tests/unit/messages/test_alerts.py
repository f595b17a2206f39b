"""Alerts ring once, are withdrawn when wrong, and reach their channels one by one."""

import base64
import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from functions.alerts.handler import answer
from ocello.adapters import language
from ocello.adapters.aws.alert_channels import compose, from_text, held_to_text, notice_to_text, older_to_text
from ocello.adapters.dynamodb import keys
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.closings import Closing
from ocello.domain.engagement import row
from ocello.domain.engagement.counters import PAUSE_MS, RINGS
from ocello.domain.engagement.settle import rebuild
from ocello.domain.engagement.summary import Engagement, unpack
from ocello.domain.messages.alerts import Alert, Changes, changes, still_rings
from ocello.domain.messages.inbox import lists_of
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient, Report
from ocello.domain.people.preferences import Preferences
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.traces import place_of
from ocello.services.alerts.alert import AlertPorts, alert, release
from ocello.services.alerts.older import AT_ONCE, withdraw_older
from ocello.services.alerts.ports import HeldAlert, Notice, OlderAlerts
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.inbox.inbox import add_message
from ocello.services.sending.ports import StoredMessage
from tests.fakes.engagement.settling import (
    BORN,
    MESSAGE,
    MemoryAlertStore,
    MemoryChannel,
    MemoryNoticeQueue,
    a_hit,
)
from tests.fakes.inbox import MemoryInboxStore
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.messages import MemoryDayStats, MemoryMessageStore, filled, messages_of
from tests.fakes.people.people import MemoryPreferenceStore, settings_of

DAY = 86_400_000
NONE_FAILED: dict[str, list[object]] = {"batchItemFailures": []}
NOTHING = Engagement()
STORED = StoredMessage(
    Message(
        id=MESSAGE,
        owner="u1",
        message_id="<m@example.test>",
        conversation_id="c",
        sender=Mailbox("rep@example.test"),
        subject="Offer",
        created_at=BORN - 1000,
        track_opens=True,
        track_clicks=True,
    ),
    tuple(
        Recipient(index, Mailbox(f"buyer{index}@customer.test"), "to", "sent", sent_at=BORN - 3_600_000)
        for index in range(3)
    ),
    Report(tuple(Link(index, f"https://example.com/{index}", "") for index in range(5))),
    None,
)


def packed(*hits):
    return row.pack(rebuild([sorted(hits, key=place_of)], Context(5)).row())


def engagement(*hits):
    return unpack(packed(*hits))


def marks(rings):
    return [ring.mark for ring in rings]


def ports(**changed):
    made: dict[str, Any] = {
        "messages": messages_of(STORED),
        "settings": settings_of(),
        "preferences": MemoryPreferenceStore({"u1": Preferences(zone="Europe/Rome")}),
        "alerts": MemoryAlertStore(),
        "queue": MemoryNoticeQueue(),
        "days": MemoryDayStats(),
        "inbox": MemoryInboxStore(MemoryMessageStore()),
        "external": frozenset({"bus", "mail"}),
        "under_way": NothingUnderWay(),
        "received": MemoryReceivedMails(),
    }
    return AlertPorts(**made | changed)


def opened(*minutes, recipient=0):
    return [a_hit(minute * 60_000, f"o{minute}", recipient=recipient) for minute in minutes]


def test_an_open_rings_if_none_of_its_recipient_counted_in_the_half_hour_before_it():
    rung = changes(NOTHING, engagement(*opened(0, 10, 25, 31, 45, 62, 92)), BORN).rung
    assert [(ring.at - BORN) // 60_000 for ring in rung] == [0, 92]
    assert PAUSE_MS == 30 * 60_000


def test_each_recipient_and_each_link_rings_for_itself():
    hits = [*opened(0), *opened(1, recipient=1)]
    hits += [a_hit(300_000 * n, f"c{n}", "click", link=link) for n, link in enumerate([1, 2, 1], start=1)]
    assert marks(changes(NOTHING, engagement(*hits), BORN).rung) == ["o0", "o1", "c0.1", "c0.2"]


def a_click(at, address="203.0.113.1", **facts):
    return a_hit(at, f"c{at}{address}", "click", link=1, address=address, **facts)


SURE = {"headers": {"sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}}
ELSEWHERE, THIRD, FOURTH = "198.51.100.1", "192.0.2.1", "198.18.0.1"


def rung_at(*hits):
    return [ring.at - BORN for ring in engagement(*hits).alerts]


def persons(at, kind="click"):
    """Return an open and the click after it, of which there is evidence of two kinds."""
    read = a_hit(at - 3_000, f"o{at}", address=FOURTH)
    return [read, a_click(at, FOURTH, **SURE)] if kind == "click" else [a_hit(at, f"o{at}", agent=GMAIL)]


GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def test_a_persons_sure_click_rings_where_an_unsure_one_of_another_cluster_rang_before_it():
    unsure = a_click(0)
    rung = [ring for ring in engagement(unsure, *persons(60_000)).alerts if ring.kind == "click"]
    assert [(ring.at - BORN, ring.sure) for ring in rung] == [(0, False), (60_000, True)]


def test_after_a_sure_click_no_further_one_on_its_link_rings():
    hits = [*persons(0), a_click(60_000), a_click(90_000, ELSEWHERE), *persons(200_000)]
    assert [ring.at - BORN for ring in engagement(*hits).alerts if ring.kind == "click"] == [0]


def test_unsure_clicks_on_one_link_ring_once_for_each_cluster_and_for_three_at_most():
    assert rung_at(a_click(0), a_click(60_000), a_click(120_000, ELSEWHERE), a_click(180_000, ELSEWHERE)) == [
        0,
        120_000,
    ]
    places = enumerate([ELSEWHERE, THIRD, FOURTH, "203.0.113.1"])
    assert rung_at(*(a_click(200_000 * n, each) for n, each in places)) == [0, 200_000, 400_000]


def test_a_sure_open_rings_where_an_unsure_one_rang_within_the_half_hour_before_it():
    assert rung_at(*opened(0), *persons(600_000, "open"), *opened(11, 12)) == [0, 600_000]


def test_two_hits_in_one_millisecond_ring_one_alert_which_is_sure_if_either_is():
    read = a_hit(-3_000, "o", address=FOURTH)
    rung = engagement(read, a_click(0), a_click(0, FOURTH, **SURE)).alerts
    assert [(ring.at - BORN, ring.mark, ring.sure) for ring in rung[1:]] == [(0, "c0.1", True)]


def test_an_alert_whose_hit_turned_out_a_machines_is_withdrawn_though_an_earlier_one_stands_in_its_place():
    clicks = [a_hit(60_000 + n * 300, f"c{n}", "click", link=1 + n, address=ELSEWHERE) for n in range(3)]
    old, new = engagement(a_click(0), clicks[0]), engagement(a_click(0), *clicks)
    assert [(ring.at - BORN, ring.mark) for ring in changes(old, new, BORN).withdrawn] == [(60_000, "c0.1")]


def test_an_alert_overtaken_by_one_of_its_own_cluster_is_merged_into_that_one():
    late, other, first = a_click(0), a_click(60_000, ELSEWHERE), a_click(120_000)
    found = changes(engagement(other, first), engagement(late, other, first), BORN)
    assert [(merge.ring.at - BORN, merge.into.at - BORN) for merge in found.merged] == [(120_000, 0)]


def test_a_machine_rings_nothing():
    assert changes(NOTHING, engagement(a_hit(method="HEAD"), a_hit(1, "p", agent="Mozilla/5.0")), BORN).rung == ()


def test_a_click_that_turns_out_a_scanner_s_is_withdrawn():
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    old, new = engagement(*clicks[:2]), engagement(*clicks)
    assert marks(changes(old, new, BORN).withdrawn) == ["c0.0", "c0.1"]
    assert changes(old, new, BORN).flipped


def test_an_alert_for_which_an_earlier_one_rings_is_not_withdrawn():
    old, new = engagement(*opened(10)), engagement(*opened(5, 10))
    assert changes(old, new, BORN).withdrawn == ()


def test_what_a_full_outbox_pushes_out_is_neither_withdrawn_nor_rung_again():
    hits = [a_hit(n * 100_000, f"c{n:03}", "click", recipient=n % 7, link=n) for n in range(RINGS + 10)]
    old, new = engagement(*hits[:-1]), engagement(*hits)
    assert len(old.alerts) == RINGS
    assert marks(changes(old, new, BORN).rung) == [f"c{(RINGS + 9) % 7}.{RINGS + 9}"]
    assert changes(old, new, BORN).withdrawn == ()
    assert changes(new, old, BORN).rung == ()


def test_an_alert_tells_whose_which_and_what():
    made = ports(settings=settings_of(mail_alerts=True))
    alert(MESSAGE, NOTHING, engagement(a_hit(kind="click", link=2, recipient=1)), BORN, made)
    (one,) = made.alerts.rows
    assert one == Alert("u1", MESSAGE, BORN, "c1.2", "click", "Offer", "buyer1@customer.test", "https://example.com/2")
    assert made.queue.notices == [Notice("bus", "rung", one), Notice("mail", "rung", one)]


def test_mail_is_for_those_alone_who_want_it():
    made = ports()
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert [notice.channel for notice in made.queue.notices] == ["bus"]


def test_alerts_that_are_switched_off_make_no_row_and_reach_no_channel():
    made = ports(settings=settings_of(alerts=False, mail_alerts=True))
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert made.alerts.rows == {}
    assert made.queue.notices == []


def test_ringing_again_changes_nothing():
    made = ports()
    for _ in range(2):
        alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert len(made.queue.notices) == 1


def test_an_alert_whose_hand_over_failed_is_handed_over_at_the_next_try():
    made = ports()
    made.queue.down = True
    with pytest.raises(Unavailable):
        alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    made.queue.down = False
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert len(made.alerts.rows) == len(made.queue.notices) == 1


def test_a_withdrawal_marks_the_row_and_tells_the_bus_but_mails_nobody():
    made = ports(settings=settings_of(mail_alerts=True))
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    steps = [NOTHING, engagement(*clicks[:1]), engagement(*clicks)]
    for old, new in itertools.pairwise(steps):
        alert(MESSAGE, old, new, BORN, made)
    assert list(made.alerts.rows.values()) == [True]
    assert [(one.channel, one.change) for one in made.queue.notices][2:] == [("bus", "withdrawn")]


def test_a_closed_day_s_figures_are_let_go_when_a_message_is_opened_for_the_first_time():
    made = ports()
    alert(MESSAGE, NOTHING, engagement(a_hit(9 * DAY)), BORN + 9 * DAY, made)
    assert made.days.forgotten == [("u1", "2026-09-21")]
    alert(MESSAGE, engagement(a_hit(9 * DAY)), engagement(*opened(0, 40)), BORN + 9 * DAY, made)
    assert len(made.days.forgotten) == 1


def test_an_open_day_s_figures_are_not_touched():
    made = ports()
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert made.days.forgotten == []


def image(*hits):
    return {"row": {"B": base64.b64encode(packed(*hits)).decode()}, "version": {"N": "1"}}


def record(number, old, new, key=None):
    key = key or keys.engagement(MESSAGE)
    dynamodb = {"SequenceNumber": str(number), "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}}}
    dynamodb |= {name: image(*hits) for name, hits in (("OldImage", old), ("NewImage", new)) if hits}
    return {"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": dynamodb}


def test_the_stream_s_records_become_alerts_and_one_line_without_addresses(capsys):
    made = ports()
    event = {
        "Records": [record(1, (), (a_hit(),)), record(2, (a_hit(),), ()), record(3, (), (a_hit(),), keys.message("x"))]
    }
    assert answer(event, made, {}, lambda: BORN) == {"batchItemFailures": []}
    assert len(made.alerts.rows) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["AlertsRung"] == 1
    assert "customer.test" not in line


def test_a_record_whose_alert_could_not_be_made_comes_again():
    made = ports()
    made.queue.down = True
    event = {"Records": [record(1, (a_hit(),), (a_hit(), a_hit(60, "again"))), record(2, (), (a_hit(),))]}
    assert answer(event, made, {}, lambda: BORN)["batchItemFailures"] == [{"itemIdentifier": "2"}]


THE_ALERT = Alert("u1", MESSAGE, BORN, "c1.2", "click", "Offer\r\nBcc: x@y.test", "b@c.test", "https://e.test/2")


def test_a_channel_that_fails_holds_no_other():
    bus, mail = MemoryChannel(), MemoryChannel()
    bus.down = True
    notices = [Notice("bus", "rung", THE_ALERT), Notice("mail", "rung", THE_ALERT)]
    records = [
        {"eventSource": "aws:sqs", "messageId": notice.channel, "body": notice_to_text(notice)} for notice in notices
    ]
    made = ports(settings=settings_of(mail_alerts=True))
    response = answer({"Records": records}, made, {"bus": bus, "mail": mail}, lambda: BORN)
    assert response["batchItemFailures"] == [{"itemIdentifier": "bus"}]
    assert mail.sent == [notices[1]]


def test_a_notice_for_a_channel_that_was_switched_off_is_let_go():
    body = notice_to_text(Notice("mail", "rung", THE_ALERT))
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": body}]}
    assert answer(event, ports(), {}, lambda: BORN) == {"batchItemFailures": []}


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"channel": "bus", "change": "rung", "alert": {"x": 1}}'])
def test_a_queue_message_that_is_no_notice_comes_again_and_so_reaches_the_operator(body):
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": body}]}
    assert answer(event, ports(), {}, lambda: BORN)["batchItemFailures"] == [{"itemIdentifier": "m"}]


def test_a_notice_reads_back_as_it_was_written():
    notice = Notice("mail", "withdrawn", THE_ALERT)
    assert from_text(notice_to_text(notice)) == notice


NO_CHOICE = Preferences()


def alert_mail(reader=NO_CHOICE, alert=THE_ALERT):
    return compose(alert, "alerts@example.test", "rep@example.test", reader, "https://app.example.test")


def test_the_mail_is_in_the_readers_language_and_zone():
    mail = alert_mail(Preferences(language="it", zone="Europe/Rome"))
    assert mail["Subject"] == "b@c.test ha seguito un link in «Offer Bcc: x@y.test»"
    rome = language.Forms("it", "Europe/Rome", THE_ALERT.at)
    assert rome.with_zone(THE_ALERT.at) in mail.get_content()
    assert f"Chi ha letto, e quando: https://app.example.test/app/messages/{MESSAGE}" in mail.get_content()


def test_the_mail_says_the_recipients_name_where_it_is_known():
    assert alert_mail(alert=replace(THE_ALERT, name="Bea Buyer"))["Subject"].startswith("Bea Buyer followed")


def test_who_chose_no_language_is_mailed_in_that_of_the_last_browser():
    assert "ha aperto" in alert_mail(Preferences(browser_language="it"), replace(THE_ALERT, kind="open"))["Subject"]
    chosen = alert_mail(Preferences(language="en", browser_language="it"), replace(THE_ALERT, kind="open"))
    assert chosen["Subject"] == "b@c.test opened “Offer Bcc: x@y.test”"


def test_a_time_in_the_mail_says_its_zone():
    summer, winter = 1_782_907_200_000, 1_764_504_000_000
    rome = language.Forms("it", "Europe/Rome", summer)
    assert rome.with_zone(summer) == "1 lug 2026, 14:00:00 (CEST)"
    assert rome.with_zone(winter) == "30 nov 2025, 13:00:00 (CET)"


def test_the_mail_cannot_be_given_other_headers_by_a_subject():
    mail = alert_mail()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "b@c.test followed a link in “Offer Bcc: x@y.test”"
    assert f"https://app.example.test/app/messages/{MESSAGE}" in mail.get_content()


def test_a_mail_that_was_clicked_is_not_among_those_not_yet_opened():
    inbox = MemoryInboxStore(MemoryMessageStore())
    add_message(STORED, inbox)
    clicked = engagement(a_hit(0, "c", "click"))
    assert clicked.message_clicks.count == 1
    alert(MESSAGE, NOTHING, clicked, BORN, ports(inbox=inbox))
    assert "unopened" not in lists_of(inbox.entry("u1", "c").entry)


def test_a_days_figures_are_counted_again_when_a_machine_first_opens_one_of_its_mails():
    by_machine = engagement(a_hit(agent="Mozilla/5.0"))
    twice = engagement(a_hit(agent="Mozilla/5.0"), a_hit(9_000_000, "again", agent="Mozilla/5.0"))
    assert changes(NOTHING, by_machine, BORN).flipped
    assert not changes(by_machine, twice, BORN).flipped


def test_a_mail_moves_to_the_opened_ones_when_it_is_first_opened_and_back_when_that_was_a_machine():
    inbox = MemoryInboxStore(MemoryMessageStore())
    add_message(STORED, inbox)
    stage, opening = ports(inbox=inbox), engagement(*opened(1))

    def lists():
        return lists_of(inbox.entry("u1", "c").entry)

    alert(MESSAGE, NOTHING, opening, BORN, stage)
    assert {"opened", "tracked"} <= lists()
    assert "unopened" not in lists()
    alert(MESSAGE, opening, NOTHING, BORN, stage)
    assert "opened" not in lists()
    assert "unopened" in lists()


def delivery_record(number, status, before="sending"):
    """Return a change of the first recipient's row as the stream brings it."""
    key = keys.recipient(MESSAGE, 0)
    images = {
        name: {"cls": {"S": "Recipient"}, "status": {"S": text}}
        for name, text in (("OldImage", before), ("NewImage", status))
    }
    dynamodb = {"SequenceNumber": str(number), "Keys": {"pk": {"S": key.pk}, "sk": {"S": key.sk}}, **images}
    return {"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": dynamodb}


def test_a_copy_that_did_not_arrive_puts_its_mail_on_a_list_of_its_own_until_it_did():
    inbox = MemoryInboxStore(MemoryMessageStore())
    add_message(STORED, inbox)

    def after(status):
        first = replace(STORED.recipients[0], status=status)
        now = messages_of(replace(STORED, recipients=(first, *STORED.recipients[1:])))
        record = delivery_record(1, status)
        assert answer({"Records": [record]}, ports(inbox=inbox, messages=now), {}, lambda: BORN) == NONE_FAILED
        return "troubled" in lists_of(inbox.entry("u1", "c").entry)

    assert [after(status) for status in ("failed", "sent", "bounced", "unknown", "complained")] == [
        True, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("on", [True, False], ids=["alerts on", "alerts off"])
def test_a_copy_that_did_not_arrive_is_told_in_the_panel_once_and_nowhere_else(on):
    bounced = replace(STORED.recipients[0], mailbox=Mailbox("b@c.test", "Bea"), status="bounced", changed_at=BORN + 5)
    stage = ports(messages=messages_of(replace(STORED, recipients=(bounced, *STORED.recipients[1:]))))
    stage.settings.usual = replace(stage.settings.usual, alerts=on)
    for _ in range(2):
        assert answer({"Records": [delivery_record(1, "bounced")]}, stage, {}, lambda: BORN) == NONE_FAILED
    told = [(each.kind, each.recipient, each.name, each.at, each.mark) for each in stage.alerts.rows]
    assert told == ([("bounced", "b@c.test", "Bea", BORN + 5, "b0")] if on else [])
    assert not stage.queue.notices


def test_a_mail_that_failed_before_it_was_taken_in_comes_in_as_it_stands():
    failed = replace(STORED, recipients=tuple(replace(each, status="failed") for each in STORED.recipients))
    inbox = MemoryInboxStore(MemoryMessageStore())
    record = delivery_record(1, "failed")
    stage = ports(inbox=inbox, messages=messages_of(failed))
    assert answer({"Records": [record]}, stage, {}, lambda: BORN) == NONE_FAILED
    assert inbox.entry("u1", "c") is None
    add_message(failed, inbox)
    assert "troubled" in lists_of(inbox.entry("u1", "c").entry)


# On hold

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
HEY = "Mozilla/5.0 (compatible; HeyImageProxy/1.0; +https://hey.com)"
NAVIGATED = {"sec-fetch-mode": "navigate", "sec-fetch-user": "?1", "accept-language": "it"}


def delivered(ago, **changed):
    """Return a stage on which every copy left `ago` ms before the first hit; None: nobody knows when."""
    sent_at = 0 if ago is None else BORN - ago
    recipients = tuple(replace(recipient, sent_at=sent_at) for recipient in STORED.recipients)
    return ports(messages=messages_of(replace(STORED, recipients=recipients)), **changed)


@pytest.mark.parametrize(
    ("facts", "ago", "wait"),
    [
        ({"agent": GMAIL}, 5_000, 0),
        ({"kind": "click", "headers": NAVIGATED}, 5_000, 10_000),
        ({"agent": HEY}, 5_000, 90_000),
        ({}, 5_000, 90_000),
        ({"kind": "click"}, 5_000, 10_000),
        ({}, 600_000, 90_000),
        ({}, 600_001, 0),
        ({"kind": "click"}, 600_001, 0),
        ({}, None, 90_000),
    ],
)
def test_an_alert_rings_at_once_on_evidence_of_two_kinds_or_past_the_scan_window_and_waits_else(facts, ago, wait):
    made = delivered(ago)
    came = alert(MESSAGE, NOTHING, engagement(a_hit(**facts)), BORN, made)
    assert [wait_ms for _, wait_ms in made.queue.held] == ([wait] if wait else [])
    assert (came.rung, came.held, len(made.alerts.rows)) == ((0, 1, 0) if wait else (1, 0, 1))


def test_a_hit_that_comes_late_waits_only_for_what_is_left_of_its_hold():
    made = delivered(5_000)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN + 60_000, made)
    assert [wait_ms for _, wait_ms in made.queue.held] == [30_000]
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN + 90_000, made)
    assert (len(made.queue.held), len(made.alerts.rows)) == (1, 1)


def released(made, *hits):
    """Let the one alert on hold be looked at again when `hits` are known."""
    ((held, _),) = made.queue.held
    now = messages_of(replace(made.messages.load(MESSAGE), engagement=engagement(*hits)))
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": held_to_text(held)}]}
    return answer(event, made._replace(messages=now), {}, lambda: BORN)["batchItemFailures"]


def test_what_was_on_hold_rings_when_its_hit_still_counts_and_only_once():
    made = delivered(5_000)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    for _ in range(2):
        assert released(made, a_hit(), a_hit(20_000, "later")) == []
    assert list(made.alerts.rows.values()) == [False]
    assert len(made.queue.notices) == 1


def test_what_was_on_hold_and_turned_out_a_scanner_s_never_rings_and_is_not_withdrawn():
    made = delivered(5_000)
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    alert(MESSAGE, NOTHING, engagement(clicks[0]), BORN, made)
    came = alert(MESSAGE, engagement(clicks[0]), engagement(*clicks), BORN + 600, made)
    assert released(made, *clicks) == []
    assert (came.withdrawn, made.alerts.rows, made.queue.notices) == (0, {}, [])


def test_what_turns_out_a_scanner_s_while_it_rings_is_withdrawn():
    made = delivered(5_000)
    clicks = [a_hit(n * 300, f"c{n}", "click", link=n) for n in range(3)]
    alert(MESSAGE, NOTHING, engagement(clicks[0]), BORN, made)

    class Meanwhile(MemoryMessageStore):
        """Counts at the first look; judged anew, with nothing to withdraw yet, before the second."""

        samples = 0

        def load(self, message):
            Meanwhile.samples += 1
            known = clicks if Meanwhile.samples > 1 else clicks[:1]
            return replace(super().load(message), engagement=engagement(*known))

    ((held, _),) = made.queue.held
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": held_to_text(held)}]}
    messages = filled(Meanwhile(), made.messages.load(MESSAGE))
    assert answer(event, made._replace(messages=messages), {}, lambda: BORN) == {"batchItemFailures": []}
    assert list(made.alerts.rows.values()) == [True]


def test_what_was_on_hold_stays_silent_for_whom_has_switched_alerts_off_meanwhile():
    made = delivered(5_000)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    assert released(made._replace(settings=settings_of(alerts=False)), a_hit()) == []
    assert made.alerts.rows == {}


def test_an_alert_on_hold_that_a_full_outbox_pushed_out_rings_all_the_same():
    hits = [a_hit(n * 100_000, f"c{n:03}", "click", recipient=n % 7, link=n) for n in range(RINGS + 10)]
    assert still_rings(engagement(hits[0]).alerts[0], engagement(*hits))


def test_in_aggregate_mode_the_last_copy_s_delivery_counts():
    hit, long_ago = a_hit(recipient=EVERYONE, flags=1, address=""), delivered(3_600_000)
    alert(MESSAGE, NOTHING, engagement(hit), BORN, long_ago)
    assert (len(long_ago.queue.held), len(long_ago.alerts.rows)) == (0, 1)

    stored = long_ago.messages.load(MESSAGE)
    late = replace(stored.recipients[-1], sent_at=BORN - 5_000)
    just_now = ports(messages=messages_of(replace(stored, recipients=(*stored.recipients[:-1], late))))
    alert(MESSAGE, NOTHING, engagement(hit), BORN, just_now)
    assert (len(just_now.queue.held), len(just_now.alerts.rows)) == (1, 0)


def test_a_hold_that_could_not_be_queued_comes_again():
    made = delivered(5_000)
    made.queue.down = True
    assert answer({"Records": [record(1, (), (a_hit(),))]}, made, {}, lambda: BORN)["batchItemFailures"] == [
        {"itemIdentifier": "1"}
    ]


def test_an_alert_on_hold_reads_back_as_it_was_written():
    held = HeldAlert(MESSAGE, engagement(a_hit(kind="click", link=3)).alerts[0])
    assert from_text(held_to_text(held)) == held


def closed(rung, **axes):
    """Return an engagement after its recipient 0 withdrew."""
    return replace(rung, closed={0: Closing(**axes)})


def test_alerts_of_whom_has_withdrawn_are_withdrawn_and_say_why_and_others_stand():
    made = ports()
    rung = engagement(a_hit(), a_hit(1_000, "s", "click"), a_hit(2_000, "t", recipient=1))
    alert(MESSAGE, NOTHING, rung, BORN + 120_000, made)
    made.queue.notices.clear()
    alert(MESSAGE, rung, closed(rung, opens=BORN + 130_000), BORN + 130_000, made)
    assert {(each.kind, each.recipient): (gone, each.stopped) for each, gone in made.alerts.rows.items()} == {
        ("open", "buyer0@customer.test"): (True, True),
        ("click", "buyer0@customer.test"): (False, False),
        ("open", "buyer1@customer.test"): (False, False),
    }
    assert [(each.channel, each.change) for each in made.queue.notices] == [("bus", "withdrawn")]


def test_of_a_hundred_alerts_all_are_withdrawn_when_their_recipient_withdraws_page_by_page_and_no_others(capsys):
    made = ports()
    told = [a_hit(n * 1_900_000, f"n{n}", recipient=n % 2) for n in range(200)]
    other = "0199a000-0000-7000-8000-0000000000aa"
    of_another_mail = [
        Alert("u1", other, BORN + n, "o0", "open", "Offer", "buyer0@customer.test", None) for n in range(AT_ONCE)
    ]
    for each in of_another_mail:
        made.alerts.put(each, withdrawn=False)
    before = NOTHING
    for place in range(10, 201, 10):
        after = engagement(*told[:place])
        alert(MESSAGE, before, after, told[place - 1].at + DAY, made)
        before = after
    assert len(made.alerts.rows) == AT_ONCE + 200
    made.queue.notices.clear()
    after = closed(before, opens=BORN, links=BORN)
    made.messages.engagements[MESSAGE] = after
    alert(MESSAGE, before, after, BORN, made)
    pages = 0
    while made.queue.older:
        body = older_to_text(made.queue.older.pop())
        records = [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]
        assert answer({"Records": records}, made, {}, lambda: BORN) == NONE_FAILED
        pages += 1
    assert pages == 2
    gone = {each for each, withdrawn in made.alerts.rows.items() if withdrawn}
    assert {(each.message, each.recipient, each.stopped) for each in gone} == {(MESSAGE, "buyer0@customer.test", True)}
    assert len(gone) == 100
    told_of = [each.alert.mark for each in made.queue.notices]
    assert len(told_of) == 100, "the bus is told of each once"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum(line["AlertsWithdrawn"] for line in lines) == 100 - sum(ring.recipient == 0 for ring in before.alerts)


def test_a_bounce_is_no_alert_of_what_a_recipient_did_and_stays():
    made = ports()
    bounce = Alert("u1", MESSAGE, BORN, "b0", "bounced", "Offer", "buyer0@customer.test", None)
    made.alerts.put(bounce, withdrawn=False)
    made.messages.engagements[MESSAGE] = closed(engagement(a_hit()), opens=1, links=1)
    assert withdraw_older(OlderAlerts(MESSAGE), made) == 0
    assert made.alerts.rows == {bounce: False}


def test_a_mail_whose_alerts_are_all_listed_is_not_looked_through():
    made = ports()
    rung = engagement(*[a_hit(n * 1_900_000, f"n{n}") for n in range(RINGS)])
    alert(MESSAGE, rung, closed(rung, opens=1), BORN, made)
    assert made.queue.older == []


def test_a_full_outbox_tells_of_closed_alerts_and_of_no_others():
    many = [a_hit(n * 1_900_000, f"n{n}", recipient=n % 2) for n in range(RINGS + 4)]
    rung = engagement(*many)
    assert len(rung.alerts) == RINGS
    found = changes(rung, closed(rung, opens=BORN + 1), BORN)
    assert found.withdrawn == tuple(ring for ring in rung.alerts if ring.recipient == 0)
    assert (found.rung, found.merged) == ((), ())
    assert changes(closed(rung, opens=1), closed(rung, opens=1), BORN) == Changes()


def test_what_was_on_hold_for_somebody_who_has_withdrawn_never_rings():
    made = delivered(5_000)
    alert(MESSAGE, NOTHING, engagement(a_hit()), BORN, made)
    ((held, _),) = made.queue.held
    for known, under_way in [({0: Closing(opens=BORN + 9)}, {}), ({}, {0: Closing(opens=BORN + 9)})]:
        stored = replace(made.messages.load(MESSAGE), engagement=replace(engagement(a_hit()), closed=known))
        world = made._replace(messages=messages_of(stored), under_way=UnderWayNow(under_way))
        assert release(held, BORN + 90_000, world) is False
    assert made.alerts.rows == {}


class UnderWayNow:
    """UnderWay, of one withdrawal."""

    def __init__(self, closings):
        self.known = closings

    def closings(self, message):
        return self.known


def test_nothing_rings_for_somebody_whose_withdrawal_has_not_reached_the_mail_yet():
    made = ports(under_way=UnderWayNow({0: Closing(opens=BORN + 9)}))
    assert alert(MESSAGE, NOTHING, engagement(a_hit(), a_hit(1, "s", "click")), BORN + 120_000, made).rung == 1
    assert [each.kind for each in made.alerts.rows] == ["click"]
