"""Sending wired to AWS: requests to S3, SQS, SES and Secrets Manager, and one message from beginning to end."""

import hashlib
import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from functions.deliver.settings import Settings
from ocello import settings
from ocello.adapters.aws.kms_seal import KmsKeySeal, KmsSeal
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.secrets import SecretsManagerStore
from ocello.adapters.aws.sqs_delivery import SqsDeliveryQueue, parse
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.ses.transport import SesTransport
from ocello.domain.common.errors import Unavailable
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected
from ocello.domain.people.users import Account
from ocello.services.sending.pace import Pace
from ocello.services.sending.ports import KnownId
from ocello.services.sending.send import send
from ocello.services.sending.track import instrument
from ocello.wiring.cold import Wiring
from tests import fakes
from tests.fakes.engagement.statistics import MemoryModeCounts
from tests.fakes.world import USER
from tests.integration.conftest import REGION

ACCOUNT = Account(USER.id, USER.address, "", "ses", verified=True)
PAYLOADS = Path(__file__).parents[2] / "payloads" / "ses"
TAGS = {"message": "0190a5c0-1111-7000-8000-000000000001", "recipient": "0"}
pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def bucket():
    boto3.client("s3").create_bucket(Bucket="mail", CreateBucketConfiguration={"LocationConstraint": "eu-south-1"})
    return S3MailStore("mail")


@pytest.fixture
def queue_url():
    return boto3.client("sqs").create_queue(QueueName="delivery")["QueueUrl"]


def test_the_mail_store_gives_back_what_it_was_given(bucket):
    assert bucket.get("a/b") is None
    assert bucket.size("a/b") is None
    bucket.put("a/b", b"\x00\xff", "message/rfc822")
    assert bucket.get("a/b") == b"\x00\xff"
    assert bucket.size("a/b") == 2
    bucket.delete(["a/b", "never/there"])
    assert bucket.get("a/b") is None


def test_a_bucket_that_is_not_there_is_unavailable():
    store = S3MailStore("nowhere")
    for attempt in (lambda: store.put("a", b"", "x/y"), lambda: store.get("a"), lambda: store.delete(["a"])):
        with pytest.raises(Unavailable, match="NoSuchBucket"):
            attempt()


def test_presigned_addresses_name_one_object_and_run_out(bucket):
    address = bucket.address_to_get("messages/m/original.eml", "message/rfc822", 'a "b"\r\n.eml')
    assert "X-Amz-Expires=300" in address
    assert "filename%3D%22a%20_b___.eml%22" in address
    assert "filename%2A%3DUTF-8%27%27a%2520%2522b%2522%250D%250A.eml" in address
    form = bucket.form_to_put("uploads/u/x", 1000)
    assert form["fields"]["key"] == "uploads/u/x"
    assert set(form) == {"url", "fields"}


def test_fifty_copies_are_queued_in_order_of_ten(queue_url):
    queue = SqsDeliveryQueue(queue_url)
    assert queue.enqueue("m", range(50), "u") == []
    sqs, found = boto3.client("sqs"), []
    while batch := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        found += [parse(message["Body"]) for message in batch]
    assert sorted(found) == [("m", index) for index in range(50)]


def test_copies_of_one_owner_are_one_group_of_a_fair_queue(queue_url):
    SqsDeliveryQueue(queue_url).enqueue("m", [0, 1], "0190a5c0-1111-7000-8000-000000000001")
    told = boto3.client("sqs").receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    groups = [message["Attributes"]["MessageGroupId"] for message in told["Messages"]]
    assert groups == ["0190a5c0-1111-7000-8000-000000000001"] * 2


def test_a_postponed_queue_message_stays_away(queue_url):
    queue = SqsDeliveryQueue(queue_url)
    queue.enqueue("m", [0], "u")
    sqs = boto3.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=0)["Messages"]
    (message,) = sqs.receive_message(QueueUrl=queue_url)["Messages"]
    queue.redeliver_after(message["ReceiptHandle"], 600)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue_url)


def test_what_the_queue_does_not_take_is_told():
    class Half:
        def send_message_batch(self, **request):
            if request["Entries"][0]["Id"] == "10":
                raise EndpointConnectionError(endpoint_url="x")
            return {"Failed": [{"Id": "3", "Code": "InternalError"}]}

    assert SqsDeliveryQueue("url", Half()).enqueue("m", range(12), "u") == [3, 10, 11]


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"message": 1, "recipient": 0}', '{"message": "m", "recipient": true}']
)
def test_a_queue_message_that_is_no_delivery_is_an_error(body):
    with pytest.raises(ValueError, match=r"not a delivery|Expecting value"):
        parse(body)


def test_a_password_that_was_kept_before_is_read_and_forgotten():
    boto3.client("secretsmanager").create_secret(Name="stack/smtp/u/a", SecretString="one")
    store = SecretsManagerStore()
    assert store.read("stack/smtp/u/a") == "one"
    store.delete("stack/smtp/u/a")
    store.delete("stack/smtp/u/a")
    with pytest.raises(Unavailable):
        store.read("stack/smtp/u/a")


def a_key():
    return boto3.client("kms").create_key()["KeyMetadata"]["Arn"]


OTHERS = [("v", "a@example.test"), ("u", "b@example.test")]


@pytest.mark.parametrize(
    "secret", ["pässword".encode(), b"", b"t" * 20_000], ids=["short", "empty", "beyond KMS's limit"]
)
def test_a_sealed_secret_opens_for_its_own_account_alone(secret):
    seal = KmsSeal(a_key())
    sealed = seal.close("u", "a@example.test", secret)
    assert not secret or secret not in sealed
    assert sealed != seal.close("u", "a@example.test", secret), "each time by a new key"
    assert seal.open("u", "a@example.test", sealed) == secret
    for user, address in OTHERS:
        with pytest.raises(Unavailable):
            seal.open(user, address, sealed)


def test_a_sealed_secret_that_was_changed_does_not_open():
    seal = KmsSeal(a_key())
    sealed = seal.close("u", "a@example.test", b"hush")
    changed = [b"\x02" + sealed[1:], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-20], sealed[:2], b"x", b""]
    for content in changed:
        with pytest.raises(Unavailable):
            seal.open("u", "a@example.test", content)


def test_a_password_that_an_earlier_version_sealed_is_read_for_its_own_account_alone():
    key = a_key()
    account = hashlib.sha256(b"a@example.test").hexdigest()
    context = {"ocello": "smtp password", "user": "u", "account": account}
    answer = boto3.client("kms").encrypt(KeyId=key, Plaintext="pässword".encode(), EncryptionContext=context)
    seal, sealed = KmsSeal(key), answer["CiphertextBlob"]
    assert seal.open_password("u", "a@example.test", sealed) == "pässword"
    for user, address in OTHERS:
        with pytest.raises(Unavailable):
            seal.open_password(user, address, sealed)


def test_a_sealed_key_opens_for_its_own_subject_alone():
    seal = KmsKeySeal(boto3.client("kms").create_key()["KeyMetadata"]["Arn"])
    sealed = seal.close("s" * 43, b"k" * 32)
    assert b"k" * 32 not in sealed
    assert seal.open("s" * 43, sealed) == b"k" * 32
    for subject, content in (("t" * 43, sealed), ("s" * 43, b"x")):
        with pytest.raises(Unavailable):
            seal.open(subject, content)


def test_ses_gets_the_raw_copy_its_envelope_and_its_tags():
    boto3.client("sesv2").create_email_identity(EmailIdentity=USER.address)
    sent = SesTransport("", "eu-south-1").send(ACCOUNT, "b@customer.test", b"Subject: x\r\n\r\nhello", TAGS)
    assert sent.message_id.startswith("<")
    assert sent.message_id.endswith("@eu-south-1.amazonses.com>")


def test_ses_is_asked_once_with_everything_feedback_needs():
    requests = []

    class Client:
        def send_email(self, **request):
            requests.append(request)
            return {"MessageId": "0102-x"}

    sent = SesTransport("ocello", "us-east-1", Client()).send(ACCOUNT, "b@customer.test", b"raw", TAGS)
    assert sent.message_id == "<0102-x@email.amazonses.com>"
    assert requests == [
        {
            "FromEmailAddress": "rep@example.test",
            "Destination": {"ToAddresses": ["b@customer.test"]},
            "Content": {"Raw": {"Data": b"raw"}},
            "EmailTags": [{"Name": "message", "Value": TAGS["message"]}, {"Name": "recipient", "Value": "0"}],
            "ConfigurationSetName": "ocello",
        }
    ]


def answered(code, status, words="words"):
    answer: Any = {"Error": {"Code": code, "Message": words}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (answered("MessageRejected", 400), Rejected),
        (answered("MailFromDomainNotVerifiedException", 400), Rejected),
        (answered("AccountSuspendedException", 400), Rejected),
        (answered("BadRequestException", 400), Rejected),
        (answered("TooManyRequestsException", 429), NotTried),
        (answered("LimitExceededException", 400), NotTried),
        (answered("SendingPausedException", 400), Deferred),
        (answered("ThrottlingException", 400), NotTried),
        (answered("Throttling", 400), NotTried),
        (answered("AnythingElse", 429), NotTried),
        (answered("ExpiredTokenException", 403), Deferred),
        (answered("AccessDeniedException", 403), Deferred),
        (answered("NotFoundException", 404), Deferred),
        (answered("InternalFailure", 500), OutcomeUnknown),
        (answered("MessageRejected", 500), OutcomeUnknown),
        (answered("InternalServiceErrorException", 599), OutcomeUnknown),
        (answered("ServiceUnavailable", 503), Deferred),
        (answered("504", 504), OutcomeUnknown),
        (answered("502", 502), OutcomeUnknown),
        (EndpointConnectionError(endpoint_url="x"), Deferred),
        (ConnectTimeoutError(endpoint_url="x"), Deferred),
        (ReadTimeoutError(endpoint_url="x"), OutcomeUnknown),
    ],
)
def test_what_ses_says_decides_what_becomes_of_the_copy(failure, outcome):
    class Client:
        def send_email(self, **_):
            raise failure

    with pytest.raises(outcome) as raised:
        SesTransport("", "eu-south-1", Client()).send(ACCOUNT, "b@customer.test", b"raw", TAGS)
    assert type(raised.value) is outcome


@pytest.mark.parametrize(
    ("code", "words", "least"),
    [
        ("ThrottlingException", "Daily message quota exceeded", 600),
        ("LimitExceededException", "", 600),
        ("ThrottlingException", "Maximum sending rate exceeded", 5),
    ],
)
def test_a_used_up_quota_waits_longer_than_a_rate_that_was_passed(code, words, least):
    class Client:
        def send_email(self, **_):
            raise answered(code, 400, words)

    with pytest.raises(NotTried) as raised:
        SesTransport("", "eu-south-1", Client()).send(ACCOUNT, "b@customer.test", b"raw", TAGS)
    assert least <= raised.value.seconds < 2 * least


@pytest.mark.usefixtures("aws", "bucket")
def test_a_message_goes_its_whole_way(app_table, queue_url, monkeypatch, capsys):
    boto3.client("sesv2").create_email_identity(EmailIdentity=USER.address)
    DynamoAccountStore().write(ACCOUNT, None)
    told = {
        "APP_TABLE": app_table,
        "MAIL_BUCKET": "mail",
        "DELIVERY_QUEUE_URL": queue_url,
        "LOOKUP_QUEUE_URL": queue_url,
        "TOKEN_KEYS": "1:" + "k" * 32,
        "SUBJECT_KEY": "s" * 32,
        "TRACKING_RULES": "none",
        "TRACKING_ORIGIN": "https://t.example.test",
        "KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/1",
        "AWS_REGION": REGION,
    }
    ours = {"clock": fakes.Clock(), "random_bytes": fakes.PredictableBytes(), "own_users": None, "pace": Pace()}
    wiring = Wiring(settings.read(Settings, told), {}, mode_counts=MemoryModeCounts(), **ours)
    store, sending = wiring.messages, wiring.sending
    draft = Draft(
        to=("a@customer.test",),
        bcc=("b@customer.test",),
        subject="Offer",
        html='<a href="https://example.com/x">x</a>',
        track=Track(opens=True, clicks=True),
    )
    message = send(draft, USER, "key", sending).message
    assert send(draft, USER, "key", sending).message == message

    deliver = loaded("deliver", monkeypatch, **told)
    sqs = boto3.client("sqs")
    queued = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    assert len(queued) == 4  # the repeat queued the two copies again
    event = {"Records": [event_record(queue_message) for queue_message in queued]}
    assert deliver.handler(event, None) == {"batchItemFailures": []}
    assert '"CopiesSent":2' in capsys.readouterr().out

    recipients = store.load(message.id).recipients
    assert [recipient.status for recipient in recipients] == ["sent", "sent"]
    assert [recipient.attempts for recipient in recipients] == [1, 1]
    asked = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(each["Body"]) for each in asked] == [{"domain": "customer.test"}]
    ids = {recipient.provider_message_id for recipient in recipients}
    assert len(ids) == 2
    found = sending.conversations.find(USER.id, sorted(ids))
    assert set(found) == ids
    assert set(found.values()) == {KnownId(message.conversation_id, message.id)}

    ses = recipients[0].provider_message_id  # what the recipient's own reply names
    raw = f"From: rep@example.test\r\nTo: a@customer.test\r\nReferences: {ses}\r\n\r\nhello\r\n".encode()
    assert instrument(raw, (), None, USER, sending)[0].message.conversation_id == message.conversation_id
    reply = send(replace(draft, in_reply_to=message.message_id), USER, None, sending).message
    assert reply.references == (ses, message.message_id), "the Bcc recipient's id is not told"

    feedback = loaded("feedback", monkeypatch, APP_TABLE=app_table)
    feedback.handler(bounce_of(message.id, recipients[0].provider_message_id), None)
    assert [recipient.status for recipient in store.load(message.id).recipients] == ["bounced", "sent"]


def loaded(function, monkeypatch, **environment):
    """Import a function's app as Lambda does, with its environment."""
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    name = f"functions.{function}.app"
    monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module(name)


def event_record(queue_message):
    return {
        "messageId": queue_message["MessageId"],
        "receiptHandle": queue_message["ReceiptHandle"],
        "body": queue_message["Body"],
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-south-1:123456789012:delivery",
        "awsRegion": "eu-south-1",
    }


def bounce_of(message, provider_message_id):
    bounce = json.loads((PAYLOADS / "bounce_permanent.json").read_text())
    mail = bounce["detail"]["mail"]
    mail["messageId"] = provider_message_id.strip("<>").partition("@")[0]
    mail["tags"] |= {"message": [message], "recipient": ["0"]}
    return bounce
