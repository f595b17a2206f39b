"""The operator's command that exports and erases what is held of a person, on tables."""

import json
import zipfile
from io import BytesIO
from typing import NamedTuple

import pytest
from moto import mock_aws

from infra.tools.operate.deployed import Stack, stack_of
from ocello.adapters.hot.hit_sinks import DynamoHitSink
from ocello.adapters.networks.builtin import builtin
from ocello.domain.consent.subjects import key_of, subject_of
from ocello.domain.verdicts.networks import Networks
from ocello.services.consent.ports import SubjectCopy
from ocello.wiring.rights import RightsWiring
from tests import fakes, tables
from tests.fakes.engagement.settling import MESSAGE, a_hit

ANN = "ann@customer.test"


class Fixed(NamedTuple):
    """A source of networks that always has the same table."""

    table: Networks

    def current(self) -> Networks:
        return self.table


@pytest.fixture
def stack():
    with tables.environment(), mock_aws():
        app, hits = tables.make_table("AppTable")["TableName"], tables.make_table("HitsTable")["TableName"]
        yield Stack("ocello", tables.ENVIRONMENT["AWS_REGION"], hits, app, "bucket", "key", fakes.SUBJECT_KEY.decode())
        tables.close_all()


def test_a_person_is_exported_and_erased_on_tables_and_the_log_says_so(stack):
    client = tables.BotoClient()
    networks = Fixed(builtin())
    parts = {"mail": fakes.MemoryMailStore(), "subject_keys": fakes.MemorySubjectKeys(), "newest_networks": networks}
    rights = RightsWiring(stack, {}, client=client, **parts).rights(lambda _number: None)
    subject = subject_of(ANN, key_of(stack.subject_key))
    rights.index.add([SubjectCopy(subject, MESSAGE, 0, "u1")])
    sink = DynamoHitSink(client, stack.hits_table, 86_400)
    theirs, other = a_hit(recipient=0), a_hit(1, "s", recipient=1)
    for hit in (theirs, other):
        sink.put(hit, 2.0)
    rights.closer.judge.settle(MESSAGE, [theirs, other])
    with zipfile.ZipFile(BytesIO(rights.export(ANN))) as archive:
        assert json.loads(archive.read("data.json"))["subject"] == subject
    entry = rights.erase(ANN, "asked", "operator")
    assert (entry.deleted.hits, entry.deleted.engagement) == (1, 1)
    assert [hit for page in rights.hits.pages(MESSAGE, None, None) for hit in page] == [other]
    assert rights.log.page(9, None).items == (entry,)
    assert rights.consents.state(ANN).links.state == "refused"
    assert rights.erase_again() == 1


def test_a_stack_says_where_its_rows_and_keys_are():
    outputs = {"HitsTable": "h", "AppTable": "a", "MailBucket": "b", "KeyArn": "k", "SubjectKeyArn": "s"}

    parameters = [{"ParameterKey": "OwnNetworks", "ParameterValue": "10.0.0.0/8"}]

    class CloudFormation:
        def describe_stacks(self, StackName):  # noqa: N803 — botocore's
            assert StackName == "ocello"
            made = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
            return {"Stacks": [{"Outputs": made, "Parameters": parameters}]}

    class Secrets:
        def get_secret_value(self, SecretId):  # noqa: N803 — botocore's
            assert SecretId == "s"
            return {"SecretString": json.dumps({"key": "k" * 40})}

    read = stack_of(CloudFormation(), Secrets(), "ocello", "eu-south-1")
    assert read == Stack("ocello", "eu-south-1", "h", "a", "b", "k", "k" * 40, "10.0.0.0/8")
