"""The night's work on the local run: the ledger of the demo's consents is signed, exported, verified, and guarded."""

import json
import os
import subprocess
import sys

import pytest

from infra.local.sample import story
from infra.tools.operate import verify_ledger
from infra.tools.operate.export_ledger import HEAD, LEDGER, export
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger

SAID = sum(len(word.axes) for word in story.WORDS)


def named(run, service, operation, part):
    """Return the only name of a kind that has a part."""
    listed = getattr(run.client(service), operation)()
    names = listed.get("TableNames") or [
        each.get("FunctionName", each.get("Name")) for each in listed.get("Functions", listed.get("Buckets", ()))
    ]
    (found,) = [name for name in names if part in name.lower()]
    return found


def night(run):
    """Do the night's work; return its error's words, or None. The local engine does not tell an error's type."""
    function = named(run, "lambda", "list_functions", "nightly")
    answer = run.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    return json.loads(answer["Payload"].read())["errorMessage"] if "FunctionError" in answer else None


def verified(folder):
    """Verify an exported ledger with its head, as somebody would who has these files and the verifier alone."""
    command = [sys.executable, "-I", verify_ledger.__file__, folder / LEDGER, folder / HEAD]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def reader(run, monkeypatch):
    aws = run.facts["aws"]
    monkeypatch.setitem(os.environ, "AWS_ACCESS_KEY_ID", aws["access_key_id"])
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", aws["secret_access_key"])
    models.bind(named(run, "dynamodb", "list_tables", "apptable"), aws["region"], aws["endpoint_url"])
    return DynamoConsentLedger()


def test_the_nights_head_verifies_the_exported_ledger_of_the_demo(run, reader, tmp_path):
    assert night(run) is None
    bucket = S3MailStore(named(run, "s3", "list_buckets", "mailbucket"), run.client("s3"))
    said = reader.head().number
    assert said >= SAID, "other tests of this run may have said more"
    assert export(reader, bucket, tmp_path) == (said, True)
    done = verified(tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{said} lines, each as it was written; 0 came after the newest head" in done.stdout
    assert "maria@acme.test" not in (tmp_path / LEDGER).read_text()


def test_the_verifier_fails_on_one_changed_byte_and_on_a_missing_last_line(run, reader, tmp_path):
    assert night(run) is None
    bucket = S3MailStore(named(run, "s3", "list_buckets", "mailbucket"), run.client("s3"))
    said, _ = export(reader, bucket, tmp_path)
    true = (tmp_path / LEDGER).read_bytes()
    lines = true.splitlines(keepends=True)
    for place in (0, said // 2, said - 1):
        at = sum(map(len, lines[:place])) + lines[place].index(b'"at":') + len(b'"at":')
        changed = bytearray(true)
        changed[at] = ord("1") if true[at : at + 1] != b"1" else ord("2")
        (tmp_path / LEDGER).write_bytes(changed)
        done = verified(tmp_path)
        assert (done.returncode, f"line {place + 1} was changed" in done.stderr) == (1, True), done.stderr
    (tmp_path / LEDGER).write_bytes(b"".join(lines[:-1]))
    done = verified(tmp_path)
    assert (done.returncode, f"line {said} is missing" in done.stderr) == (1, True), done.stderr
    (tmp_path / LEDGER).write_bytes(true)
    assert verified(tmp_path).returncode == 0


def test_a_line_that_was_deleted_before_it_was_signed_stops_the_signing(run, reader):
    assert night(run) is None
    head, table = reader.head(), run.client("dynamodb")
    key = {"pk": {"S": "LEDGER"}, "sk": {"S": "HEAD"}}
    name = named(run, "dynamodb", "list_tables", "apptable")
    true = table.get_item(TableName=name, Key=key)["Item"]
    table.put_item(TableName=name, Item={**true, "number": {"N": str(head.number + 1)}})
    assert f"line {head.number + 1} is missing" in night(run)
    table.put_item(TableName=name, Item=true)
    assert night(run) is None
