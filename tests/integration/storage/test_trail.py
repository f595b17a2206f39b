"""Users and the audit trail on tables made from our own template, and invitations in a pool of moto's."""

from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.people.trail import DynamoTrail
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.oidc.cognito_directory import CognitoDirectory
from ocello.domain.common.errors import Forbidden, Invalid, Unavailable
from ocello.domain.crm.items import ItemInput
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import SCOPES, Principal, User
from ocello.services.items.change_items import ItemWriter
from ocello.services.people.users import UserAdministration

NOW = 1_790_000_000_000
ADA = User("ada", "ada@example.test", admin=True)
ALMA = User("alma", "alma@example.test", admin=True)
REP = User("rep", "rep@example.test")


def note(number=0, action="user.disabled"):
    return new_entry(NOW + number, ADA, action, f"target {number}", "before", "after", by_key=True)


@pytest.fixture
def store(app_table):
    assert app_table
    made = DynamoUserStore()
    for user in (ADA, ALMA, REP):
        assert made.create(user, new_entry(NOW, user, "user.joined", user.address))
    return made


def change(store, who, whom, **wanted):
    return UserAdministration(store, None, lambda: NOW, None).change(
        Principal(who, frozenset(SCOPES), by_key=False), whom.id, **wanted
    )


def test_rows_of_before_there_were_versions_are_changed_too(store):
    row = models.UserRow
    row(*keys.user(REP.id)).update([row.version.remove(), row.invited.remove(), row.disabled.remove()])
    assert store.get(REP.id).state == "active"
    assert change(store, ADA, REP, groups=["board"]).given_groups == ("board",)
    row(*keys.user(ADA.id)).update([row.disabled.remove(), row.version.remove()])
    assert change(store, ADA, REP, disabled=True).disabled
    assert store.get(REP.id).signed_out_at == NOW


def test_only_an_administrator_who_may_come_in_disables(store):
    stands = store.get(REP.id)
    gone = replace(stands, disabled=True)
    assert change(store, ALMA, ADA, disabled=True).disabled
    for witness in (ADA.id, "nobody"):
        assert not store.change(stands, gone, [note(1)], witness)
    assert store.change(stands, gone, [note(1)], ALMA.id)
    with pytest.raises(Forbidden):
        change(store, ADA, ALMA, disabled=True)
    assert not store.get(ALMA.id).disabled


def test_a_sign_in_on_an_outdated_row_does_not_enable(store):
    before = store.get(REP.id)
    change(store, ADA, REP, disabled=True)
    assert not store.change(before, replace(before, groups=("new",)), [])
    assert store.get(REP.id).disabled


def test_an_owner_is_told_once_and_says_to_have_seen_it(store):
    items, deal = DynamoItemStore(), ItemRef("deal", "1")
    for user, given_ in ((REP, ItemInput("A")), (ADA, ItemInput("A", visibility="company")), (ADA, ItemInput("B"))):
        ItemWriter(items, store, lambda: NOW).write(user, deal, given_)
    told = DynamoTrail().notices(REP.id, 50)
    assert {each.action for each in told} == {"item.visibility", "item.changed"}
    assert items.get(deal).earlier[0][1:] == (REP.address, "owner", "")
    assert store.get(REP.id).has_notices
    store.mark_seen(REP.id, NOW)
    store.mark_seen(REP.id, NOW - 9)
    assert not store.get(REP.id).has_notices
    ItemWriter(items, store, lambda: NOW + 5).delete(ADA, deal)
    assert store.get(REP.id).has_notices
    assert DynamoTrail().notices(REP.id, 1)[0].action == "item.deleted"


@pytest.fixture
def pool(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-1")
    with mock_aws():
        client = boto3.client("cognito-idp")
        made = client.create_user_pool(PoolName="p", UsernameAttributes=["email"])
        yield client, made["UserPool"]["Id"]


def test_an_invitation_makes_a_verified_sign_in_by_mail(pool):
    client, name = pool
    directory = CognitoDirectory(name, client)
    assert not directory.invite("new@example.test", again=True), "nobody such"
    assert directory.invite("new@example.test", again=False)
    assert not directory.invite("new@example.test", again=False), "who has one keeps it"
    made = client.list_users(UserPoolId=name)["Users"]
    assert [user["UserStatus"] for user in made] == ["FORCE_CHANGE_PASSWORD"]
    told = {each["Name"]: each["Value"] for each in made[0]["Attributes"]}
    assert (told["email"], told["email_verified"]) == ("new@example.test", "true")


class Refusing:
    """A client of Cognito that answers with one error."""

    def __init__(self, client, code):
        self.error = client.exceptions.ClientError({"Error": {"Code": code}}, "AdminCreateUser")
        self.request = []

    def admin_create_user(self, **request):
        self.request.append(request)
        raise self.error


@pytest.mark.parametrize(
    ("code", "kind"),
    [("InvalidParameterException", Invalid), ("TooManyRequestsException", Unavailable), ("X", Unavailable)],
)
def test_what_the_pool_refuses_is_said_and_nothing_of_the_address(pool, code, kind):
    client = Refusing(pool[0], code)
    with pytest.raises(kind) as refused:
        CognitoDirectory("p", client).invite("new@example.test", again=False)
    assert "new@example.test" not in str(refused.value)
    assert client.request[0]["DesiredDeliveryMediums"] == ["EMAIL"]


def test_who_has_a_password_of_their_own_is_not_sent_another(pool):
    client = Refusing(pool[0], "UnsupportedUserStateException")
    assert not CognitoDirectory("p", client).invite("new@example.test", again=True)
    assert client.request[0]["MessageAction"] == "RESEND"
