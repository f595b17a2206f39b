"""Drafts: what two windows write is never lost, and a mail is sent once, whatever happens to its draft."""

from dataclasses import dataclass, replace

import pytest

from ocello.domain.common.errors import Conflict, NotFound, TooMany
from ocello.domain.crm.items import Item
from ocello.domain.mail.compose import Draft
from ocello.domain.messages.drafts import DraftContent
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import SCOPES, Principal, TrackingSettings
from ocello.services.drafts.composer import ComposerViews
from ocello.services.drafts.drafts import RESTORED_MS, DraftEditor
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.conversations import MailReader
from ocello.services.items.items import ItemReader
from ocello.services.sending.pace import LimitedPace
from ocello.services.sending.submission import Submission
from tests import fakes
from tests.fakes.inbox import MemoryDraftStore, MemoryInboxStore
from tests.fakes.items import MemoryItemStore
from tests.fakes.people.people import MemoryContactStore
from tests.fakes.world import USER

DRAFT_ID = "01900000-0000-7000-8000-00000000d4af"
CONTENT = DraftContent(to="buyer@customer.test", subject="Offer", html="<p>Hello</p>")
MAIL = Draft(to=("buyer@customer.test",), subject="Offer", html="<p>Hello</p>")
PERSON = Principal(USER, frozenset(SCOPES), by_key=False)


@pytest.fixture
def editor():
    sending = fakes.sending_ports(USER)
    return DraftEditor(MemoryDraftStore(), MemoryInboxStore(sending.messages), sending)


def test_each_save_says_what_became_of_it(editor):
    signature = "<p>Rita</p>"
    empty = editor.begin(USER, DRAFT_ID, signature).content
    other = replace(CONTENT, subject="Another window's")
    assert editor.save(USER.id, DRAFT_ID, 0, empty, signature).outcome == "untouched"
    assert editor.save(USER.id, DRAFT_ID, 0, CONTENT, signature).outcome == "saved"
    assert editor.save(USER.id, DRAFT_ID, 0, CONTENT, signature) == ("known", editor.read(USER.id, DRAFT_ID))
    apart = editor.save(USER.id, DRAFT_ID, 0, other, signature)
    assert (apart.outcome, apart.draft.id != DRAFT_ID) == ("apart", True)
    editor.drafts.delete(USER.id, DRAFT_ID)
    gone = editor.save(USER.id, DRAFT_ID, 1, CONTENT, signature)
    assert gone.outcome == "gone"
    subjects = [draft.content.subject for draft in editor.page(USER.id, 9, None).items]
    assert sorted(subjects) == ["Another window's", "Offer"]


@dataclass
class CountingItemStore(MemoryItemStore):
    """Counts how often persons are looked up."""

    lookups: int = 0

    def persons_at(self, addresses):
        self.lookups += 1
        return super().persons_at(addresses)


def test_a_list_of_drafts_names_who_is_known_and_looks_all_of_them_up_at_once(editor):
    items = CountingItemStore()
    person = Item(
        ItemRef("person", "maria"), "Maria Ricci", USER.address, visibility="company", maker=USER.id, made_at=1
    )
    items.put(replace(person, addresses=("maria@acme.test",)), None)
    reader = ItemReader(items, None, None)
    book = ContactBook(reader, MemoryContactStore(), editor.sending.messages)
    views = ComposerViews(editor, MailReader(editor.sending.messages, reader), book, reader, lambda _html: ())
    typed = ("Maria@acme.test; Bob <bob@acme.test>", "maria@acme.test, half a nam", "")
    for number, to in enumerate(typed):
        editor.save(USER.id, f"{DRAFT_ID[:-1]}{number}", 0, replace(CONTENT, to=to), "")
    found = views.page(USER, 9, None)
    assert sorted(found.people[draft.id] for draft in found.drafts) == [
        "",
        "Maria Ricci, Bob",
        "Maria Ricci, half a nam",
    ]
    assert items.lookups == 1


def test_a_draft_is_sent_from_its_newest_window_alone(editor):
    editor.check_current(USER.id, DRAFT_ID, 0)
    editor.save(USER.id, DRAFT_ID, 0, CONTENT, "")
    editor.check_current(USER.id, DRAFT_ID, 1)
    with pytest.raises(Conflict):
        editor.check_current(USER.id, DRAFT_ID, 0)


def test_a_sent_draft_is_deleted_and_sending_it_again_gives_the_same_message(editor):
    editor.save(USER.id, DRAFT_ID, 0, CONTENT, "")
    first = editor.send(PERSON, DRAFT_ID, 1, CONTENT, MAIL)
    assert (first.refusal, editor.find(USER.id, DRAFT_ID)) == (None, None)
    assert editor.inbox.entry(USER.id, first.message.message.conversation_id) is not None
    again = editor.send(PERSON, DRAFT_ID, 1, CONTENT, MAIL)
    assert again.message.message.id == first.message.message.id


def test_what_another_window_wrote_meanwhile_outlives_the_sending(editor):
    editor.save(USER.id, DRAFT_ID, 0, CONTENT, "")
    editor.save(USER.id, DRAFT_ID, 1, replace(CONTENT, subject="More"), "")
    assert editor.send(PERSON, DRAFT_ID, 1, CONTENT, MAIL).message is not None
    assert editor.read(USER.id, DRAFT_ID).content.subject == "More"


def test_a_refused_mail_stays_a_draft_with_what_was_typed(editor):
    outcome = editor.send(PERSON, DRAFT_ID, 0, CONTENT, replace(MAIL, to=()))
    assert (outcome.message, outcome.refusal.field) == (None, "to")
    assert editor.read(USER.id, DRAFT_ID) == outcome.draft


def test_a_discarded_draft_can_be_restored_for_some_minutes(editor):
    editor.save(USER.id, DRAFT_ID, 0, CONTENT, "")
    assert editor.discard(USER.id, DRAFT_ID, None, "")
    assert editor.find(USER.id, DRAFT_ID) is None
    editor.restore(USER.id, DRAFT_ID)
    assert editor.read(USER.id, DRAFT_ID).content == CONTENT
    editor.discard(USER.id, DRAFT_ID, None, "")
    editor.sending.clock.pass_by(RESTORED_MS + 1)
    with pytest.raises(NotFound):
        editor.restore(USER.id, DRAFT_ID)
    assert not editor.discard(USER.id, DRAFT_ID, DraftContent(), ""), "nothing was stored, and nothing typed"


@pytest.mark.parametrize("identifier", ["", "x", "../other"])
def test_what_is_no_id_names_no_draft(editor, identifier):
    for act in (
        lambda: editor.save(USER.id, identifier, 0, CONTENT, ""),
        lambda: editor.discard(USER.id, identifier, None, ""),
        lambda: editor.restore(USER.id, identifier),
        lambda: editor.send(PERSON, identifier, 0, CONTENT, MAIL),
        lambda: editor.read(USER.id, identifier),
    ):
        with pytest.raises(NotFound):
            act()
    assert editor.drafts.kept == editor.drafts.discarded == {}


def test_a_form_switches_on_no_tracking_that_the_settings_switch_off(editor):
    editor.sending.settings.write(USER.id, TrackingSettings(track_opens=False, track_clicks=True))
    content = editor.within_settings(USER.id, replace(CONTENT, opens=True, clicks=True))
    assert (content.opens, content.clicks) == (False, True)


def test_every_way_of_sending_counts_against_the_same_minute(editor):
    pace = LimitedPace({"send": 2, "track": 1}, fakes.MemorySendCounts(), editor.sending.clock)
    editor = replace(editor, sending=replace(editor.sending, pace=pace))
    submission = Submission(editor.sending)
    stored = submission.submit(PERSON, MAIL, None)
    assert editor.send(PERSON, DRAFT_ID, 0, CONTENT, MAIL).refusal is None
    assert isinstance(editor.send(PERSON, DRAFT_ID, 0, CONTENT, replace(MAIL, subject="3")).refusal, TooMany)
    with pytest.raises(TooMany):
        submission.submit_again(PERSON, stored.message.id, 0)
    raw = b"From: a@example.test\r\nTo: b@customer.test\r\n\r\nx"
    submission.instrument(PERSON, raw, (), opens=None, clicks=None)
    with pytest.raises(TooMany):
        submission.instrument(PERSON, raw, (), opens=None, clicks=None)
