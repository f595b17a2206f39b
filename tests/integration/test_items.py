"""Items, links and imports on tables made from our own template."""

import re
from dataclasses import replace

import boto3
import pytest

from functions.web.handler import WebHandler
from functions.web.routes import ROUTES
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.aws.sqs_imports import SqsImportQueue, read
from ocello.adapters.dynamodb import item_keys, keys, models
from ocello.adapters.dynamodb.crm import items as dynamo_items
from ocello.adapters.dynamodb.crm.imports import DynamoImportStore
from ocello.adapters.dynamodb.crm.item_rows import leading_rows
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.crm.imports import Import, Refusal
from ocello.domain.crm.items import Earlier, Item, linked
from ocello.domain.messages.message import ItemRef
from ocello.domain.messages.sharing import SharingUpdate
from ocello.domain.people.audit import entry
from ocello.domain.people.users import User
from ocello.services.inbox import inbox
from ocello.services.inbox.sharing import MessageSharing
from ocello.services.items.items import ItemReader
from ocello.services.items.ports import Viewer
from tests.fakes.web import REP as WEB_REP
from tests.fakes.web import Stage
from tests.fakes.world import TimeLeft
from tests.integration.conftest import REGION
from tests.integration.test_sending import event_record, loaded
from tests.integration.test_stores import MemoryBucket, stored


class CONTEXT:
    """What of Lambda's context the imports function reads."""

    get_remaining_time_in_millis = TimeLeft()


NOW = 1_764_000_000_000
UPLOAD = "0198c0de-0000-7000-8000-0000000000aa"
REP = Viewer("u1", "rep@example.test", ("sales",))
OTHER = Viewer("u2", "other@example.test", ())
NOTE = entry(NOW, User("boss", "boss@example.test"), "item.deleted", "deal/42")
DEAL, ANN = ItemRef("deal", "42;Ä"), ItemRef("person", "7")
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
    whole = item(
        ANN,
        group="g",
        visibility="group",
        organization="9",
        addresses=("a@x.test", "b@x.test"),
        earlier=(Earlier(NOW, REP.address, "owner", ""),),
    )
    assert store.put(whole, None)
    assert store.get(ANN) == whole
    assert store.several([ANN, DEAL, ANN]) == {ANN: whole}
    assert store.get(DEAL) is None
    assert store.several([]) == {}


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
        one = replace(one, message=replace(one.message, visibility=visibility, items=(DEAL, ANN), linked_since=()))
        assert messages.create(one, None) is None
        made.append(linked(one.message, one.recipients))

    def pages(viewer, limit):
        found, cursor = [], None
        while True:
            page = index.page(viewer, ANN, limit, cursor)
            found += page.items
            if (cursor := page.next) is None:
                return found

    expected = [made[place] for place in (4, 3, 2, 0)]
    assert expected[0].bcc == (2,), "else nothing tells whose acts are hidden"
    assert pages(REP, 1) == pages(REP, 3) == pages(REP, 10) == expected
    assert pages(OTHER, 2) == [made[place] for place in (4, 3, 2, 1)]
    assert index.page(REP, ItemRef("deal", "none"), 10, None).items == ()


def test_the_largest_message_with_the_most_items_is_one_write():
    messages = DynamoMessageStore(MemoryBucket())
    one = stored()
    refs = tuple(ItemRef("person", str(number)) for number in range(40))
    recipients = tuple(replace(one.recipients[0], index=number) for number in range(50))
    one = replace(one, message=replace(one.message, items=refs, visibility="shared"), recipients=recipients)
    assert messages.create(one, "key") is None
    assert messages.load(one.message.id).message.items == refs


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


def test_who_shares_an_address_keeps_it_when_the_other_is_deleted(store):
    ann = item(ANN, "Ann", addresses=("info@x.test",))
    bob = item(ItemRef("person", "8"), "Bob", addresses=("info@x.test",))
    assert store.put(ann, None)
    assert store.put(bob, None)
    assert store.delete(ann, NOTE)
    assert store.persons_at(["info@x.test"]) == [bob]


def test_a_loser_changes_nothing_of_the_addresses(store):
    ann = item(ANN, "Ann", addresses=("a@x.test",))
    assert store.put(ann, None)
    assert store.put(later(ann, title="Anna"), ann)
    assert not store.put(later(ann, addresses=()), ann)
    assert [person.title for person in store.persons_at(["a@x.test"])] == ["Anna"]


def test_a_late_end_of_a_deletion_takes_nothing_from_the_item_that_was_made_again(store):
    first = item(ANN, "Ann", organization="9", addresses=("a@x.test",), version=3)
    again = item(ANN, "Ann", organization="9", addresses=("a@x.test",), version=NOW)
    assert store.put(first, None)
    assert store.delete(first, NOTE)
    assert store.put(again, None)
    for row in leading_rows(first).values():  # what the deletion does last
        dynamo_items._forget(row)
    assert store.found("ann", 10, None).items == (again,)
    assert store.naming(ItemRef("organization", "9"), 10, None).items == (again,)
    assert store.persons_at(["a@x.test"]) == [again]


def test_what_names_an_item_is_listed_as_long_as_it_does(store):
    org = ItemRef("organization", "9#Ä")
    made = [item(ItemRef(kind, str(number)), "X", organization=org.id) for number, kind in enumerate(["lead", "deal"])]
    made.append(item(ANN, "Ann", organization=org.id))
    for each in made:
        assert store.put(each, None)
    page = store.naming(org, 2, None)
    assert [each.ref.type for each in page.items] == ["deal", "lead"]
    assert [each.ref for each in store.naming(org, 2, page.next).items] == [ANN]
    assert store.put(later(made[0], organization=""), made[0])
    assert store.delete(made[2], NOTE)
    assert [each.ref.type for each in store.naming(org, 9, None).items] == ["deal"]
    with pytest.raises(Invalid):
        store.naming(ItemRef("organization", "other"), 2, page.next)


def test_imports_are_listed_newest_first_in_pages(store):
    assert store
    kept = DynamoImportStore()
    for number in range(3):
        assert kept.write(Import(f"i{number}", "u1", "up", "csv", NOW, refusals=(Refusal(2, "title", "no"),)), None)
    assert kept.write(Import("i9", "u2", "up", "csv", NOW), None)
    first = kept.page("u1", 2, None)
    assert [each.id for each in first.items] == ["i2", "i1"]
    second = kept.page("u1", 2, first.next)
    assert ([each.id for each in second.items], second.next) == (["i0"], None)
    with pytest.raises(Invalid):
        kept.page("u2", 2, first.next)


def test_a_conversation_lists_its_messages_newest_first_page_by_page():
    messages, index = DynamoMessageStore(MemoryBucket()), DynamoLinkedMessages()
    made = []
    for number in range(5):
        one = stored(number, tracked=number % 2 == 0)
        one = replace(one, message=replace(one.message, conversation_id="c", visibility="shared"))
        messages.create(one, None)
        made.append(linked(one.message, one.recipients))
    messages.create(stored(9), None)
    newest = index.of_conversation("c", 3, None)
    assert newest == [made[place] for place in (4, 3, 2)]
    assert newest[0].bcc
    assert index.of_conversation("c", 3, newest[-1].id) == [made[place] for place in (1, 0)]
    assert index.of_conversation("none", 3, None) == []


class Rep:
    """A message of the rep, shared on a deal, and the services that change it, on real stores."""

    def __init__(self):
        self.user = User("u1", REP.address)
        self.messages, self.index = DynamoMessageStore(MemoryBucket()), DynamoLinkedMessages()
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
    assert world.index.of_conversation(after.conversation_id, 9, None) == [linked(after, changed.recipients)]
    assert world.index.page(OTHER, ANN, 9, None).items == (linked(after, changed.recipients),)
    assert [world.found(viewer, DEAL) for viewer in (REP, OTHER)] == [[], []]
    assert (world.listed(DEAL), world.listed(ANN)) == ([], ["c0"])

    hidden = world.share("private").message
    assert world.index.of_conversation(after.conversation_id, 9, None) == [linked(hidden, changed.recipients)]
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
    assert DynamoUserStore().create(user, NOTE)
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
    stage.door = WebHandler(ROUTES, context)
    rep = stage.browser(WEB_REP)
    raw = "type;id;title;addresses\r\nperson;7;Zoë;zoe@x.test\r\ndeal;8;;\r\n".encode("utf-8-sig")
    taken = rep.upload("/app/items/import", {"format": ""}, "file", "items.csv", raw)
    assert taken.status == 303, taken.text
    page = taken.headers["location"]
    assert "waits for its turn" in rep.get(page).text
    handler = loaded(
        "imports", monkeypatch, APP_TABLE=app_table, MAIL_BUCKET=bucket, IMPORT_QUEUE_URL=url, AWS_REGION=REGION
    ).handler
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
        "TOKEN_KEYS": "1:" + "k" * 32,
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
