"""What only DynamoDB does: rows of earlier versions, times to live, what is stored in the bucket, a missing table."""

import json
from dataclasses import replace

import boto3
import pytest

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel
from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore
from ocello.adapters.dynamodb.messages.days import DynamoDayStats
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.models import people
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.sign_in_sources import DynamoSignInSources
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers
from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.engagement.statistics import Figures
from ocello.domain.messages.alerts import Alert
from ocello.domain.messages.message import Mailbox, Message
from ocello.domain.messages.servers import ServerRecord
from ocello.domain.people.audit import KEEP_DAYS, new_entry
from ocello.domain.people.sessions import Session, ends_at
from ocello.domain.people.users import Account, TrackingSettings, User
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.services.alerts.ports import KeptAlert
from ocello.services.people.ports import KnownSources
from ocello.services.statistics.ports import StoredDay
from tests import fakes
from tests.ports.examples import stored

NOW = fakes.NOON
MESSAGE = Message(
    "0190a5c0-1111-7000-8000-000000000001", "u", "<m@x>", "c", Mailbox("rep@example.test"), "Offer", NOW,
    track_opens=True, track_clicks=True,
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("app_table")


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
        lambda: DynamoSettingsStore().read("u1"),
    )
    for each in request:
        with pytest.raises(Unavailable):
            each()


def test_a_session_of_an_earlier_version_is_read_and_notes_from_where_it_is_used():
    sessions, began = DynamoSessionStore(), Session("d", "u", "csrf", NOW, NOW, NOW)
    sessions.begin(began)
    row = people.SessionRow(*keys.session("d"))
    row.update([people.SessionRow.sources.remove()])
    assert sessions.get("d") == began
    sessions.save_sources(replace(began, sources=(7,)))
    assert sessions.get("d").sources == (7,)


def test_where_a_user_was_signed_in_is_forgotten_when_none_of_it_counts_any_more():
    sources = (SignedIn(7, NOW, NOW + 5 * DAY_MS), SignedIn(8, NOW, NOW + DAY_MS))
    DynamoSignInSources().write("u", KnownSources(sources, 1))
    (row,) = models.Row.scan()
    assert row.ttl == (NOW + 19 * DAY_MS) // 1000 + 1


def test_an_account_of_an_earlier_version_is_claimed_once():
    user = User("old", "old@example.test")
    assert DynamoUserStore().create(user, new_entry(NOW, user, "user.joined", user.address))
    key = keys.account("old", "desk@example.test")
    models.AccountRow(*key, user="old", address="desk@example.test", transport="ses", verified=True).save()
    accounts = DynamoAccountStore()
    assert DynamoOwnUsers().among(["desk@example.test"]) == frozenset()
    accounts.claim(accounts.of("old")[0])
    assert [each.claimed for each in accounts.of("old")] == [True]
    assert DynamoOwnUsers().among(["desk@example.test"]) == {"desk@example.test"}


def test_a_report_too_large_for_a_row_goes_to_the_bucket_and_comes_back():
    bucket, whole = fakes.MemoryMailStore(), stored(links=30_000)
    DynamoMessageStore(bucket).create(whole, None)
    assert list(bucket.files) == [f"messages/{whole.message.id}/report"]
    assert DynamoMessageStore(bucket).load(whole.message.id) == whole


def test_words_of_a_release_that_knows_no_other_column_stand():
    whole, recipients = stored(), DynamoRecipientStore()
    DynamoMessageStore(fakes.MemoryMailStore()).create(whole, None)
    ours = replace(whole.recipients[0], diagnostic=Text("It could not be queued for sending."))
    assert recipients.record(whole.message.id, ours, frozenset({"queued"}))
    row = models.RecipientRow.get(*keys.recipient(whole.message.id, 0))
    row.update([models.RecipientRow.diagnostic.set("550 by that release")])
    assert recipients.read(whole.message.id, 0).diagnostic == "550 by that release"


def test_attributes_keep_the_names_under_which_every_release_stored_them(app_table):
    table, whole, recipients = boto3.resource("dynamodb").Table(app_table), stored(), DynamoRecipientStore()
    DynamoMessageStore(fakes.MemoryMailStore()).create(whole, None)
    failed = replace(
        whole.recipients[0],
        provider_message_id="<ses@x>",
        diagnostic=Text("At most %(most)s.", most=3),
        status="failed",
    )
    assert recipients.record(whole.message.id, failed, frozenset({"queued"}))
    pk, sk = keys.recipient(whole.message.id, 0)
    raw = table.get_item(Key={"pk": pk, "sk": sk})["Item"]
    assert (raw["transport_id"], raw["words"]) == ("<ses@x>", "At most 3.")
    assert json.loads(raw["told"]) == ["At most %(most)s.", {"most": 3}]

    user, users = User("old", "old@example.test"), DynamoUserStore()
    assert users.create(user, new_entry(NOW, user, "user.joined", user.address))
    pk, sk = keys.user("old")
    table.update_item(
        Key={"pk": pk, "sk": sk},
        UpdateExpression="SET told_at = :told, told_seen_at = :seen",
        ExpressionAttributeValues={":told": 7, ":seen": 5},
    )
    kept = users.get("old")
    assert kept is not None
    assert (kept.notices_at, kept.notices_seen_at) == (7, 5)
    users.mark_seen("old", 6)
    assert table.get_item(Key={"pk": pk, "sk": sk})["Item"]["told_seen_at"] == 6


def test_an_account_of_before_there_were_versions_is_changed_too():
    accounts = DynamoAccountStore()
    first = Account("u1", "a@example.test", "A", "ses", verified=True)
    assert accounts.write(first, None)
    models.AccountRow(*keys.account("u1", first.address)).update([models.AccountRow.version.remove()])
    old = accounts.of("u1")[0]
    assert accounts.write(replace(old, name="Mine"), old)


def test_of_a_hundred_days_that_are_kept_at_once_none_is_where_one_has_changed():
    days, names = DynamoDayStats(), [day_of(NOW + number * DAY_MS) for number in range(230)]
    days.forget("u1", names[150])
    days.keep("u1", {name: StoredDay(0, Figures(sent=number)) for number, name in enumerate(names)})
    kept = days.between("u1", names[0], names[-1])
    assert [name for name in names if name not in kept] == names[100:150] + names[151:200]


def test_a_days_figures_that_an_earlier_release_kept_are_counted_again():
    days, name = DynamoDayStats(), day_of(NOW)
    earlier = models.DayRow.figures.set({"sent": 2, "tracked": 1, "opened": 1, "clicked": 0})
    models.DayRow(*keys.day("u1", name)).update([models.kind_of(models.DayRow), earlier])
    assert days.between("u1", name, name) == {name: StoredDay(0, None)}
    whole = Figures(2, 1, 1, perhaps_opened=1)
    days.keep("u1", {name: StoredDay(0, whole)})
    assert days.between("u1", name, name) == {name: StoredDay(0, whole)}


def test_a_session_is_forgotten_by_itself_once_it_is_over():
    session = Session("d" * 64, "rep", "token", NOW, NOW + 1, NOW + 2)
    DynamoSessionStore().begin(session)
    assert models.Row.get(*keys.session("d" * 64)).ttl * 1000 > ends_at(session)


def test_an_entry_of_the_trail_is_forgotten_by_itself():
    user = User("u1", "a@example.test")
    noted = new_entry(NOW, user, "user.joined", user.address)
    assert DynamoUserStore().create(user, noted)
    assert models.Row.get(keys.TRAIL, noted.id).ttl == NOW // 1000 + KEEP_DAYS * 86_400


def test_an_alert_whose_row_was_taken_away_is_not_made_again_by_following_it():
    alert = Alert("u1", MESSAGE.id, NOW, "c1.2", "click", "Offer", "buyer@customer.test", "https://example.com/2")
    DynamoAlertStore().put(alert, withdrawn=False)
    (shown,) = DynamoAlertPanel().page("u1", 1, None).items
    models.AlertRow(*keys.alert("u1", alert.at, alert.message, alert.mark), detail={}).delete()
    assert DynamoAlertPanel().mark_read("u1", shown.id) is None
    assert DynamoAlertPanel().page("u1", 9, None).items == ()


def test_an_alert_a_mail_and_settings_of_an_earlier_version_say_nothing_of_silence_and_are_loud():
    alert = Alert("u1", MESSAGE.id, NOW, "o0", "open", "Offer", "buyer@customer.test", None)
    told = {"kind": "open", "at": NOW, "message": MESSAGE.id, "subject": "Offer", "recipient": "b@c.test", "link": None}
    models.AlertRow(*keys.alert("u1", NOW, MESSAGE.id, "o0"), detail=told).save()
    assert DynamoAlertStore().kept(alert) == KeptAlert()
    (shown,) = DynamoAlertPanel().page("u1", 9, None).items
    assert (shown.silent, shown.state) == ("", "new")

    models.SettingsRow(*keys.settings("u1"), track_opens=True, track_clicks=False, alerts=True).save()
    row = models.SettingsRow(*keys.settings("u1"))
    row.update([models.SettingsRow.alert_choice.remove(), models.SettingsRow.quiet_hours.remove()])
    assert DynamoSettingsStore().read("u1") == TrackingSettings(track_opens=True)

    messages = DynamoMessageStore(fakes.MemoryMailStore())
    messages.create(stored(), None)
    models.MessageRow(*keys.message(stored().message.id)).update([models.MessageRow.muted.remove()])
    assert messages.load(stored().message.id).message.muted is False
