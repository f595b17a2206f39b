"""Items, links and imports on tables made from our own template."""

import re
from dataclasses import replace

import boto3
import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.sqs_imports import SqsImportQueue, parse
from ocello.adapters.dynamodb import item_keys, keys, models
from ocello.adapters.dynamodb.crm import items as dynamo_items
from ocello.adapters.dynamodb.crm.item_rows import leading_rows
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.imports import DynamoImportStore
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.models.items import ImportRow
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.domain.common.errors import Unavailable
from ocello.domain.crm.items import message_link
from ocello.domain.imports.imports import Import
from ocello.domain.messages.message import ItemRef
from ocello.domain.messages.sharing import SharingUpdate
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import User
from ocello.services.inbox import inbox
from ocello.services.inbox.sharing import MessageSharing
from ocello.services.items.items import ItemReader
from tests.fakes.sending.mail import MemoryMailStore
from tests.fakes.web import REP as WEB_REP
from tests.fakes.web import Stage
from tests.fakes.world import TimeLeft
from tests.integration.conftest import REGION
from tests.integration.mail.test_sending import event_record, loaded
from tests.ports.examples import ANN, DEAL, OTHER, REP, item, later, stored


class CONTEXT:
    """What of Lambda's context the imports function reads."""

    get_remaining_time_in_millis = TimeLeft()


NOW = 1_764_000_000_000
UPLOAD = "0198c0de-0000-7000-8000-0000000000aa"
NOTE = new_entry(NOW, User("boss", "boss@example.test"), "item.deleted", "deal/42")
pytestmark = pytest.mark.usefixtures("app_table")


@pytest.fixture
def store():
    return DynamoItemStore()


def test_a_row_of_an_earlier_release_is_still_read(store, app_table):
    made = item()
    assert store.put(made, None)
    boto3.resource("dynamodb").Table(app_table).update_item(
        Key=item_keys.item(DEAL.type, DEAL.id)._asdict(),
        UpdateExpression="SET trusted = :true REMOVE earlier",
        ExpressionAttributeValues={":true": True},
    )
    assert store.get(DEAL) == made
    assert store.put(later(made, title="New"), made)


def rows_of(table):
    """Every row of the table, by its keys."""
    return {(row["pk"], row["sk"]): row for row in boto3.resource("dynamodb").Table(table).scan()["Items"]}


def test_a_deleted_item_leaves_no_row_behind(store, app_table):
    ann = item(ANN, "Anna Bianchi", visibility="group", group="sales", organization="9", addresses=("a@x.test",))
    assert store.put(ann, None)
    assert len(rows_of(app_table)) > 4
    changed = later(ann, title="Anna Rossi", organization="10", addresses=("b@x.test", "c@x.test"))
    assert store.put(changed, ann)
    assert not any("a@x.test" in pk or "#9" in pk for pk, _ in rows_of(app_table))
    assert not store.delete(ann, NOTE), "that is not what stands any more"
    assert store.delete(changed, NOTE)
    assert [pk for pk, _ in rows_of(app_table)] == [keys.TRAIL]
    assert not store.delete(changed, NOTE)
    assert store.put(replace(ann, version=NOW + 99), None), "it may be made again"


def test_a_late_end_of_a_deletion_takes_nothing_from_the_item_that_was_made_again(store):
    first = item(ANN, "Ann", organization="9", addresses=("a@x.test",), version=3)
    again = item(ANN, "Ann", organization="9", addresses=("a@x.test",), version=NOW)
    assert store.put(first, None)
    assert store.delete(first, NOTE)
    assert store.put(again, None)
    for row in leading_rows(first).values():  # the last step of the deletion
        dynamo_items._forget(row)
    assert store.found("ann", 10, None).items == (again,)
    assert store.naming(ItemRef("organization", "9"), 10, None).items == (again,)
    assert store.persons_at(["a@x.test"]) == [again]


class Rep:
    """A message of the rep, shared on a deal, and the services that change it, on real stores."""

    def __init__(self):
        self.user = User("u1", REP.address)
        self.messages, self.index = DynamoMessageStore(MemoryMailStore()), DynamoLinkedMessages()
        self.items, self.lists = DynamoItemStore(), DynamoInboxStore()
        one = stored()
        self.one = replace(one.message, visibility="shared", items=(DEAL,), linked_since=())
        self.messages.create(replace(one, message=self.one), None)
        inbox.add_message(self.messages.load(self.one.id), self.lists)

    def share(self, visibility=None, *refs, version=None, index=None):
        return MessageSharing(self.messages, self.items, index or self.index, self.lists, lambda: NOW + 99).share(
            self.user, self.one.id, SharingUpdate(visibility, refs or None), version
        )

    def found(self, viewer, ref):
        return [each.id for each in self.index.page(viewer, ref, 9, None).items]

    def listed(self, ref):
        return [entry.conversation for entry in self.lists.page("u1", f"item:{ref.type}:{ref.id}", 9, None).items]


def test_a_change_of_who_may_see_a_message_is_everywhere_at_once():
    world = Rep()
    assert world.items.put(item(ANN, made_at=NOW + 50), None)
    changed = world.share(None, ANN)
    after = changed.message
    assert (after.items, after.linked_since, after.version) == ((ANN,), ((ANN, NOW + 99),), 1)
    assert world.messages.load(after.id).message == after
    assert world.index.of_conversation(after.conversation_id, 9, None) == [message_link(after, changed.recipients)]
    assert world.index.page(OTHER, ANN, 9, None).items == (message_link(after, changed.recipients),)
    assert [world.found(viewer, DEAL) for viewer in (REP, OTHER)] == [[], []]
    assert (world.listed(DEAL), world.listed(ANN)) == ([], ["c0"])

    hidden = world.share("private").message
    assert world.index.of_conversation(after.conversation_id, 9, None) == [message_link(hidden, changed.recipients)]
    assert (world.found(REP, ANN), world.found(OTHER, ANN)) == ([after.id], [])
    shared = world.share("shared", DEAL, ANN).message
    assert shared.linked_since == ((ANN, NOW + 99),), "no such deal is there"
    assert world.found(OTHER, DEAL) == world.found(OTHER, ANN) == [after.id]


def test_a_change_over_an_outdated_state_writes_nothing():
    world = Rep()
    other = replace(world.one, items=(ANN,), version=1)
    assert world.index.change(world.one, other, ())
    assert not world.index.change(world.one, replace(world.one, visibility="private", version=1), ())
    assert world.messages.load(world.one.id).message == other
    assert (world.found(OTHER, ANN), world.found(OTHER, DEAL)) == ([other.id], [])
    assert not world.index.change(replace(world.one, id="gone"), replace(other, id="gone"), ()), (
        "nothing is made of nothing"
    )


def test_of_two_who_change_a_message_at_once_both_win():
    world = Rep()

    class Meanwhile(DynamoLinkedMessages):
        def change(self, before, after, recipients, notes=()):
            if before.version == 0:
                world.share("private")
            return super().change(before, after, recipients, notes)

    after = world.share(None, ANN, index=Meanwhile()).message
    assert (after.visibility, after.items, after.version) == ("private", (ANN,), 2)
    assert world.messages.load(after.id).message == after
    assert world.found(OTHER, ANN) == world.found(OTHER, DEAL) == []
    assert (world.found(REP, ANN), world.listed(ANN), world.listed(DEAL)) == ([after.id], ["c0"], [])


def test_forty_items_for_forty_others_are_one_write():
    world = Rep()
    first, second = (tuple(ItemRef(kind, str(number)) for number in range(40)) for kind in ("deal", "lead"))
    assert world.share(None, *first).message.items == first
    assert world.share(None, *second).message.items == second
    assert world.found(OTHER, first[7]) == []
    assert world.found(OTHER, second[39]) == [world.one.id]


def test_an_import_is_queued():
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="import")["QueueUrl"]
    SqsImportQueue(url).enqueue("u1", "i1")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert parse(message["Body"]) == ("u1", "i1")
    with pytest.raises(Unavailable):
        SqsImportQueue(f"{url}-gone").enqueue("u1", "i1")


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"owner": 1, "id": "x"}'])
def test_what_is_no_import_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011 — JSON's own error is one
        parse(body)


def imports_function(monkeypatch, app_table, bucket, url):
    """Return the handler of the imports function, wired as it is deployed."""
    surroundings = {
        "APP_TABLE": app_table,
        "MAIL_BUCKET": bucket,
        "IMPORT_QUEUE_URL": url,
        "WITHDRAWAL_QUEUE_URL": "https://sqs.test/withdrawal",
        "SUBJECT_KEY": "s" * 32,
        "KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/main",
        "AWS_REGION": REGION,
    }
    return loaded("imports", monkeypatch, **surroundings).handler


def test_the_imports_function_works_through_a_file_as_it_is_deployed(aws, app_table, monkeypatch, capsys):
    sqs, bucket = boto3.client("sqs"), aws["MailBucket"]
    url = sqs.create_queue(QueueName="import")["QueueUrl"]
    user = User("0198c0de-0000-7000-8000-000000000001", "rep@example.test", groups=("sales",))
    assert DynamoUserStore().create(user, NOTE)
    rows = "".join(f"person,{n},Person {n},p{n}@customer.test,company\n" for n in range(30))
    content = f"type,id,title,addresses,visibility\n{rows}deal,,No id,,\n".encode()
    boto3.client("s3").put_object(Bucket=bucket, Key=f"uploads/{user.id}/{UPLOAD}", Body=content)
    made = Import(UPLOAD, user.id, UPLOAD, "csv", NOW)
    assert DynamoImportStore().write(made, None)
    handler = imports_function(monkeypatch, app_table, bucket, url)
    SqsImportQueue(url).enqueue(user.id, UPLOAD)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert handler({"Records": [event_record(message)]}, CONTEXT) == {"batchItemFailures": []}
    done = DynamoImportStore().get(user.id, UPLOAD)
    assert (done.status, done.written, done.refused) == ("done", 30, 1)
    assert [person.title for person in DynamoItemStore().persons_at(["p7@customer.test"])] == ["Person 7"]
    assert "customer.test" not in capsys.readouterr().out


def test_a_file_goes_from_the_page_through_the_queue_into_items_and_its_report(aws, app_table, monkeypatch):
    sqs, bucket = boto3.client("sqs"), aws["MailBucket"]
    url = sqs.create_queue(QueueName="import")["QueueUrl"]
    assert DynamoUserStore().create(WEB_REP, NOTE)
    stage = Stage()
    context = replace(
        stage.context,
        imports=DynamoImportStore(),
        import_queue=SqsImportQueue(url),
        linked=DynamoLinkedMessages(),
        sending=replace(stage.context.sending, items=DynamoItemStore(), mail=S3MailStore(bucket)),
    )
    stage.handler = WebHandler(ROUTES, context)
    rep = stage.browser(WEB_REP)
    raw = "type;id;title;addresses\r\nperson;7;Zoë;zoe@x.test\r\ndeal;8;;\r\n".encode("utf-8-sig")
    taken = rep.upload("/app/items/import", {"format": ""}, "file", "items.csv", raw)
    assert taken.status == 303, taken.text
    page = taken.headers["location"]
    assert "waits for its turn" in rep.get(page).text
    handler = imports_function(monkeypatch, app_table, bucket, url)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert handler({"Records": [event_record(message)]}, CONTEXT) == {"batchItemFailures": []}
    assert "Done: 2 lines." in rep.get(page).text
    assert "must be 1 to 300 characters" in rep.get(f"{page}/refused.csv").text
    assert page in rep.get("/app/items/import").text
    assert "Zoë" in rep.get("/app/items?q=zoe").text
    version = re.search(r'name="version" value="(\d+)"', rep.get("/app/items/person/7/delete").text)[1]
    assert rep.post("/app/items/person/7/delete", {"version": version}).status == 303
    assert not any("PERSON" in pk or "ITEM" in pk for pk, _ in rows_of(app_table))


def test_the_web_function_is_wired_to_the_import_queue_as_it_is_deployed(aws, app_table, monkeypatch, capsys):
    url = boto3.client("sqs").create_queue(QueueName="import")["QueueUrl"]
    told = {
        "APP_TABLE": app_table,
        "HITS_TABLE": aws["HitsTable"],
        "MAIL_BUCKET": aws["MailBucket"],
        "DELIVERY_QUEUE_URL": "https://sqs.test/deliver",
        "IMPORT_QUEUE_URL": url,
        "LOOKUP_QUEUE_URL": url,
        "WITHDRAWAL_QUEUE_URL": url,
        "SUBJECT_QUEUE_URL": url,
        "PROOF_KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/proof",
        "HIT_TTL_DAYS": "30",
        "ENGAGEMENT_DAYS": "396",
        "TOKEN_KEYS": "1:" + "k" * 32,
        "SUBJECT_KEY": "s" * 32,
        "TRACKING_RULES": "none",
        "KEY_ARN": "arn:aws:kms:eu-south-1:123456789012:key/1",
        "AWS_REGION": REGION,
    }
    origins = ("TRACKING_ORIGIN", "APP_ORIGIN", "OIDC_ISSUER", "OIDC_JWKS_URL", "OIDC_AUTHORIZE_URL", "OIDC_TOKEN_URL")
    told |= dict.fromkeys((*origins, "OIDC_LOGOUT_URL"), "https://somewhere.test") | {"OIDC_AUDIENCE": "app"}
    app = loaded("web", monkeypatch, **told)
    app._wiring.import_queue.enqueue("u1", "i1")
    assert boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    event = {"rawPath": "/app/items/import", "requestContext": {"http": {"method": "GET", "path": "/app/items/import"}}}
    assert app.handler(event, None)["headers"]["Location"].startswith("/app/sign-in")
    assert '"status":303' in capsys.readouterr().out


def test_all_models_share_one_client(app_table):
    assert app_table
    kinds = models.Row.__subclasses__()
    assert len(kinds) > 10
    assert {id(kind._get_connection().connection.client) for kind in kinds} == {id(models.connection().client)}


def test_two_words_find_an_item_among_many_that_have_the_commoner_one(store):
    for number in range(120):
        assert store.put(item(ItemRef("deal", str(number)), f"Boat {number:03d}", visibility="company"), None)
    user = User(OTHER.user, OTHER.address)
    page = ItemReader(store, None, None).page(user, None, "boat 117", 5, None)
    assert ([each.title for each in page.items], page.next) == (["Boat 117"], None)
    found, cursor = [], None
    while True:
        page = ItemReader(store, None, None).page(user, "deal", "boat 1", 7, cursor)
        assert len(page.items) <= 7
        found += [each.title for each in page.items]
        if (cursor := page.next) is None:
            break
    assert sorted(found) == [f"Boat {number}" for number in range(100, 120)]


def test_an_import_of_an_earlier_version_is_one_of_items():
    made = Import(UPLOAD, "u1", UPLOAD, "csv", 1, kind="consents")
    assert DynamoImportStore().write(made, None)
    row = ImportRow.get(*item_keys.import_("u1", UPLOAD))
    del row.content["kind"]
    row.save()
    found = DynamoImportStore().get("u1", UPLOAD)
    assert found is not None
    assert found.kind == "items"
