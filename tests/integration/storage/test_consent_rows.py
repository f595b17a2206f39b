"""What only DynamoDB shows of consent: which rows there are, that no address is in them, and what an outage leaves."""

import hashlib

import boto3
import pytest

from functions.nightly.handler import answer
from infra.tools.operate import verify_ledger
from infra.tools.operate.export_ledger import HEAD, LEDGER, export
from ocello.adapters.aws.kms_sign import KmsSigner
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb import consent_keys, keys, models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.open_questions import DynamoOpenQuestions
from ocello.adapters.dynamodb.consent.states import DynamoConsentStates
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.models import consent as consent_rows
from ocello.adapters.hot.hit_sinks import DynamoConsentGate
from ocello.adapters.hot.withdrawals import DynamoCopyGates
from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.ledger import Head, verify
from ocello.domain.consent.states import AxisConsent
from ocello.domain.consent.subjects import subject_of
from ocello.services.consent.asking.unanswered import Unanswered
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.heads import DailyHead
from tests import fakes, tables

ANN = "ann@customer.test"
SUBJECT = subject_of(ANN, fakes.SUBJECT_KEY)
NOW = fakes.NOON
MESSAGE = ids.uuid7(NOW, bytes(10))
pytestmark = pytest.mark.usefixtures("app_table")


def use_case(seal=None):
    ledger = DynamoConsentLedger()
    keys_of = DynamoSubjectKeys(seal or fakes.MemoryKeySeal(), fakes.PredictableBytes())
    clock = fakes.Clock(NOW + 10)
    return Consents(DynamoConsentStates(), ledger, ledger, keys_of, fakes.SUBJECT_KEY, clock, clock.pass_by)


def stop(at=NOW, address=ANN):
    return Said(address, {"opens": "withdrawn", "links": "refused"}, "page", at)


def rows():
    return {(row.pk, row.sk): row.serialize() for row in models.Row.scan()}


def test_a_word_is_four_kinds_of_rows_and_none_has_the_address_in_clear():
    use_case().record(stop())
    stored = rows()
    entries = [key for key in stored if key[0] == f"LEDGER#{SUBJECT}"]
    assert set(stored) == {
        *entries,
        (f"SUBJECT#{SUBJECT}", "CONSENT"),
        (f"SUBJECT#{SUBJECT}", "KEY"),
        ("LEDGER", "HEAD"),
    }
    assert len(entries) == 2
    assert "customer.test" not in str(stored)
    assert not any("ttl" in row for row in stored.values()), "the ledger forgets nothing by itself"


def test_with_the_key_the_address_is_gone_from_every_row():
    consents = use_case()
    consents.record(stop())
    entry = consents.history(ANN, 1).items[0]
    assert consents.keys.open(SUBJECT, entry.sealed) == ANN
    consents.keys.destroy(SUBJECT)
    assert (f"SUBJECT#{SUBJECT}", "KEY") not in rows()
    assert consents.keys.open(SUBJECT, entry.sealed) is None
    assert consents.state(ANN).opens.state == "withdrawn", "the refusal stays, under the digest"


def test_a_state_of_this_release_is_read_as_it_is_stored():
    row = consent_rows.ConsentRow(
        *consent_keys.consent(SUBJECT), opens=["granted", NOW, "id", True, NOW + 9, 0], version=3
    )
    row.save()
    (known,) = DynamoConsentStates().of([SUBJECT]).values()
    assert known.opens == AxisConsent("granted", NOW, "id", own=True, valid_until=NOW + 9)
    assert (known.links, known.version) == (AxisConsent(), 3)


def test_while_the_key_service_is_out_no_row_is_written():
    with pytest.raises(Unavailable):
        use_case(fakes.MemoryKeySeal(down=True)).record(stop())
    assert rows() == {}


def test_while_the_table_is_out_every_method_says_so():
    bound = models.Row.Meta.table_name
    models.bind("nowhere", "eu-south-1")
    ledger, keys_of = DynamoConsentLedger(), DynamoSubjectKeys(fakes.MemoryKeySeal(), fakes.PredictableBytes())
    requests = (
        lambda: use_case().record(stop()),
        ledger.head,
        lambda: ledger.lines(0, 5),
        lambda: ledger.of_subject(SUBJECT, 5, None),
        lambda: DynamoConsentStates().of([SUBJECT]),
        lambda: keys_of.seal(SUBJECT, ANN),
        lambda: keys_of.open(SUBJECT, ""),
        lambda: keys_of.destroy(SUBJECT),
    )
    for each in requests:
        with pytest.raises(Unavailable):
            each()
    models.bind(bound, "eu-south-1")
    assert rows() == {}


def test_the_nights_head_of_kms_in_the_bucket_verifies_the_exported_ledger(tmp_path):
    use_case().record(stop())
    kms, s3 = boto3.client("kms"), boto3.client("s3")
    s3.create_bucket(Bucket="heads", CreateBucketConfiguration={"LocationConstraint": "eu-south-1"})
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    bucket, clock = S3MailStore("heads", s3), fakes.Clock(NOW)
    daily = DailyHead(DynamoConsentLedger(), KmsSigner(key, kms), bucket, clock, clock.pass_by)
    answer(daily, Unanswered(DynamoOpenQuestions(), DynamoRecipientStore(), use_case()))
    assert export(DynamoConsentLedger(), bucket, tmp_path) == (2, True)
    hashes = verify_ledger.chain_of((tmp_path / LEDGER).read_text())
    number, _, fingerprint = verify_ledger.check_head((tmp_path / HEAD).read_text(), hashes, "")
    assert number == 2
    assert fingerprint == hashlib.sha256(kms.get_public_key(KeyId=key)["PublicKey"]).hexdigest()


def test_a_row_that_was_changed_or_deleted_behind_our_back_is_found():
    consents = use_case()
    consents.record(stop())
    consents.record(stop(NOW + 5, "bob@customer.test"))
    ledger, head = DynamoConsentLedger(), DynamoConsentLedger().head()
    assert verify(ledger.lines(0, 10), head) is None
    first, *_, last = sorted(
        consent_rows.LedgerRow.scan(models.Row.pk.startswith("LEDGER#")), key=lambda row: row.gsi1sk
    )
    true = first.line
    first.line = true.replace('"country":""', '"country":"F"')
    first.save()
    assert verify(ledger.lines(0, 10), head) == "line 1 was changed"
    first.line = true
    first.save()
    last.delete()
    assert verify(ledger.lines(0, 10), head) == "line 4 is missing"
    assert head != Head()


def test_periods_that_named_no_text_of_a_footer_are_read_without_one():
    early = [NOW, "eu-strict/1", "off", "off", True, "boss@example.test"]
    consent_rows.WorkspaceRow(
        *consent_keys.WORKSPACE, rules="eu-strict", opens="off", links="off", footers=True, version=3, periods=[early]
    ).save()
    (period,) = DynamoWorkspaceStore().read().periods
    assert [*period] == [*early, ""]


def test_a_gate_of_an_early_commit_closes_all_and_does_so_when_one_axis_is_closed_with_many_others(app_table):
    client, table = tables.BotoClient(), app_table
    early = keys.gate(MESSAGE, 7)
    client.call("PutItem", {"TableName": table, "Item": {"pk": {"S": early.pk}, "sk": {"S": early.sk}}})
    DynamoCopyGates(client, table).close([(MESSAGE, range(120))], frozenset({"opens"}))
    gate = DynamoConsentGate(client, table)
    shut = {
        kind: [index for index in range(120) if gate.closed(MESSAGE, index, kind, 5.0)] for kind in ("open", "click")
    }
    assert shut == {"open": list(range(120)), "click": [7]}
