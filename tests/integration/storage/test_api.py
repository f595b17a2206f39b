"""The API as it is deployed: its own wiring, on tables and a bucket made from the storage template."""

import base64
import importlib
import json
import sys
from urllib.parse import urlencode

import boto3
import pytest

from ocello.adapters.aws import clients
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import SCOPES, Account, User
from ocello.services.people.api_keys import ApiKeys
from tests.integration.conftest import REGION

REP = User("0198c0de-0000-7000-8000-000000000001", "rep@example.test", "Rep")


@pytest.fixture
def delivery_queue():
    return boto3.client("sqs").create_queue(QueueName="delivery")["QueueUrl"]


@pytest.fixture
def call(aws, app_table, delivery_queue, monkeypatch):
    """Ask the deployed handler as the rep; returns a function of method, path, body and query."""
    environment = {
        "APP_TABLE": app_table,
        "HITS_TABLE": aws["HitsTable"],
        "MAIL_BUCKET": aws["MailBucket"],
        "DELIVERY_QUEUE_URL": delivery_queue,
        "WITHDRAWAL_QUEUE_URL": "https://sqs.test/withdrawal",
        "SUBJECT_QUEUE_URL": "https://sqs.test/subjects",
        "PROOF_KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/proof",
        "IMPORT_QUEUE_URL": boto3.client("sqs").create_queue(QueueName="import")["QueueUrl"],
        "LOOKUP_QUEUE_URL": "https://sqs.test/lookup",
        "TOKEN_KEYS": f"1:{'k' * 32}",
        "SUBJECT_KEY": "s" * 32,
        "TRACKING_RULES": "none",
        "TRACKING_ORIGIN": "https://t.test",
        "APP_ORIGIN": "https://app.test",
        "OIDC_ISSUER": "https://issuer.test",
        "OIDC_AUDIENCE": "client",
        "OIDC_JWKS_URL": "https://issuer.test/jwks",
        "KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/1",
        "AWS_REGION": REGION,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    clients._session.cache_clear()
    monkeypatch.delitem(sys.modules, "functions.api.app", raising=False)
    handler = importlib.import_module("functions.api.app").handler
    users, keys = DynamoUserStore(), DynamoApiKeyStore()
    assert users.create(REP, new_entry(0, REP, "user.joined", REP.address))
    DynamoAccountStore().write(Account(REP.id, REP.address, "", "ses", verified=True), None)
    _, key = ApiKeys(keys, lambda: 1790000000000, lambda size: b"k" * size).make(REP, "test", SCOPES)

    def ask(method, path, body=None, **query):
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": urlencode(query),
            "headers": {"authorization": f"Bearer {key}", "content-type": "application/json"},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        made = handler(event, None)
        raw = base64.b64decode(made["body"]) if made["isBase64Encoded"] else (made["body"] or "").encode()
        return made["statusCode"], json.loads(raw) if "json" in made["headers"].get("Content-Type", "") else raw

    yield ask
    monkeypatch.delitem(sys.modules, "functions.api.app", raising=False)
    clients._session.cache_clear()


SENDING = {
    "to": ["buyer@customer.test", "other@customer.test"],
    "subject": "Offer",
    "html": '<p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p>',
}


def test_a_sending_is_stored_queued_listed_and_counted(call, delivery_queue):
    assert call("PUT", "/v1/settings", {"track_opens": True, "track_clicks": True, "alerts": True})[0] == 200
    status, sent = call("POST", "/v1/messages", SENDING)
    assert (status, sent["status"], len(sent["links"])) == (202, "queued", 1)
    queued = boto3.client("sqs").receive_message(QueueUrl=delivery_queue, MaxNumberOfMessages=10)["Messages"]
    assert len(queued) == 2
    assert all(sent["id"] in entry["Body"] for entry in queued)
    assert call("GET", f"/v1/messages/{sent['id']}") == (200, sent)
    original = call("GET", f"/v1/messages/{sent['id']}/source")[1]
    assert b"https://example.com/a?x=3D1" in original
    assert b"t.test/" not in original
    assert [entry["id"] for entry in call("GET", "/v1/messages", tracked="true")[1]["items"]] == [sent["id"]]
    assert call("GET", "/v1/stats")[1]["total"] == {"sent": 1, "tracked": 1, "opened": 0, "clicked": 0}
    assert call("GET", "/v1/alerts") == (200, {"items": [], "next": None})


def test_paging_through_real_tables_gives_each_message_once(call):
    made = [call("POST", "/v1/messages", {**SENDING, "subject": str(number)})[1]["id"] for number in range(5)]
    found, cursor = [], None
    while True:
        _, page = call("GET", "/v1/messages", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [entry["id"] for entry in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(found, reverse=True) == found
    assert set(found) == set(made)


def test_a_message_is_shared_and_linked_afterwards(call):
    sent = call("POST", "/v1/messages", SENDING)[1]
    assert call("PUT", "/v1/items/deal/42", {"title": "Press", "visibility": "company"})[0] == 201
    wish = {"visibility": "shared", "items": [{"type": "deal", "id": "42"}]}
    status, changed = call("PATCH", f"/v1/messages/{sent['id']}", wish)
    assert (status, changed) == (200, {**sent, **wish})
    assert call("GET", f"/v1/messages/{sent['id']}") == (200, changed)
    assert [entry["id"] for entry in call("GET", "/v1/items/deal/42/messages")[1]["items"]] == [sent["id"]]
    assert call("PATCH", f"/v1/messages/{sent['id']}", {"items": []})[1]["items"] == []
    assert call("GET", "/v1/items/deal/42/messages")[1]["items"] == []


def test_an_upload_has_a_presigned_form_and_a_message_takes_it(call, aws):
    status, form = call("POST", "/v1/uploads")
    assert (status, form["fields"]["key"]) == (201, f"uploads/{REP.id}/{form['id']}")
    assert {"policy", "x-amz-signature"} <= set(form["fields"])
    boto3.client("s3").put_object(Bucket=aws["MailBucket"], Key=form["fields"]["key"], Body=b"%PDF-1.7")
    attached = {**SENDING, "attachments": [{"upload": form["id"], "filename": "offer.pdf"}]}
    status, sent = call("POST", "/v1/messages", attached)
    assert status == 202
    assert b"offer.pdf" in call("GET", f"/v1/messages/{sent['id']}/source")[1]


def test_closed_days_are_kept_in_the_table_and_read_back(call):
    first = call("GET", "/v1/stats", **{"from": "2026-01-01", "to": "2026-01-10"})
    assert first[0] == 200
    assert call("GET", "/v1/stats", **{"from": "2026-01-01", "to": "2026-01-10"}) == first
    assert len(first[1]["days"]) == 10
