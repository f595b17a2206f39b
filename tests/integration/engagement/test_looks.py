"""Samples of many messages: read in batches, with missing rows, and with keys that a batch did not return."""

import pytest

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.tracked_samples import DynamoTrackedSamples
from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.engagement.counters import CountedHit
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient, Report
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.outcomes import Outcome
from ocello.services.sending.ports import StoredMessage
from tests.fakes.engagement.settling import counted_row
from tests.fakes.sending.mail import MemoryMailStore

NOW = 1_764_000_000_000
pytestmark = pytest.mark.usefixtures("app_table")


def mail(n=0, owner="u1", *, statuses=("sent",), links=1, **given):
    message = Message(
        id=ids.uuid7(NOW + n, owner.encode().rjust(10)),
        owner=owner,
        message_id=f"<{n}@example.test>",
        conversation_id=f"c{n}",
        sender=Mailbox("rep@example.test"),
        subject="Offer",
        created_at=NOW + n,
        **{"track_opens": True, "track_clicks": True, **given},
    )
    recipients = tuple(
        Recipient(index, Mailbox(f"b{index}@customer.test"), "to", status) for index, status in enumerate(statuses)
    )
    report = Report(tuple(Link(i, f"https://example.com/{i}?{'x' * 40}{i * 7919}", "") for i in range(links)))
    return StoredMessage(message, recipients, report, None)


def hit(kind="open", recipient=0, link=0):
    """One hit that counts."""
    return CountedHit(NOW, kind, recipient, link if kind == "click" else None, Outcome.COUNTED)


def engaged(stored, *entries):
    packed = counted_row(9, entries)
    models.EngagementRow(*keys.engagement(stored.message.id), row=packed, version=1).save()


def write(store, mails):
    """Write many messages as `create` does, but without transactions, for each of which moto copies the table."""
    with models.Row.batch_write() as batch:
        for stored in mails:
            for each in store.rows(stored):
                batch.save(each)


class Calls:
    """Counts the database's calls, and lets the first batches come back with half of their keys left over."""

    def __init__(self, monkeypatch, *, incomplete=0):
        self.made, self.keys = [], []
        client, self._incomplete = models.connection().client, incomplete
        self._call = client._make_api_call
        monkeypatch.setattr(client, "_make_api_call", self.make)

    def make(self, name, arguments):
        self.made.append(name)
        if name != "BatchGetItem":
            return self._call(name, arguments)
        ((table, request),) = arguments["RequestItems"].items()
        self.keys.append(len(request["Keys"]))
        if self._incomplete and len(request["Keys"]) > 1:
            self._incomplete -= 1
            half = len(request["Keys"]) // 2
            now = {table: {**request, "Keys": request["Keys"][:half]}}
            answer = self._call(name, {**arguments, "RequestItems": now})
            return {**answer, "UnprocessedKeys": {table: {**request, "Keys": request["Keys"][half:]}}}
        return self._call(name, arguments)


@pytest.fixture
def bucket():
    return MemoryMailStore()


@pytest.fixture
def store(bucket):
    return DynamoMessageStore(bucket)


@pytest.fixture
def samples(bucket):
    return DynamoTrackedSamples(bucket)


def newest(samples, owners=("u1",), limit=500, end=NOW + 1000):
    return samples.newest(owners, NOW, end, limit)


def test_a_look_has_what_decides_something_and_nothing_else(store, samples):
    plain, opened, clicked, shared = (
        mail(0, statuses=("sent", "bounced", "queued", "complained")),
        mail(1, statuses=("failed", "sent")),
        mail(2, statuses=("sent",), links=3),
        mail(3, statuses=("sent",)),
    )
    for each in (plain, opened, clicked, shared):
        store.create(each, None)
    engaged(opened, hit(recipient=0))
    engaged(clicked, hit("click", 0, 2))
    engaged(shared, hit(recipient=EVERYONE))
    looked = {look.message.id: look for look in newest(samples)}
    first = looked[plain.message.id]
    assert (first.message, first.recipients, first.left) == (plain.message, 4, {0, 3})
    assert (first.engagement, first.links) == (Engagement(), ())
    second = looked[opened.message.id]
    assert (second.engagement.recipient(0).opens.count, second.left, second.links) == (1, {1}, ())
    assert looked[clicked.message.id].links == clicked.report.links
    assert looked[shared.message.id].left == frozenset()


def test_more_messages_than_a_batch_holds_take_a_handful_of_calls(store, samples, monkeypatch):
    mails = [mail(n, statuses=("sent", "sent")) for n in range(120)]
    write(store, mails)
    for stored in mails[::2]:
        engaged(stored, hit(recipient=1), hit("click", 1))
    calls = Calls(monkeypatch)
    found = newest(samples)
    assert len(found) == 120
    assert sum(look.engagement.message_clicks.count for look in found) == 60
    assert all(look.left == ({0} if look.engagement.recipients else {0, 1}) for look in found)
    # 120 engagements in two batches; 60 × 2 + 60 recipients and 60 reports in three
    assert sorted(calls.made) == ["BatchGetItem"] * 5 + ["Query"]
    assert sorted(calls.keys) == [20, 40, 100, 100, 100]


@pytest.mark.parametrize("incomplete", [1, 4])
def test_keys_that_the_database_leaves_over_are_asked_for_again(store, samples, monkeypatch, incomplete):
    mails = [mail(n) for n in range(130)]
    write(store, mails)
    for stored in mails:
        engaged(stored, hit("click"))
    calls = Calls(monkeypatch, incomplete=incomplete)
    found = newest(samples)
    assert [len(look.links) for look in found] == [1] * 130
    assert len(calls.keys) > 4


def test_rows_that_are_missing_are_as_if_nothing_was_known(store, samples):
    store.create(whole := mail(0, statuses=("sent", "sent")), None)
    engaged(whole, hit("click", 1))
    models.RecipientRow(*keys.recipient(whole.message.id, 0)).delete()
    models.ReportRow(*keys.report(whole.message.id)).delete()
    (look,) = newest(samples)
    assert (look.recipients, look.left, look.links) == (2, frozenset(), ())


def test_a_message_from_before_recipients_were_counted_is_looked_at_all_the_same(store, samples):
    store.create(old := mail(0, statuses=("sent", "bounced", "sent")), None)
    models.MessageRow(*keys.message(old.message.id)).update([models.MessageRow.recipients.remove()])
    (look,) = newest(samples)
    assert (look.recipients, look.left) == (3, {0, 2})


def test_a_report_in_the_bucket_is_read_where_a_link_was_clicked(store, samples, bucket):
    store.create(large := mail(links=30_000), None)
    assert bucket.files
    engaged(large, hit("click"))
    assert newest(samples)[0].links == large.report.links


def test_a_database_that_fails_is_unavailable(samples):
    models.bind("gone", "eu-south-1")
    with pytest.raises(Unavailable):
        newest(samples)
