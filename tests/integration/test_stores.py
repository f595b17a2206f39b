"""The stores on tables made from our own template: what is written is what is read."""

import dataclasses

import pytest

from ocello.adapters.dynamodb import keys as keys_
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.messages.conversations import DynamoConversations
from ocello.adapters.dynamodb.messages.days import DynamoDayStats
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.engagement.statistics import Figures
from ocello.domain.messages.message import ItemRef, Link, Mailbox, Message, Recipient, Report, Untracked, numbered
from ocello.domain.people.audit import entry
from ocello.domain.people.users import Account, ApiKey, SmtpServer, TrackingSettings, User
from ocello.services.sending.ports import KnownId, StoredMessage
from ocello.services.statistics.ports import StoredDay

NOW = 1_764_000_000_000
NOTE = entry(NOW, User("boss", "boss@example.test"), "user.invited", "a@example.test")
pytestmark = pytest.mark.usefixtures("app_table")


class MemoryBucket:
    def __init__(self):
        self.objects = {}

    def put(self, name, content, content_type):
        self.objects[name] = content

    def get(self, name):
        return self.objects.get(name)


def stored(n=0, owner="u1", *, tracked=True, links=1):
    message = Message(
        id=ids.uuid7(NOW + n, bytes(10)),
        owner=owner,
        message_id=f"<{n}@example.test>",
        conversation_id=f"c{n}",
        sender=Mailbox("rep@example.test", "Rép"),
        subject="Öffer",
        created_at=NOW + n,
        track_opens=tracked,
        track_clicks=tracked,
        items=(ItemRef("deal", "42"), ItemRef("lead", "7")),
        linked_since=((ItemRef("lead", "7"), NOW + 5),),
        in_reply_to="<p@customer.test>",
        references=("<r@customer.test>", "<p@customer.test>"),
        size=123,
        request_digest="d",
        excepted=("https://example.com/terms",) if tracked else (),
        never_track=("own.test",) if tracked else (),
    )
    report = Report(
        tuple(Link(i, f"https://example.com/{i}?{'x' * 40}{i * 7919}", "the offer") for i in range(links)),
        (Untracked("link", "mailto:a@example.com", "scheme"),),
    )
    recipients = numbered([Mailbox("a@customer.test")], [Mailbox("b@customer.test", "B")], [Mailbox("c@customer.test")])
    return StoredMessage(message, recipients, report, None)


def test_a_message_is_read_as_it_was_written():
    store, whole = DynamoMessageStore(MemoryBucket()), stored()
    assert store.create(whole, None) is None
    assert store.load(whole.message.id) == whole
    assert store.load(ids.uuid7(1, bytes(10))) is None


def test_a_report_too_large_for_a_row_goes_to_the_bucket_and_comes_back():
    bucket = MemoryBucket()
    store, whole = DynamoMessageStore(bucket), stored(links=30_000)
    store.create(whole, None)
    assert bucket.objects
    assert store.load(whole.message.id).report == whole.report


def test_a_used_idempotency_key_writes_nothing_and_names_the_earlier_message():
    store, first, second = DynamoMessageStore(MemoryBucket()), stored(1), stored(2)
    assert store.create(first, "key") is None
    assert store.create(second, "key") == first.message.id
    assert store.load(second.message.id) is None
    assert store.create(stored(3, owner="u2"), "key") is None  # another owner's key is another key


def test_pages_give_every_message_once_newest_first():
    store = DynamoMessageStore(MemoryBucket())
    for n in range(7):
        store.create(stored(n, tracked=n % 2 == 0), None)
    store.create(stored(9, owner="u2"), None)
    for tracked, expected in ((False, [6, 5, 4, 3, 2, 1, 0]), (True, [6, 4, 2, 0])):
        seen, cursor = [], None
        while True:
            page = store.page("u1", tracked=tracked, limit=2, cursor=cursor)
            seen += [int(item.message.conversation_id[1:]) for item in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == expected


def test_a_cursor_of_another_list_is_refused():
    store = DynamoMessageStore(MemoryBucket())
    for n in range(3):
        store.create(stored(n), None)
    cursor = store.page("u1", tracked=False, limit=1, cursor=None).next
    for owner, tracked, text in (
        ("u2", False, cursor),
        ("u1", True, cursor),
        ("u1", False, "zzzz"),
        ("u1", False, "é"),
    ):
        with pytest.raises(Invalid):
            store.page(owner, tracked=tracked, limit=1, cursor=text)


def test_a_day_holds_the_messages_made_in_it():
    store = DynamoMessageStore(MemoryBucket())
    for n in (0, 1, 1000):
        store.create(stored(n), None)
    assert [m.created_at - NOW for m, _ in store.between("u1", NOW, NOW + 1000)] == [0, 1]


def test_only_one_of_two_claims_gets_a_recipient():
    store, whole = DynamoMessageStore(MemoryBucket()), stored()
    store.create(whole, None)
    recipients = DynamoRecipientStore()
    claimed = recipients.claim(whole.message.id, 1, NOW + 5)
    assert (claimed.status, claimed.attempts, claimed.mailbox.name) == ("sending", 1, "B")
    assert recipients.claim(whole.message.id, 1, NOW + 6) is None
    assert recipients.claim(whole.message.id, 99, NOW) is None


def test_the_words_of_a_recipient_keep_what_they_were_made_of_as_long_as_they_stand():
    whole = stored()
    DynamoMessageStore(MemoryBucket()).create(whole, None)
    recipients = DynamoRecipientStore()
    ours = Text(
        "Given up after %(tries)s tries. %(words)s", tries=8, words=Text("SES did not answer (%(why)s).", why="x")
    )
    for words in (ours, "550 no such user", ours, "", Text("It could not be queued for sending.")):
        changed = dataclasses.replace(whole.recipients[0], diagnostic=words, untracked="nesting")
        assert recipients.record(whole.message.id, changed, frozenset({"queued"}))
        read = recipients.read(whole.message.id, 0)
        assert (read, type(read.diagnostic)) == (changed, type(words))
        if isinstance(words, Text):
            assert (read.diagnostic.pattern, read.diagnostic.values) == (words.pattern, words.values)
    loaded = DynamoMessageStore(MemoryBucket()).load(whole.message.id).recipients[0]
    assert isinstance(loaded.diagnostic, Text)
    row = models.RecipientRow.get(*keys_.recipient(whole.message.id, 0))
    row.update([models.RecipientRow.words.set("550 by a release that knows no other column")])
    assert recipients.read(whole.message.id, 0).diagnostic == "550 by a release that knows no other column"


def test_a_recipients_state_changes_only_from_the_states_that_were_named():
    store, whole = DynamoMessageStore(MemoryBucket()), stored()
    store.create(whole, None)
    recipients = DynamoRecipientStore()
    sent = dataclasses.replace(whole.recipients[0], status="sent", provider_message_id="<x@y>", changed_at=NOW)
    assert not recipients.record(whole.message.id, sent, frozenset({"sending"}))
    assert recipients.read(whole.message.id, 0).status == "queued"
    assert recipients.record(whole.message.id, sent, frozenset({"queued", "sending"}))
    assert recipients.read(whole.message.id, 0) == sent
    ghost = Recipient(77, Mailbox("x@y.test"), "to")
    assert not recipients.record(whole.message.id, ghost, frozenset({"queued"}))
    assert recipients.read(whole.message.id, 77) is None


def test_conversations_are_found_by_message_id_within_one_owner():
    conversations = DynamoConversations()
    conversations.remember("u1", "<a@b>", KnownId("c1", "m1"))
    assert conversations.find("u1", ["<a@b>", "<c@d>"]) == {"<a@b>": KnownId("c1", "m1")}
    assert conversations.find("u2", ["<a@b>"]) == {}


def test_a_message_is_found_by_its_own_id():
    whole = stored()
    DynamoMessageStore(MemoryBucket()).create(whole, None)
    found = DynamoConversations().find("u1", [whole.message.message_id])
    assert found == {whole.message.message_id: KnownId("c0", whole.message.id)}


def test_an_unknown_id_belongs_to_who_claims_it_first():
    conversations = DynamoConversations()
    assert conversations.claim("u1", "<a@b>", "c1") == "c1"
    assert conversations.claim("u1", "<a@b>", "c2") == "c1"
    assert conversations.claim("u2", "<a@b>", "c2") == "c2"
    assert conversations.find("u1", ["<a@b>"]) == {"<a@b>": KnownId("c1")}


def test_an_address_belongs_to_one_user():
    users = DynamoUserStore()
    user = User("id1", "a@example.test", "A", admin=True, groups=("sales",), created_at=NOW)
    assert users.create(user, NOTE)
    assert not users.create(User("id2", "a@example.test"), NOTE)
    assert users.get("id2") is None
    users.bind("digest", "id1")
    assert users.by_identity("digest") == users.by_address("a@example.test") == users.get("id1") == user
    changed = dataclasses.replace(user, disabled=True, groups=(), name="", signed_out_at=NOW, version=1)
    assert users.change(user, changed, [])
    assert users.get("id1") == changed
    assert not users.change(user, user, []), "that is outdated"
    assert users.by_identity("none") is None


def test_users_are_listed_by_address():
    users = DynamoUserStore()
    for name in ("c", "a", "b"):
        users.create(User(name, f"{name}@example.test"), NOTE)
    first = users.page(2, None)
    assert [user.id for user in (*first.items, *users.page(2, first.next).items)] == ["a", "b", "c"]


def test_settings_default_to_tracking_off_and_alerts_on():
    settings = DynamoSettingsStore()
    assert settings.read("u1") == TrackingSettings(
        track_opens=False, track_clicks=False, alerts=True, mail_alerts=False
    )
    chosen = TrackingSettings(track_opens=True, track_clicks=False, alerts=False, mail_alerts=True)
    settings.switch("u1", chosen)
    assert settings.read("u1") == dataclasses.replace(chosen, mail_alerts=False), "the switches, and nothing else"
    models.SettingsRow(*keys_.settings("u1")).update([models.SettingsRow.mail_alerts.set(True)])
    settings.switch("u1", dataclasses.replace(chosen, alerts=True))
    assert settings.read("u1") == dataclasses.replace(chosen, alerts=True)
    settings.leave_alone("u1", ("own.test",))
    settings.switch("u1", chosen)
    assert settings.read("u1") == dataclasses.replace(chosen, never_track=("own.test",)), "each writes its own alone"


def test_accounts_are_read_as_they_were_written():
    accounts = DynamoAccountStore()
    ses = Account("u1", "a@example.test", "A", "ses", verified=True, version=1)
    server = SmtpServer("mail.test", 465, "tls", "b", "secret/name", b"sealed")
    smtp = Account("u1", "b@example.test", "B", "smtp", False, server, version=1)
    assert accounts.write(ses, None)
    assert accounts.write(smtp, None)
    assert accounts.of("u1") == [ses, smtp]
    assert accounts.delete(ses)
    assert not accounts.delete(ses)
    assert accounts.of("u1") == [smtp]


def test_of_two_who_change_an_account_at_once_one_wins():
    accounts = DynamoAccountStore()
    first = Account("u1", "a@example.test", "A", "ses", verified=False, version=1)
    assert accounts.write(first, None)
    assert not accounts.write(first, None)
    verified = dataclasses.replace(first, verified=True, version=2)
    assert accounts.write(verified, first, NOTE)
    assert not accounts.write(dataclasses.replace(first, name="Mine"), first)
    assert not accounts.delete(first)
    assert accounts.of("u1") == [verified]
    models.AccountRow(*keys_.account("u1", first.address)).update([models.AccountRow.version.remove()])
    old = accounts.of("u1")[0]  # as a row of before there were versions
    assert accounts.write(dataclasses.replace(old, name="Mine"), old)


def test_keys_are_paged_touched_once_a_day_and_revoked():
    keys = DynamoApiKeyStore()
    made = [ApiKey(f"{n:016x}", "u1", "k", ("read", "send"), "digest", NOW) for n in range(3)]
    for key in made:
        keys.create(key, NOTE)
    first = keys.page("u1", 2, None)
    assert [*first.items, *keys.page("u1", 2, first.next).items] == made
    keys.touch("u1", made[0].id, NOW)
    assert keys.get("u1", made[0].id).last_used_at == NOW // 86_400_000 * 86_400_000
    keys.touch("u1", "gone", NOW)
    assert keys.get("u1", "gone") is None
    assert keys.delete(made[0], NOTE)
    assert not keys.delete(made[0], NOTE)
    assert keys.get("u1", made[0].id) is None


def test_suppressed_addresses_are_compared_without_regard_to_case():
    suppressed = DynamoSuppressionList()
    suppressed.add("Gone@Customer.test", "bounce", NOW)
    assert suppressed.reason("gone@customer.TEST") == "bounce"
    assert not suppressed.remove("GONE@customer.test", "complaint", NOTE)
    assert suppressed.remove("GONE@customer.test", "bounce", NOTE)
    assert not suppressed.remove("GONE@customer.test", "bounce", NOTE)
    assert suppressed.reason("gone@customer.test") is None


def test_a_late_change_wins_over_a_slow_computation():
    days, day = DynamoDayStats(), "2026-01-01"

    def kept():
        return days.between("u1", "2025-12-31", "2026-01-02").get(day)

    assert kept() is None
    days.forget("u1", day)
    days.keep("u1", {day: StoredDay(0, Figures(sent=1))})
    assert kept() == StoredDay(1, None)
    days.keep("u1", {day: StoredDay(1, Figures(sent=2))})
    assert kept() == StoredDay(1, Figures(sent=2))
    days.forget("u1", day)
    assert kept() == StoredDay(2, None)


def test_many_days_are_kept_at_once_and_none_of_a_hundred_where_one_has_changed():
    days = DynamoDayStats()
    names = [day_of(NOW + number * DAY_MS) for number in range(230)]
    days.forget("u1", names[150])
    days.keep("u1", {name: StoredDay(0, Figures(sent=number)) for number, name in enumerate(names)})
    kept = days.between("u1", names[0], names[-1])
    assert [name for name in names if name not in kept] == names[100:150] + names[151:200]
    assert kept[names[150]] == StoredDay(1, None)
    assert kept[names[229]] == StoredDay(0, Figures(sent=229))
    days.keep("u1", {})


def test_a_missing_table_is_unavailable_not_a_crash():
    models.bind("gone", "eu-south-1")
    with pytest.raises(Unavailable):
        DynamoSettingsStore().read("u1")
