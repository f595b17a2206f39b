"""People to write to: remembered from every mail, suggested while typing, and shown with their names."""

import pytest

from ocello.domain.crm.items import Item
from ocello.domain.mail import addresses as mailboxes
from ocello.domain.messages.message import ItemRef, Mailbox
from ocello.domain.people import contacts
from ocello.domain.people.contacts import Contacts
from ocello.services.sending.ports import StoredMessage
from tests.fakes.web import OTHER, REP
from tests.unit.web.test_web_pages import send

ANN = Mailbox("ann@acme.test", "Ann Lee")


def person(stage, identifier, title, *addresses, owner=REP, visibility="company"):
    item = Item(ItemRef("person", identifier), title, owner.address, visibility, addresses=addresses, version=1)
    assert stage.items.put(item, None)


def test_the_newest_come_first_and_a_known_name_stays():
    known = contacts.add_contacts((ANN, Mailbox("bob@acme.test")), [Mailbox("new@x.test"), Mailbox("ANN@acme.test")])
    assert known == (Mailbox("new@x.test"), ANN, Mailbox("bob@acme.test"))
    many = contacts.add_contacts(known, [Mailbox(f"{n}@x.test") for n in range(600)])
    assert len(many) == contacts.MOST
    assert many[0].address == "0@x.test"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("ann", True),
        ("lée", True),
        ("acme.t", True),
        ("ann lee", True),
        ("le an", True),
        ("nn", False),
        ("ann x", False),
    ],
)
def test_words_begin_the_address_its_domain_or_the_name(stage, text, offered):
    stage.contacts.write(REP.id, Contacts((ANN,), "", 1))
    assert stage.context.contact_book.complete(REP, text, 8) == ((ANN,) if offered else ())


def test_persons_come_first_and_an_address_is_offered_once(stage):
    person(stage, "1", "Anna Rossi", "anna@acme.test", "a.rossi@acme.test")
    person(stage, "2", "Ann Secret", "secret@acme.test", owner=OTHER, visibility="owner")
    stage.contacts.write(REP.id, Contacts((Mailbox("anna@acme.test"), ANN), "", 1))
    assert stage.context.contact_book.complete(REP, "ann", 8) == (
        Mailbox("anna@acme.test", "Anna Rossi"), Mailbox("a.rossi@acme.test", "Anna Rossi"), ANN,
    )  # fmt: skip
    assert len(stage.context.contact_book.complete(REP, "acme", 1)) == 1
    assert stage.context.contact_book.names(REP, ["ANNA@acme.test", "secret@acme.test", "x@y.test"]) == {
        "anna@acme.test": "Anna Rossi"
    }


def test_recipients_of_every_way_of_sending_are_taken_once(stage, rep):
    send(rep, to="Bea Buyer <bea@customer.test>", bcc="hidden@customer.test")
    stored = next(iter(stage.messages.messages.values()))
    stage.context.contact_book.catch_up(REP)
    kept = stage.contacts.read(REP.id)
    assert kept.people == (Mailbox("bea@customer.test", "Bea Buyer"), Mailbox("hidden@customer.test"))
    assert kept.up_to == stored.message.id
    stage.context.contact_book.catch_up(REP)
    assert stage.contacts.read(REP.id) == kept, "nothing is written where nothing is new"
    assert isinstance(stage.messages.load(stored.message.id), StoredMessage)


@pytest.mark.parametrize("name", ["", "Ann Lee", "Rossi, Anna", 'The "Boss"', "Ann (Sales)", "Zoë ä", "a\\b", "x@y"])
def test_a_mailbox_is_typed_so_that_it_is_read_again(name):
    mailbox = Mailbox("ann@acme.test", name)
    assert mailboxes.parse("to", mailboxes.format_mailbox(mailbox)) == mailbox


def test_the_composer_offers_people_as_they_would_be_typed(stage, rep):
    person(stage, "1", "Rossi, Anna <b>", "anna@acme.test")
    answer = rep.get("/app/people?field=to-next&find=ros").text
    assert 'data-text="&#34;Rossi, Anna &lt;b&gt;&#34; &lt;anna@acme.test&gt;"' in answer
    assert 'id="to-next-option-1"' in answer
    assert rep.get("/app/people?field=to-next&find=").text.strip() == ""
    named = rep.get("/app/people/names?of=anna@acme.test&of=x@y.test")
    assert named.headers["content-type"] == "application/json"
    assert named.text == '{"anna@acme.test": "Rossi, Anna <b>"}'


def test_known_persons_are_named_on_every_page(stage, rep):
    person(stage, "1", "Anna Rossi", "anna@acme.test")
    conversation = send(rep, to="anna@acme.test", item="person:1")
    (message,) = stage.messages.messages
    for path in (
        "/app", f"/app/conversations/{conversation}", f"/app/conversations/{conversation}/times",
        f"/app/messages/{message}/times", "/app/items/person/1", f"/app/compose?reply={message}",
        "/app/compose?item=person:1&to=anna@acme.test",
    ):  # fmt: skip
        assert "Anna Rossi" in rep.get(path).text, path
    rep.post("/app/drafts/01900000-0000-7000-8000-00000000d4af", {"version": "0", "to": "anna@acme.test", "html": ""})
    assert '<span class="who">Anna Rossi</span>' in rep.get("/app/drafts").text
    other = stage.browser(OTHER)
    assert "Anna Rossi" in other.get("/app/people?find=anna").text, "the company sees the person"


def test_a_name_with_a_comma_stays_one_recipient_in_a_follow_up(stage, rep):
    send(rep, to='"Rossi, Anna" <anna@acme.test>')
    (message,) = stage.messages.messages
    assert "&#34;Rossi, Anna&#34; &lt;anna@acme.test&gt;</textarea>" in rep.get(f"/app/compose?reply={message}").text
