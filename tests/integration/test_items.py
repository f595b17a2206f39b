"""Items, links and imports on tables made from our own template."""

from dataclasses import replace

import boto3
import pytest

from ocello.adapters import models
from ocello.adapters.dynamo_imports import DynamoImportStore
from ocello.adapters.dynamo_items import DynamoItemStore, DynamoLinkedMessages
from ocello.adapters.dynamo_messages import DynamoMessageStore
from ocello.adapters.dynamo_people import DynamoUserStore
from ocello.adapters.sqs_imports import SqsImportQueue, read
from ocello.domain.errors import Invalid, Unavailable
from ocello.domain.imports import Import, Refusal
from ocello.domain.items import Item, linked
from ocello.domain.messages import ItemRef
from ocello.domain.people import User
from ocello.domain.texts import Text
from ocello.services import items
from ocello.services.ports_items import Viewer
from tests.integration.conftest import REGION
from tests.integration.test_sending import event_record, loaded
from tests.integration.test_stores import MemoryBucket, stored

NOW = 1_764_000_000_000
UPLOAD = "0198c0de-0000-7000-8000-0000000000aa"
REP = Viewer("u1", "rep@example.test", ("sales",))
OTHER = Viewer("u2", "other@example.test", ())
DEAL, ANN = ItemRef("deal", "42#Ä"), ItemRef("person", "7")
pytestmark = pytest.mark.usefixtures("app_table")


def item(ref=DEAL, title="Bicicletté per Roma", **other):
    usual = {
        "owner": REP.address,
        "visibility": "owner",
        "maker": "u1",
        "made_at": NOW,
        "changed_at": NOW,
        "version": 1,
    }
    return Item(ref, title, **{**usual, **other})


def later(before, **changes):
    return replace(before, version=before.version + 1, **changes)


@pytest.fixture
def store():
    return DynamoItemStore()


def test_what_is_written_is_what_is_read(store):
    whole = item(ANN, group="g", visibility="group", organization="9", addresses=("a@x.test", "b@x.test"), trusted=True)
    assert store.put(whole, None)
    assert store.get(ANN) == whole
    assert store.several([ANN, DEAL, ANN]) == {ANN: whole}
    assert store.get(DEAL) is None
    assert store.several([]) == {}


def test_of_two_writers_of_one_version_one_wins(store):
    first = item()
    assert store.put(first, None)
    assert not store.put(item(title="Other"), None)
    assert store.put(later(first, title="New"), first)
    assert not store.put(later(first, title="Late"), first)
    assert store.get(DEAL).title == "New"


def test_a_list_is_merged_of_ones_own_ones_groups_and_the_companys(store):
    made = [
        item(ItemRef("deal", "1"), "Delta"),
        item(ItemRef("deal", "2"), "alpha", visibility="group", group="sales"),
        item(ItemRef("deal", "3"), "Beta", visibility="company", owner=OTHER.address),
        item(ItemRef("deal", "4"), "Gamma", owner=OTHER.address),
        item(ItemRef("deal", "5"), "Alpha", visibility="group", group="north", owner=OTHER.address),
        item(ItemRef("person", "1"), "Ann", visibility="company"),
    ]
    for each in made:
        assert store.put(each, None)

    def titles(viewer, kind=None, limit=2):
        found, cursor = [], None
        while True:
            page = store.page(viewer, kind, limit, cursor)
            assert len(page.items) <= limit
            found += [each.title for each in page.items]
            if (cursor := page.next) is None:
                return found

    assert titles(REP) == ["alpha", "Beta", "Delta", "Ann"]
    assert titles(REP, "deal", 1) == ["alpha", "Beta", "Delta"]
    assert titles(REP, "person") == ["Ann"]
    assert titles(OTHER) == ["Alpha", "Beta", "Gamma", "Ann"]
    with pytest.raises(Invalid):
        store.page(OTHER, None, 2, store.page(REP, None, 2, None).next)


def test_an_item_is_found_by_its_words_and_no_longer_by_those_it_had(store):
    before = item(ANN, "Anna Bianchi", addresses=("anna@x.test",))
    assert store.put(before, None)
    assert store.put(item(DEAL, "Anna's boat"), None)

    def found(word):
        return [each.ref for each in store.found(word, 10, None).items]

    assert found("anna") == [DEAL, ANN]
    assert found("bian") == found("anna@x") == [ANN]
    assert store.put(later(before, title="Anna Rossi", addresses=("rossi@x.test",)), before)
    assert found("bian") == found("anna@x") == []
    assert found("rossi") == [ANN]
    page = store.found("anna", 1, None)
    assert [each.ref for each in store.found("anna", 1, page.next).items] == [ANN]


def test_a_word_that_points_to_an_item_without_it_is_not_believed(store):
    before = item()
    assert store.put(before, None)
    assert not store.put(item(title="Ghost"), None)
    assert store.found("ghost", 10, None).items == ()


def test_persons_are_found_by_address_as_long_as_it_is_theirs(store):
    ann = item(ANN, "Ann", addresses=("a@x.test", "b@x.test"))
    bob = item(ItemRef("person", "8"), "Bob", addresses=("b@x.test",))
    assert store.put(ann, None)
    assert store.put(bob, None)

    def ids(*addresses):
        return sorted(person.ref.id for person in store.persons_at(addresses))

    assert (ids("a@x.test"), ids("b@x.test"), ids("c@x.test"), ids()) == (["7"], ["7", "8"], [], [])
    assert store.put(later(ann, addresses=("c@x.test",)), ann)
    assert (ids("a@x.test"), ids("b@x.test"), ids("c@x.test")) == ([], ["8"], ["7"])


def test_an_items_messages_are_ones_own_and_everybodys_shared_ones_paged():
    messages, index = DynamoMessageStore(MemoryBucket()), DynamoLinkedMessages()
    plans = [("u1", "private"), ("u2", "private"), ("u2", "shared"), ("u1", "shared"), ("u3", "shared")]
    made = []
    for number, (owner, visibility) in enumerate(plans):
        one = stored(number, owner)
        one = replace(one, message=replace(one.message, visibility=visibility, items=(DEAL, ANN)))
        assert messages.create(one, None) is None
        made.append(one.message)

    def pages(viewer, limit):
        found, cursor = [], None
        while True:
            page = index.page(viewer, ANN, limit, cursor)
            found += page.items
            if (cursor := page.next) is None:
                return found

    expected = [linked(made[place]) for place in (4, 3, 2, 0)]
    assert pages(REP, 1) == pages(REP, 3) == pages(REP, 10) == expected
    assert pages(OTHER, 2) == [linked(made[place]) for place in (4, 3, 2, 1)]
    assert index.page(REP, ItemRef("deal", "none"), 10, None).items == ()


def test_the_largest_message_with_the_most_items_is_one_write():
    messages = DynamoMessageStore(MemoryBucket())
    one = stored()
    refs = tuple(ItemRef("person", str(number)) for number in range(40))
    recipients = tuple(replace(one.recipients[0], index=number) for number in range(50))
    one = replace(one, message=replace(one.message, items=refs, visibility="shared"), recipients=recipients)
    assert messages.create(one, "key") is None
    assert messages.load(one.message.id).message.items == refs


def test_an_imports_account_is_kept_by_one_writer():
    kept = DynamoImportStore()
    made = Import("i1", "u1", "up", "csv", NOW, refusals=(Refusal(2, "title", "no"),))
    assert kept.write(made, None)
    assert not kept.write(made, None)
    assert kept.get("u1", "i1") == made
    assert kept.get("u2", "i1") is None
    refusals = (*made.refusals, Refusal(3, "title", Text("must be 1 to %(most)s characters", most=200)))
    after = replace(made, status="failed", version=2, refusals=refusals, reason=Text("its file is no longer kept"))
    assert kept.write(after, made)
    assert not kept.write(replace(after, status="failed"), made)
    read_again = kept.get("u1", "i1")
    assert read_again == after
    assert read_again.refusals[1].reason.values == {"most": 200}
    assert isinstance(read_again.reason, Text)


def test_an_import_is_queued():
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="import")["QueueUrl"]
    SqsImportQueue(url).enqueue("u1", "i1")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert read(message["Body"]) == ("u1", "i1")
    with pytest.raises(Unavailable):
        SqsImportQueue(f"{url}-gone").enqueue("u1", "i1")


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"owner": 1, "id": "x"}'])
def test_what_is_no_import_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011 — JSON's own error is one
        read(body)


def test_the_imports_function_works_through_a_file_as_it_is_deployed(aws, app_table, monkeypatch, capsys):
    sqs, bucket = boto3.client("sqs"), aws["MailBucket"]
    url = sqs.create_queue(QueueName="import")["QueueUrl"]
    user = User("0198c0de-0000-7000-8000-000000000001", "rep@example.test", groups=("sales",))
    assert DynamoUserStore().create(user)
    rows = "".join(f"person,{n},Person {n},p{n}@customer.test,company\n" for n in range(30))
    content = f"type,id,title,addresses,visibility\n{rows}deal,,No id,,\n".encode()
    boto3.client("s3").put_object(Bucket=bucket, Key=f"uploads/{user.id}/{UPLOAD}", Body=content)
    made = Import(UPLOAD, user.id, UPLOAD, "csv", NOW)
    assert DynamoImportStore().write(made, None)
    handler = loaded(
        "imports", monkeypatch, APP_TABLE=app_table, MAIL_BUCKET=bucket, IMPORT_QUEUE_URL=url, AWS_REGION=REGION
    ).handler
    SqsImportQueue(url).enqueue(user.id, UPLOAD)
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert handler({"Records": [event_record(message)]}, None) == {"batchItemFailures": []}
    done = DynamoImportStore().get(user.id, UPLOAD)
    assert (done.status, done.written, done.refused) == ("done", 30, 1)
    assert [person.title for person in DynamoItemStore().persons_at(["p7@customer.test"])] == ["Person 7"]
    assert "customer.test" not in capsys.readouterr().out


def test_all_models_share_one_client(app_table):
    assert app_table
    kinds = models.Row.__subclasses__()
    assert len(kinds) > 10
    assert {id(kind._get_connection().connection.client) for kind in kinds} == {id(models.connection().client)}


def test_two_words_find_an_item_among_many_that_have_the_commoner_one(store):
    for number in range(120):
        assert store.put(item(ItemRef("deal", str(number)), f"Boat {number:03d}", visibility="company"), None)
    user = User(OTHER.user, OTHER.address)
    page = items.page(user, None, "boat 117", 5, None, store)
    assert ([each.title for each in page.items], page.next) == (["Boat 117"], None)
    found, cursor = [], None
    while True:
        page = items.page(user, "deal", "boat 1", 7, cursor, store)
        assert len(page.items) <= 7
        found += [each.title for each in page.items]
        if (cursor := page.next) is None:
            break
    assert sorted(found) == [f"Boat {number}" for number in range(100, 120)]
