"""The cost of item pages, from the database's own figures, does not grow with the number of items."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.no_mail import NoMailStore
from ocello.domain.common import ids
from ocello.domain.crm.items import Item, ItemVisibility
from ocello.domain.messages.message import ItemRef, Mailbox, Message, Report, Visibility
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import User
from ocello.services.items.ports import Viewer
from ocello.services.sending.ports import StoredMessage
from tests.tables import ENVIRONMENT, boto

NOW = 1_764_000_000_000
BOSS = User("boss", "boss@example.test")
REP = Viewer("u1", "rep@example.test", ("north", "sales"))
DEAL = ItemRef("deal", "42")
SEEN_BY: list[tuple[ItemVisibility, str]] = [("company", ""), ("group", "sales"), ("owner", "")]


class Meter:
    """Counts the read units of everything that pynamodb asks."""

    def __init__(self):
        self.read = 0.0
        events = models.connection().client.meta.events
        events.register("provide-client-params.dynamodb.*", self._ask)
        events.register("after-call.dynamodb.*", self._count)

    @staticmethod
    def _ask(params, model, **_):
        if "ReturnConsumedCapacity" in model.input_shape.members:
            return {**params, "ReturnConsumedCapacity": "TOTAL"}
        return params

    def _count(self, parsed, model, **_):
        used = parsed.get("ConsumedCapacity", [])
        if model.name in ("Query", "GetItem", "BatchGetItem"):
            self.read += sum(each["CapacityUnits"] for each in (used if isinstance(used, list) else [used]))

    def of(self, work):
        self.read = 0.0
        work()
        assert self.read
        return self.read


@pytest.fixture
def meter(app_table, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    models.bind(app_table["TableName"], ENVIRONMENT["AWS_REGION"], os.environ["DYNAMODB_LOCAL_URL"])
    return Meter()


def message(number):
    visibility: Visibility = "shared" if number % 2 else "private"
    made = Message(
        id=ids.uuid7(NOW + number, bytes(10)),
        owner="u1" if number % 3 else "u2",
        message_id=f"<{number}@example.test>",
        conversation_id=f"c{number}",
        sender=Mailbox("rep@example.test"),
        subject="Offer",
        created_at=NOW + number,
        track_opens=True,
        track_clicks=True,
        visibility=visibility,
        items=(DEAL,),
    )
    return StoredMessage(made, (), Report(), None)


def test_a_page_of_items_costs_the_same_of_40_and_of_400(meter):
    store, costs = DynamoItemStore(), []
    for start, end in ((0, 40), (40, 400)):
        for number in range(start, end):
            ref = ItemRef("deal", f"{number:04d}")
            visibility, group = SEEN_BY[number % 3]
            item = Item(ref, f"Boat {number:04d}", REP.address, visibility, group, "", "", (), "u1", version=1)
            assert store.put(item, None)
        costs.append(
            (meter.of(lambda: store.page(REP, None, 10, None)), meter.of(lambda: store.found("boat", 10, None)))
        )
    assert costs[0] == costs[1]


def test_a_page_of_an_items_messages_costs_the_same_of_40_and_of_400(meter):
    messages, index, costs = DynamoMessageStore(NoMailStore()), DynamoLinkedMessages(), []
    for start, end in ((0, 40), (40, 400)):
        for number in range(start, end):
            assert messages.create(message(number), None) is None
        costs.append(meter.of(lambda: index.page(REP, DEAL, 10, None)))
    assert costs[0] == costs[1]


def test_a_deletion_leaves_no_row_behind_but_what_others_have_of_an_address(meter, app_table):
    assert meter
    store = DynamoItemStore()
    people = [
        Item(ItemRef("person", each), each, REP.address, "company", "", "", "9", ("info@x.test", f"{each}@x.test"))
        for each in ("ann", "bob")
    ]
    for each in people:
        assert store.put(each, None)
    note = new_entry(0, BOSS, "item.deleted", "person/ann")
    assert store.delete(people[0], note)
    assert not store.delete(people[0], note)
    assert (store.persons_at(["info@x.test"]), store.persons_at(["ann@x.test"])) == ([people[1]], [])
    assert store.naming(ItemRef("organization", "9"), 9, None).items == (people[1],)
    assert store.delete(people[1], new_entry(0, BOSS, "item.deleted", "person/bob"))
    kinds = {row["cls"]["S"] for row in boto("dynamodb").scan(TableName=app_table["TableName"])["Items"]}
    assert kinds.isdisjoint({"Item", "ItemWord", "Naming", "Persons"})


def test_of_many_who_write_persons_of_one_address_at_once_all_are_found_in_the_end(meter):
    assert meter
    store = DynamoItemStore()

    def put(number):
        made = Item(ItemRef("person", f"{number:02d}"), "X", REP.address, "company", addresses=("shared@x.test",))
        tries = 0
        while not store.put(made, None):
            tries += 1
        return tries

    with ThreadPoolExecutor(4) as hands:
        assert max(hands.map(put, range(12))) < 50
    assert len(store.persons_at(["shared@x.test"])) == 12
