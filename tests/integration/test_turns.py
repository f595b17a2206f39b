"""What fair sending asks of DynamoDB: places, servers, counts, and who is one of us."""

from dataclasses import replace

import pytest

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers
from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords
from ocello.domain.common.errors import Unavailable
from ocello.domain.messages.message import OWN_USER, Mailbox, Message, Recipient, Report
from ocello.domain.messages.servers import ServerRecord
from ocello.domain.people.audit import entry
from ocello.domain.people.users import Account, User
from ocello.services.sending.ports import StoredMessage
from tests import fakes

NOW = fakes.NOON
MESSAGE = Message(
    "0190a5c0-1111-7000-8000-000000000001", "u", "<m@x>", "c", Mailbox("rep@example.test"), "Offer", NOW,
    track_opens=True, track_clicks=True,
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("app_table")


def test_places_are_held_by_one_each_until_given_back_or_over():
    places = DynamoSendingPlaces()
    held = [places.take("server x", 3, NOW, NOW + 1000) for _ in range(3)]
    assert {each.number for each in held} == {0, 1, 2}
    assert places.take("server x", 3, NOW, NOW + 1000) is None
    assert places.take("server y", 1, NOW, NOW + 1000) is not None
    places.give_back(held[1])
    again = places.take("server x", 3, NOW, NOW + 2000)
    assert again.number == held[1].number
    places.give_back(held[1])  # late: another holds it now
    assert places.take("server x", 3, NOW, NOW + 1000) is None
    assert places.take("server x", 3, NOW + 1000, NOW + 3000) is not None
    places.give_back(held[0])
    places.give_back(held[0])


def test_what_is_known_of_a_server_is_kept():
    records = DynamoServerRecords()
    assert records.read("starttls://mail.x.test:587") == ServerRecord()
    records.write("starttls://mail.x.test:587", ServerRecord(3, NOW, 0), NOW)
    assert records.read("starttls://mail.x.test:587") == ServerRecord(3, NOW, 0)


def test_a_minute_counts_to_its_limit_for_each_who_and_kind():
    counts = DynamoSendCounts()
    assert [counts.count("u#", "send", 7, 2) for _ in range(3)] == [True, True, False]
    assert counts.count("u#", "track", 7, 2)
    assert counts.count("u#key", "send", 7, 2)
    assert counts.count("u#", "send", 8, 2)


def test_rows_of_a_moment_are_forgotten_by_themselves():
    DynamoSendingPlaces().take("x", 1, NOW, NOW + 1000)
    DynamoServerRecords().write("x", ServerRecord(1), NOW)
    DynamoSendCounts().count("x", "send", NOW // 60_000, 5)
    for row in models.Row.scan():
        assert NOW // 1000 < row.ttl < NOW // 1000 + 3 * 86_400, row.pk


def test_a_store_that_is_not_there_is_unavailable():
    models.bind("nowhere", "eu-south-1")
    request = (
        lambda: DynamoSendingPlaces().take("x", 1, NOW, NOW + 1),
        lambda: DynamoServerRecords().read("x"),
        lambda: DynamoSendCounts().count("x", "send", 1, 1),
        lambda: DynamoOwnUsers().among(["a@b.test"]),
    )
    for each in request:
        with pytest.raises(Unavailable):
            each()


def test_our_own_are_who_was_invited_or_signed_in_and_not_who_was_disabled():
    users = DynamoUserStore()
    for number, address in enumerate(("rep@example.test", "tom@example.test", "gone@example.test")):
        user = User(f"u{number}", address)
        assert users.create(user, entry(NOW, user, "user.joined", address))
    gone = users.get("u2")
    assert users.change(gone, replace(gone, disabled=True), ())
    request = [f"{number}@customer.test" for number in range(47)] + ["rep@example.test", "gone@example.test"]
    assert DynamoOwnUsers().among(request) == {"rep@example.test"}
    assert DynamoOwnUsers().among(["a@customer.test"]) == frozenset()
    assert DynamoOwnUsers().among([]) == frozenset()


def test_an_address_that_somebody_sends_from_is_our_own_as_long_as_one_of_them_comes_in():
    users, accounts = DynamoUserStore(), DynamoAccountStore()
    for number in (1, 2):
        user = User(f"s{number}", f"s{number}@example.test")
        assert users.create(user, entry(NOW, user, "user.joined", user.address))
    shared = [Account(f"s{number}", "sales@example.test", "", "ses", verified=number == 1) for number in (1, 2)]
    assert all(accounts.write(each, None) for each in shared)
    among = DynamoOwnUsers().among
    assert among(["sales@example.test", "buyer@customer.test"]) == {"sales@example.test"}
    confirmed = replace(accounts.of("s2")[0], verified=True)
    assert accounts.write(confirmed, accounts.of("s2")[0])
    first = users.get("s1")
    assert users.change(first, replace(first, disabled=True), ())
    assert among(["sales@example.test"]) == {"sales@example.test"}, "the second sends from it too"
    assert accounts.delete(accounts.of("s2")[0])
    assert among(["sales@example.test"]) == frozenset()


def test_an_account_of_an_earlier_version_is_claimed_once():
    user = User("old", "old@example.test")
    assert DynamoUserStore().create(user, entry(NOW, user, "user.joined", user.address))
    key = keys.account("old", "desk@example.test")
    models.AccountRow(*key, user="old", address="desk@example.test", transport="ses", verified=True).save()
    accounts = DynamoAccountStore()
    assert DynamoOwnUsers().among(["desk@example.test"]) == frozenset()
    accounts.claim(accounts.of("old")[0])
    assert [each.claimed for each in accounts.of("old")] == [True]
    assert DynamoOwnUsers().among(["desk@example.test"]) == {"desk@example.test"}


def test_starts_are_counted_while_a_copy_is_queued_and_a_claim_forgets_them():
    store, recipients = DynamoMessageStore(fakes.MemoryMailStore()), DynamoRecipientStore()
    store.create(StoredMessage(MESSAGE, (Recipient(0, Mailbox("b@x.test"), "to"),), Report(), None), None)
    assert [recipients.count_start(MESSAGE.id, 0, by) for by in (1, 1, -1, 1)] == [1, 2, 1, 2]
    claimed = recipients.claim(MESSAGE.id, 0, NOW)
    assert recipients.count_start(MESSAGE.id, 0, 1) == 0
    recipients.record(MESSAGE.id, replace(claimed, status="queued"), frozenset({"sending"}))
    assert recipients.count_start(MESSAGE.id, 0, 1) == 1
    recipients.record(MESSAGE.id, replace(claimed, status="queued"), frozenset({"queued"}))
    assert recipients.count_start(MESSAGE.id, 0, 1) == 1


def test_own_copies_are_kept_with_their_message_and_its_recipients():
    store = DynamoMessageStore(fakes.MemoryMailStore())
    own = Recipient(1, Mailbox("rep@example.test"), "cc", untracked=OWN_USER)
    stored = StoredMessage(
        replace(MESSAGE, own_copies=(1,)), (Recipient(0, Mailbox("b@x.test"), "to"), own), Report(), None
    )
    store.create(stored, None)
    assert store.load(MESSAGE.id) == stored
