"""The inbox's lists, and the drafts of mails."""

from dataclasses import replace

import pytest

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid
from ocello.domain.messages.drafts import DraftContent, DraftFile, StoredDraft
from ocello.domain.messages.inbox import ConversationEntry, Line
from ocello.domain.messages.message import ItemRef
from ocello.services.inbox.ports import StoredEntry
from tests.ports.examples import NOW, everything, stored

UUID = "0199a000-0000-7000-8000-00000000000"


def an_entry(number, conversation="", **line):
    """The entry of a conversation whose newest mail is the `number`th."""
    newest = Line(f"{UUID}{number}", "Offer", ("Bea",), 0, opens=True, clicks=False, **line)
    return ConversationEntry(conversation or f"c{number}", (newest,), 1)


def write(store, entry, words=()):
    """Write an entry over what stands; returns what stands then."""
    assert store.write("rep", entry, store.entry("rep", entry.conversation), words)
    return store.entry("rep", entry.conversation)


def listed(store, name):
    return [each.conversation for each in everything(lambda cursor: store.page("rep", name, 2, cursor), 2)]


def test_an_entry_comes_back_as_it_was(stores):
    line = Line(
        "m", "Offer", ("Bea",), 2, True, False, True, False, (ItemRef("deal", "42"),), troubled=True, preview="Dear Bea"
    )
    entry = ConversationEntry("c", (line, replace(line, message="l")), 3)
    assert stores.inbox.write("rep", entry, None, ())
    assert stores.inbox.entry("rep", "c") == StoredEntry(entry, 1)
    assert stores.inbox.entry("other", "c") is None
    assert list(stores.inbox.entries("rep", ["c", "none", "c"])) == [entry]
    assert list(stores.inbox.entries("rep", [])) == []


def test_conversations_are_listed_by_their_newest_mail_page_by_page(stores):
    for number in range(6):
        write(stores.inbox, an_entry(number))
    write(stores.inbox, an_entry(9, "c0"))
    assert listed(stores.inbox, "all") == ["c0", "c5", "c4", "c3", "c2", "c1"]
    assert listed(stores.inbox, "unopened") == ["c0", "c5", "c4", "c3", "c2", "c1"]
    with pytest.raises(Invalid):
        stores.inbox.page("rep", "opened", 2, stores.inbox.page("rep", "all", 2, None).next)


def test_an_open_moves_a_mail_between_filters_and_not_in_the_list(stores):
    for number in (1, 2):
        write(stores.inbox, an_entry(number))
    write(stores.inbox, an_entry(1, opened=True))
    assert [listed(stores.inbox, name) for name in ("all", "opened", "unopened")] == [["c2", "c1"], ["c1"], ["c2"]]
    write(stores.inbox, an_entry(1))
    assert [listed(stores.inbox, name) for name in ("all", "opened", "unopened")] == [["c2", "c1"], [], ["c2", "c1"]]


def test_of_two_who_change_an_entry_at_once_one_is_told_that_it_is_late(stores):
    behind = write(stores.inbox, an_entry(1))
    write(stores.inbox, an_entry(2, "c1"))
    assert not stores.inbox.write("rep", an_entry(3, "c1"), behind, ())
    assert not stores.inbox.write("rep", an_entry(3, "c1"), None, ())
    assert listed(stores.inbox, "all") == ["c1"]
    assert stores.inbox.entry("rep", "c1").entry == an_entry(2, "c1")


def test_words_are_found_by_their_beginning(stores):
    write(stores.inbox, an_entry(1), ["preventivo", "rossi"])
    write(stores.inbox, an_entry(2), ["preview"])
    assert set(stores.inbox.found("rep", "prev", 9)) == {"c1", "c2"}
    assert list(stores.inbox.found("rep", "preventivo", 9)) == ["c1"]
    assert list(stores.inbox.found("rep", "ventivo", 9)) == []
    assert list(stores.inbox.found("other", "prev", 9)) == []
    assert len(stores.inbox.found("rep", "pre", 1)) == 1


def test_messages_newer_than_the_mark_are_named_oldest_first_and_the_mark_never_moves_back(stores):
    mails = [stored(number, "rep").message.id for number in range(4)]
    for number in range(4):
        stores.messages.create(stored(number, "rep"), None)
    assert list(stores.inbox.newer("rep", 3)) == mails[:3]
    stores.inbox.move_mark("rep", mails[1])
    stores.inbox.move_mark("rep", mails[0])
    assert list(stores.inbox.newer("rep", 9)) == mails[2:]
    assert list(stores.inbox.newer("other", 9)) == []


WRITING = DraftContent(
    to="a@b.test", html="<p>x</p>", attachments=(DraftFile("u", "f.pdf", 9),), sender="b@c.test", opens=True
)


def test_a_draft_is_written_over_the_version_that_was_read_only(stores):
    drafts = stores.drafts
    assert drafts.write("rep", StoredDraft("1", 1, NOW, WRITING), None)
    assert not drafts.write("rep", StoredDraft("1", 1, NOW, DraftContent()), None)
    assert drafts.get("rep", "1") == StoredDraft("1", 1, NOW, WRITING)
    assert drafts.write("rep", StoredDraft("1", 2, NOW, DraftContent(subject="y")), 1)
    assert not drafts.write("rep", StoredDraft("1", 2, NOW, WRITING), 1)
    assert not drafts.write("rep", StoredDraft("none", 2, NOW, WRITING), 1)
    assert drafts.get("rep", "1").content.subject == "y"
    assert drafts.get("other", "1") is None


def test_drafts_are_listed_the_one_begun_last_first_and_deleted(stores):
    for number in range(5):
        stores.drafts.write("rep", StoredDraft(f"d{number}", 1, NOW, WRITING), None)
    stores.drafts.write("other", StoredDraft("d9", 1, NOW, WRITING), None)
    found = everything(lambda cursor: stores.drafts.page("rep", 2, cursor), 2)
    assert [draft.id for draft in found] == ["d4", "d3", "d2", "d1", "d0"]
    for _ in range(2):
        stores.drafts.delete("rep", "d1")
    assert stores.drafts.get("rep", "d1") is None


def test_a_discarded_draft_is_off_the_list_and_comes_back_until_its_time_is_over(stores):
    store = stores.drafts
    draft = StoredDraft(ids.uuid7(NOW, bytes(10)), 3, NOW, DraftContent(subject="Half", excepted=("u",)))
    store.write("rep", draft, None)
    store.discard("rep", draft, NOW + 1000)
    assert (store.get("rep", draft.id), store.page("rep", 5, None).items) == (None, ())
    assert store.restore("other", draft.id, NOW) is None
    assert store.restore("rep", draft.id, NOW + 5000) is None
    assert store.restore("rep", draft.id, NOW + 1000) == draft
    assert store.get("rep", draft.id) == draft
    assert store.restore("rep", draft.id, NOW) is None
