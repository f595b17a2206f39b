"""The operator's command that notes the copies of mail which was stored before copies were noted as they leave."""

import json
import sys

import boto3
import pytest

from infra.tools.operate import index_subjects
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb.consent.subject_index import DynamoSubjectIndex
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.domain.consent.subjects import subject_of
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import User
from ocello.services.consent.subjects import MailPlace
from tests.ports.examples import stored

KEY = "s" * 64
ANYTHING = {"Queue": {"Type": "AWS::SQS::Queue"}}  # a stack needs a resource


@pytest.fixture
def stack(aws, app_table):
    """A deployed stack with five messages of two users."""
    secret = boto3.client("secretsmanager").create_secret(Name="subjects", SecretString=json.dumps({"key": KEY}))
    body = {
        "Resources": ANYTHING,
        "Outputs": {
            "SubjectKeyArn": {"Value": secret["ARN"]},
            "HitsTable": {"Value": "hits"},
            "AppTable": {"Value": app_table},
            "KeyArn": {"Value": "key"},
            "MailBucket": {"Value": aws["MailBucket"]},
        },
    }
    boto3.client("cloudformation").create_stack(StackName="ocello", TemplateBody=json.dumps(body))
    users, messages = DynamoUserStore(), DynamoMessageStore(S3MailStore(aws["MailBucket"]))
    for name in ("u1", "u2"):
        user = User(name, f"{name}@example.test")
        assert users.create(user, new_entry(0, user, "user.joined", user.address))
    for number in range(5):
        messages.create(stored(number, owner="u1" if number < 3 else "u2"), None)


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["index_subjects", *arguments])
    assert index_subjects.main() == 0
    return capsys.readouterr().out.splitlines()


def copies_of(address):
    found = DynamoSubjectIndex().page(subject_of(address, KEY.encode()), 50, None).items
    return [(each.message, each.recipient, each.owner) for each in found]


def expected(recipient):
    """Return what is noted of a recipient, newest first."""
    owners = ["u1"] * 3 + ["u2"] * 2
    return [(stored(number, owner=owner).message.id, recipient, owner) for number, owner in enumerate(owners)][::-1]


@pytest.mark.usefixtures("stack")
def test_all_stored_mail_is_noted_and_doing_it_again_changes_nothing(monkeypatch, capsys):
    for _ in range(2):
        told = run(monkeypatch, capsys)
        assert told == ["5 messages, 15 copies noted", "All stored mail is noted."]
        assert [copies_of(f"{name}@customer.test") for name in "abc"] == [expected(place) for place in range(3)]


@pytest.mark.usefixtures("stack")
def test_a_bounded_go_says_how_to_go_on(monkeypatch, capsys):
    counted, following = run(monkeypatch, capsys, "--most", "1")
    assert counted == "3 messages, 9 copies noted"
    assert following == "Go on with FROM=u2/"
    assert run(monkeypatch, capsys, "--from", following.partition("=")[2])[1] == "All stored mail is noted."
    assert copies_of("a@customer.test") == expected(0)


@pytest.mark.parametrize("cursor", [None, "abc_-1"])
def test_a_place_is_read_as_it_was_spelled(cursor):
    place = MailPlace("u1", cursor)
    assert index_subjects.parse(index_subjects.serialize(place)) == place


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("outputs", [{}, None])
def test_a_stack_that_is_not_there_or_is_of_earlier_commits_is_named(outputs, monkeypatch, capsys):
    if outputs is not None:
        queue = {"Resources": ANYTHING, "Outputs": {"AppTable": {"Value": "x"}}}
        boto3.client("cloudformation").create_stack(StackName="ocello", TemplateBody=json.dumps(queue))
    monkeypatch.setattr(sys, "argv", ["index_subjects"])
    with pytest.raises(SystemExit) as ended:
        index_subjects.main()
    assert ended.value.code == 2
    words = capsys.readouterr().err
    assert ("has no 'SubjectKeyArn': deploy this version first" if outputs == {} else "cannot be read") in words
