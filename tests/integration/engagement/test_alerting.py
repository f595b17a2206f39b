"""Alert rows, the panel and the channels against AWS in process; the engagement row as writer and reader see it."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from ocello.adapters.aws import clients
from ocello.adapters.aws.alert_channels import BusChannel, MailChannel, SqsNoticeQueue, from_text
from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel
from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore
from ocello.adapters.dynamodb.messages.messages import _pack
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoSurroundings
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement.counters import Ring
from ocello.domain.messages.alerts import Alert
from ocello.domain.messages.message import OWN_USER, Link, Report
from ocello.domain.people.users import User
from ocello.domain.verdicts.context import CopyFacts, DomainHistory
from ocello.services.alerts.ports import HeldAlert, Notice
from tests.fakes.people.people import MemoryPreferenceStore, MemoryUserStore
from tests.tables import BotoClient

BORN = 1_790_000_000_000
MESSAGE = "0199a000-0000-7000-8000-000000000000"
ALERT = Alert("u1", MESSAGE, BORN, "c1.2", "click", "Offer", "buyer@customer.test", "https://example.com/2")


def test_what_settle_writes_the_model_reads(app_table):
    store = DynamoEngagementStore(BotoClient(), app_table)
    assert store.read(MESSAGE) is None
    assert store.write(MESSAGE, b"\x00packed", 0)
    row = models.EngagementRow.get(*keys.engagement(MESSAGE))
    assert (row.row, row.version) == (b"\x00packed", 1)
    assert store.read(MESSAGE) == (b"\x00packed", 1)


def test_links_are_counted_from_the_report_that_the_message_store_writes(app_table):
    links = DynamoSurroundings(BotoClient(), app_table)
    assert links.link_count(MESSAGE) == 0
    report = Report(tuple(Link(place, "https://e.test", "") for place in range(7)))
    models.ReportRow(*keys.report(MESSAGE), packed=_pack(report)).save()
    assert links.link_count(MESSAGE) == 7


def test_what_is_learned_of_a_domain_adds_up(app_table):
    surroundings = DynamoSurroundings(BotoClient(), app_table)
    models.RecipientRow(*keys.recipient(MESSAGE, 0), index=0, address="b@D1.test", kind="to", status="sent").save()
    for _ in range(3):
        surroundings.learn(MESSAGE, {0: DomainHistory(1, 1), 5: DomainHistory(1)})
    assert surroundings.copies(MESSAGE, {0})[0].history == "scanned"


def test_what_is_known_of_copies_comes_from_recipients_and_their_domains(app_table):
    surroundings = DynamoSurroundings(BotoClient(), app_table)
    rows: list[dict[str, Any]] = [
        {"sent_at": BORN},
        {"sent_at": BORN, "delivered_at": BORN + 9},
        {"untracked": OWN_USER},
        {},
    ]
    for index, facts in enumerate(rows):
        models.RecipientRow(
            *keys.recipient(MESSAGE, index),
            index=index,
            address=f"b@d{index % 2}.test",
            kind="to",
            status="sent",
            **facts,
        ).save()
    models.MailDomainRow(*keys.mail_domain("d1.test"), mx="gateway").save()
    boto3.client("dynamodb").put_item(
        TableName=app_table,
        Item={
            **{name: {"S": text} for name, text in zip(("pk", "sk"), keys.domain_scans("d1.test"), strict=True)},
            "mails": {"N": "9"},
            "bursts": {"N": "5"},
        },
    )
    assert surroundings.copies(MESSAGE, {0, 1, 2, 7}) == {
        0: CopyFacts(BORN, final=False),
        1: CopyFacts(BORN + 9, mx="gateway", history="scanned"),
        2: CopyFacts(own=True, final=False),
    }


@pytest.mark.usefixtures("app_table")
def test_an_alert_that_is_followed_is_read_by_itself():
    store, panel = DynamoAlertStore(), DynamoAlertPanel()
    for place in range(3):
        store.put(replace(ALERT, at=BORN + place, name="Bea"), withdrawn=False)
    shown = panel.page("u1", 9, None).items
    assert panel.mark_read("u1", shown[1].id) == ALERT.message
    assert [one.state for one in panel.page("u1", 9, None).items] == ["new", "read", "new"]
    assert {one.name for one in shown} == {"Bea"}
    gone = replace(ALERT, at=BORN + 9)
    store.put(gone, withdrawn=False)
    newest = panel.page("u1", 1, None).items[0].id
    models.AlertRow(*keys.alert("u1", gone.at, gone.message, gone.mark), detail={}).delete()
    assert panel.mark_read("u1", newest) is None, "and none is made of it"
    assert len(panel.page("u1", 9, None).items) == 3


@pytest.mark.usefixtures("aws")
def test_notices_are_queued_one_by_one():
    url = boto3.client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    notices = [Notice("bus", "rung", replace(ALERT, at=BORN + place)) for place in range(12)]
    SqsNoticeQueue(clients.client("sqs"), url).enqueue(notices)
    read = []
    while page := boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        read += [from_text(message["Body"]) for message in page]
    assert sorted(read, key=str) == sorted(notices, key=str)


@pytest.mark.usefixtures("aws")
def test_an_alert_on_hold_waits_in_the_queue():
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="alerts")["QueueUrl"]
    held = HeldAlert(MESSAGE, Ring(BORN, "click", 1, 2, sure=False))
    queue = SqsNoticeQueue(clients.client("sqs"), url)
    queue.enqueue_delayed(held, 600_000)
    assert "Messages" not in client.receive_message(QueueUrl=url)
    queue.enqueue_delayed(held, 0)
    (message,) = client.receive_message(QueueUrl=url)["Messages"]
    assert from_text(message["Body"]) == held
    queue.enqueue_delayed(held, 10**9)  # as long as the queue can, rather than not at all


@pytest.mark.usefixtures("aws")
def test_a_queue_that_is_not_there_is_unavailable():
    queue = SqsNoticeQueue(clients.client("sqs", tries=1), "https://sqs.eu-south-1.amazonaws.com/1/none")
    with pytest.raises(Unavailable):
        queue.enqueue([Notice("bus", "rung", ALERT)])


def test_the_bus_hears_ids_and_no_address():
    class Events:
        def put_events(self, Entries):  # noqa: N803 — EventBridge's own name
            self.entries = Entries
            return {"FailedEntryCount": 0}

    events = Events()
    BusChannel(events, "alerts").send(Notice("bus", "withdrawn", ALERT))
    (entry,) = events.entries
    assert (entry["Source"], entry["DetailType"]) == ("ocello", "Alert withdrawn")
    assert json.loads(entry["Detail"]) == {
        "owner": "u1",
        "message": MESSAGE,
        "kind": "click",
        "at": "2026-09-21T14:13:20.000Z",
        "hit": "c1.2",
    }


def test_an_entry_that_the_bus_refuses_is_unavailable():
    class Events:
        def put_events(self, Entries):  # noqa: N803 — EventBridge's own name
            return {"FailedEntryCount": 1}

    with pytest.raises(Unavailable):
        BusChannel(Events(), "alerts").send(Notice("bus", "rung", ALERT))


def sent_to(user):
    client = boto3.client("sesv2")
    client.create_email_identity(EmailIdentity="alerts@example.test")
    channel = MailChannel(
        clients.client("sesv2"),
        MemoryUserStore({user.id: user}),
        MemoryPreferenceStore(),
        "alerts@example.test",
        "https://app.example.test",
        "",
    )
    channel.send(Notice("mail", "rung", ALERT))
    return boto3.client("ses").get_send_quota()["SentLast24Hours"]


@pytest.mark.usefixtures("aws")
def test_the_owner_is_mailed_and_a_disabled_one_is_not():
    owner = User("u1", "rep@example.test")
    assert sent_to(replace(owner, disabled=True)) == 0
    assert sent_to(owner) > 0
