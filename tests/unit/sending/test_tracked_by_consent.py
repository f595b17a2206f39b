"""Each recipient is tracked as rules, sender and their own consent allow: decided in the request, and again as a copy leaves."""

import itertools
import re
from dataclasses import replace

import pytest

from ocello.domain.common.errors import TrackingNotPermitted, Unavailable
from ocello.domain.common.times import day_of
from ocello.domain.consent.ladder import Decision
from ocello.domain.consent.rules import CONSENT_STATES, RULES_NAMES
from ocello.domain.crm.items import Item
from ocello.domain.engagement.statistics import figures_of
from ocello.domain.mail import rewriting
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.delivery import Deferred
from ocello.domain.messages.inbox import TRACKED, UNOPENED, lists_of
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import SCOPES, Principal, TrackingSettings
from ocello.domain.tracking.tokens import EVERYONE, OPEN, POOLED, verify
from ocello.services.consent.workspace import WorkspaceUpdate
from ocello.services.inbox.inbox import add_message
from ocello.services.sending.deliver import QueueDelivery, deliver
from ocello.services.sending.outgoing import original_name
from ocello.services.sending.precheck import precheck
from ocello.services.sending.send import send, send_again
from ocello.services.sending.submission import Submission
from ocello.services.sending.track import instrument
from tests import fakes
from tests.fakes.sending.ports import MemoryOwnUsers
from tests.fakes.world import USER
from tests.footers import without_footer

BOTH = Track(opens=True, clicks=True)
BUYER = "buyer@customer.test"
HTML = '<p><a href="https://example.com/x?a=1&amp;b=2">x</a> and <a href="https://example.com/y">y</a></p>'
DRAFT = Draft(to=(BUYER,), subject="Offer", html=HTML, track=BOTH)
RAW = (
    b"From: rep@example.test\r\nTo: buyer@customer.test\r\nSubject: Offer\r\nContent-Type: text/html\r\n\r\n"
    + HTML.encode()
    + b"\r\n"
)


class World:
    """A sender under some rules, and all that delivers their mail."""

    def __init__(self, rules="eu-strict", country=""):
        self.sending = fakes.sending_ports(USER)
        self.sending = replace(self.sending, decisions=fakes.decisions(rules, country, self.sending.clock))
        self.transport = fakes.MemoryTransport()
        self.delivery = fakes.delivery_ports(self.sending, ses=self.transport)

    def say(self, address, opens, links):
        self.sending.decisions.say(address, opens, links)

    def choose(self, rules, opens="individual", links="individual"):
        """Let an administrator change what holds for everybody."""
        workspace = self.sending.decisions.workspace
        seen = workspace.now().setting.version
        workspace.change(
            Principal(USER, frozenset(), by_key=False),
            WorkspaceUpdate(rules, opens, links, footers=False, version=seen),
        )

    def send(self, **changes):
        return send(replace(DRAFT, **changes), USER, None, self.sending)

    def deliver(self, stored):
        """Deliver each copy; return what left, by address, as it reads without the folding of quoted-printable."""
        for each in stored.recipients:
            deliver(stored.message.id, each.index, self.delivery)
        return {posted.to: posted.copy.replace(b"=\r\n", b"") for posted in self.transport.taken}

    def original(self, stored):
        return self.sending.mail.get(original_name(stored.message.id)).replace(b"=\r\n", b"")

    def recipient(self, stored, index=0):
        return self.sending.recipients.read(stored.message.id, index)


@pytest.fixture
def world():
    return World()


def pixels(copy):
    return copy.count(b"https://t.example.test/o/")


def links(copy):
    return copy.count(b"https://t.example.test/c/")


# What a mail of which both is wanted has in its copies, by rules and consent.
EXPECTED = {
    **{(name, "granted"): (1, 2) for name in RULES_NAMES},
    **{(name, state): (0, 0) for name in RULES_NAMES for state in ("unknown", "refused", "withdrawn")},
    ("none", "unknown"): (1, 2),
    ("it-284-2026", "unknown"): (1, 0),
}


@pytest.mark.parametrize(("rules", "state"), list(itertools.product(RULES_NAMES, CONSENT_STATES)))
def test_a_copy_has_a_pixel_and_tracked_links_only_where_rules_and_consent_allow_them(rules, state):
    world = World(rules)
    world.say(BUYER, state, state)
    stored = world.send()
    copy = world.deliver(stored)[BUYER]
    assert (pixels(copy), links(copy)) == EXPECTED[rules, state]
    assert world.recipient(stored).tracking == stored.recipients[0].tracking


def test_who_has_not_consented_gets_the_original_byte_for_byte_but_for_the_footer_and_it_is_told_why(world):
    stored = world.send()
    assert without_footer(world.deliver(stored)[BUYER]) == world.original(stored)
    expected = Decision("off", "off", None, "eu-strict/1", "recipient", "consent-unknown")
    assert stored.recipients[0].tracking == expected
    assert not stored.message.tracked
    assert stored.report.links == ()


def test_one_mail_to_three_who_said_different_things_leaves_in_three_different_copies(world):
    world.say("yes@customer.test", "granted", "granted")
    world.say("no@customer.test", "refused", "granted")
    stored = world.send(to=("yes@customer.test", "no@customer.test", "unknown@customer.test"))
    left = world.deliver(stored)
    assert {who.partition("@")[0]: (pixels(copy), links(copy)) for who, copy in left.items()} == {
        "yes": (1, 2),
        "no": (0, 2),
        "unknown": (0, 0),
    }
    assert without_footer(left["unknown@customer.test"]) == world.original(stored)
    assert (stored.message.track_opens, stored.message.track_clicks, stored.message.opens_off) == (True, True, (1, 2))


@pytest.mark.parametrize(
    ("opens", "clicks", "expected"), [("granted", "unknown", (1, 0)), ("unknown", "granted", (0, 2))]
)
def test_opens_alone_leave_the_links_as_they_are_and_links_alone_the_rest(world, opens, clicks, expected):
    world.say(BUYER, opens, clicks)
    stored = world.send()
    copy = world.deliver(stored)[BUYER]
    assert (pixels(copy), links(copy)) == expected
    assert (b'href=3D"https://example.com/y"' in copy or b'href="https://example.com/y"' in copy) == (expected[1] == 0)


def test_an_instrumented_mail_is_the_original_but_for_the_footer_where_nothing_is_allowed(world):
    stored, copies = instrument(RAW, (), BOTH, USER, world.sending)
    assert [without_footer(raw) for _, raw in copies] == [RAW]
    assert stored.recipients[0].tracking.limited_by == "recipient"


def test_bcc_goes_out_of_an_untracked_copy_and_nothing_else_but_a_footer_comes(world):
    raw = RAW.replace(b"Subject:", b"Bcc: boss@customer.test\r\nSubject:")
    _, copies = instrument(raw, (), BOTH, USER, world.sending)
    assert [without_footer(copy) for _, copy in copies] == [RAW, RAW]


# --- pooled -------------------------------------------------------------------------------------------------------------


def pixel_urls(copy):
    """Return the pixels' addresses as they stand in a copy without the folding of quoted-printable."""
    return [found.decode() for found in re.findall(rb"https://t\.example\.test/o/[A-Za-z0-9_-]+", copy)]


def test_two_mails_to_two_people_in_one_week_have_pixels_that_are_equal_as_strings():
    world = World("it-284-2026")
    first = world.send(to=("ann@customer.test", "bob@customer.test"))
    world.sending.clock.now += 60_000
    second = world.send(to=("cleo@other.test",), subject="Another")
    copies = {**world.deliver(first), **world.deliver(second)}
    (ann,), (bob,), (cleo,) = (pixel_urls(copy) for _, copy in sorted(copies.items()))
    assert ann == bob == cleo
    said = verify(world.sending.tracker.keyring, ann.rpartition("/")[2], OPEN)
    assert (said.recipient, said.flags) == (EVERYONE, POOLED)
    assert said.message not in (first.message.id, second.message.id)


def test_a_pooled_pixel_comes_of_the_week_of_the_mail_and_another_week_has_another():
    world = World("it-284-2026")
    one = world.deliver(world.send())[BUYER]
    world.sending.clock.now += 7 * 86_400_000
    other = world.deliver(world.send())[BUYER]
    assert pixel_urls(one) != pixel_urls(other)


def test_who_consented_has_a_pixel_of_their_own_beside_the_pool_and_who_refused_has_none():
    world = World("it-284-2026")
    world.say("yes@customer.test", "granted", "granted")
    world.say("no@customer.test", "refused", "refused")
    stored = world.send(to=("yes@customer.test", "no@customer.test", "unknown@customer.test"))
    left = world.deliver(stored)
    assert {who.partition("@")[0]: (pixels(copy), links(copy)) for who, copy in left.items()} == {
        "yes": (1, 2),
        "no": (0, 0),
        "unknown": (1, 0),
    }
    assert pixel_urls(left["yes@customer.test"]) != pixel_urls(left["unknown@customer.test"])
    assert [each.tracking.opens for each in stored.recipients] == ["individual", "off", "pooled"]
    assert stored.message.opens_off == (1, 2), "a pool tells nothing of a recipient"


def test_a_mail_that_is_only_counted_in_a_pool_is_no_tracked_mail_and_says_that_it_is_exempt():
    stored = World("it-284-2026").send()
    assert not stored.message.tracked
    expected = Decision("pooled", "off", "exempt", "it-284-2026/1", "recipient", "consent-unknown")
    assert stored.recipients[0].tracking == expected


def test_pooled_can_be_asked_for_by_name_and_leaves_the_links_untouched():
    world = World("none")
    stored = world.send(track=Track(opens="pooled", clicks="pooled"))
    copy = world.deliver(stored)[BUYER]
    assert (pixels(copy), links(copy)) == (1, 0)
    (_, raw), *_ = instrument(RAW, (), Track(opens="pooled", clicks=False), USER, world.sending)[1]
    assert pixel_urls(raw) == pixel_urls(copy)


def test_a_pools_pixel_is_taken_out_of_a_mail_that_quotes_it_and_is_known_as_ours():
    world = World("it-284-2026")
    copy = world.deliver(world.send())[BUYER]
    (url,) = pixel_urls(copy)
    assert world.sending.tracker.own(url) == rewriting.PIXEL
    quoting = world.send(html=f'<p>Thanks</p><blockquote><img src="{url}"></blockquote>', track=Track(False, False))
    assert pixels(world.deliver(quoting)[BUYER]) == 0


# --- what is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("track", "field", "level"),
    [
        (Track(opens="individual", clicks=True), "track.opens", "recipient"),
        (Track(opens=False, clicks="individual"), "track.clicks", "recipient"),
        (Track(opens="pooled", clicks=None), "track.opens", "recipient"),
    ],
)
def test_a_mode_that_is_named_and_not_allowed_is_refused_and_nothing_is_stored(world, track, field, level):
    with pytest.raises(TrackingNotPermitted) as raised:
        world.send(track=track)
    assert (raised.value.field, raised.value.level) == (field, level)
    assert BUYER in raised.value.reason
    assert "ask for it first" in raised.value.reason
    assert world.sending.messages.messages == {}
    assert world.sending.mail.files == {}
    assert world.sending.queue.queued == []
    with pytest.raises(TrackingNotPermitted) as raised:
        instrument(RAW, (), track, USER, world.sending)
    assert raised.value.field == field.removeprefix("track.")
    assert world.sending.messages.messages == {}


def test_one_recipient_of_whom_it_is_not_allowed_is_enough(world):
    world.say(BUYER, "granted", "granted")
    named = Track(opens="individual", clicks="individual")
    assert world.send(track=named).recipients[0].tracking.basis == "consent"
    with pytest.raises(TrackingNotPermitted, match=r"other@customer\.test"):
        world.send(to=(BUYER, "other@customer.test"), track=named)


@pytest.mark.parametrize("track", [Track("off", "off"), Track(opens=False, clicks=False)])
def test_what_nobody_wants_tracked_asks_for_nobodys_consent(world, track):
    world.sending.decisions.states.down = True
    stored = world.send(track=track)
    assert stored.recipients[0].tracking == Decision("off", "off", None, "eu-strict/1", "message", "message")


def test_consent_that_cannot_be_read_lets_no_mail_out(world):
    world.sending.decisions.states.down = True
    with pytest.raises(Unavailable):
        world.send()
    assert world.sending.messages.messages == {}


@pytest.mark.parametrize(
    ("track", "modes", "limited_by"),
    [
        (None, ("individual", "off"), None),
        (Track(None, None), ("individual", "off"), None),
        (Track(None, clicks=True), ("individual", "individual"), None),
        (Track(opens=False, clicks=None), ("off", "off"), "user"),
    ],
)
def test_where_a_mail_says_nothing_its_senders_settings_do(track, modes, limited_by):
    world = World("none")
    world.sending.settings.write(USER.id, TrackingSettings(track_opens=True, track_clicks=False))
    decided = world.send(track=track).recipients[0].tracking
    assert (decided.modes, decided.limited_by) == (modes, limited_by)


def test_the_same_request_again_is_the_same_mail_even_if_consent_has_gone_since(world):
    world.say(BUYER, "granted", "granted")
    principal = Principal(USER, frozenset(SCOPES), by_key=False)
    submission = Submission(world.sending)
    first = submission.submit(principal, replace(DRAFT, track=None), "key", opens="individual", clicks="individual")
    world.say(BUYER, "withdrawn", "withdrawn")
    assert (
        submission.submit(principal, replace(DRAFT, track=None), "key", opens="individual", clicks="individual")
        == first
    )
    with pytest.raises(TrackingNotPermitted):
        submission.submit(principal, replace(DRAFT, track=None), "another", opens="individual", clicks="individual")


# --- countries ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "country", "address", "expected"),
    [
        ("it-284-2026", "IT", "a@societe.fr", "it-284-2026/1+fr-2026-042/1"),
        ("it-284-2026", "IT", "a@societa.it", "it-284-2026/1"),
        ("it-284-2026", "IT", "a@company.com", "it-284-2026/1"),
        ("it-284-2026", "", "a@company.com", "it-284-2026/1"),
        ("it-284-2026", "DE", "a@company.com", "it-284-2026/1+de-tdddg/1"),
        ("it-284-2026", "IT", "a@firma.at", "it-284-2026/1+eu-strict/1"),
        ("none", "IT", "a@societe.fr", "none/1"),
    ],
)
def test_the_rules_of_a_recipients_country_hold_beside_those_that_were_deployed(rules, country, address, expected):
    stored = World(rules, country).send(to=(address,))
    assert stored.recipients[0].tracking.rules == expected


def person(country, owner=USER.address, visibility="owner", kind="person"):
    addresses = ("a@company.com",) if kind == "person" else ()
    return Item(
        ItemRef(kind, country or "x"), "Ann", owner, visibility, addresses=addresses, country=country, version=1
    )


FRENCH, GERMAN = "it-284-2026/1+fr-2026-042/1", "it-284-2026/1+de-tdddg/1"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([person("FR")], FRENCH),
        ([person("FR"), person("DE", kind="deal")], FRENCH),
        ([person("DE", kind="deal")], GERMAN),
        ([person("", kind="deal"), person("DE", kind="organization")], GERMAN),
        ([person("FR", owner="somebody@example.test"), person("DE", owner="else@example.test", kind="deal")], None),
        ([person("")], None),
    ],
)
def test_what_items_say_of_a_country_goes_before_the_address_and_only_of_items_that_the_sender_sees(items, expected):
    world = World("it-284-2026", "IT")
    for item in items:
        world.sending.items.put(item, None)
    refs = tuple(item.ref for item in items if item.ref.type != "person")
    stored = world.send(to=("a@company.com",), items=refs)
    assert stored.recipients[0].tracking.rules == (expected or "it-284-2026/1")
    found = precheck(replace(DRAFT, to=("a@company.com",), items=refs), USER, world.sending)
    assert found.recipients[0].tracking == stored.recipients[0].tracking


def test_a_copy_leaves_by_the_rules_that_an_item_named_when_it_was_taken():
    world = World("it-284-2026", "IT")
    world.sending.items.put(person("FR"), None)
    world.say("a@company.com", "granted", "granted")
    stored = world.send(to=("a@company.com",))
    world.sending.decisions.states.states.clear()
    copy = world.deliver(stored)["a@company.com"]
    assert (pixels(copy), links(copy)) == (0, 0)
    assert world.recipient(stored).tracking.rules == FRENCH


# --- our own users ----------------------------------------------------------------------------------------------------------


def test_a_copy_for_one_of_our_own_users_is_off_whatever_they_said_and_no_named_mode_is_refused_for_it():
    world = World()
    world.sending = replace(world.sending, own_users=MemoryOwnUsers([USER]))
    world.say(BUYER, "granted", "granted")
    stored = world.send(to=(BUYER,), cc=(USER.address,), track=Track("individual", "individual"))
    assert [each.tracking.modes for each in stored.recipients] == [("individual", "individual"), ("off", "off")]
    own = stored.recipients[1]
    assert (own.untracked, own.tracking.limited_by, own.tracking.reason) == ("own-user", "workspace", "own-user")


# --- what administrators chose --------------------------------------------------------------------------------------------


def test_rules_that_an_administrator_made_stricter_hold_for_the_next_mail_and_for_what_waits():
    world = World("none")
    waiting = world.send()
    assert waiting.recipients[0].tracking.modes == ("individual", "individual")
    world.choose("eu-strict")
    stored = world.send()
    assert stored.recipients[0].tracking == Decision("off", "off", None, "eu-strict/1", "recipient", "consent-unknown")
    assert without_footer(world.deliver(waiting)[BUYER]) == world.original(waiting)
    kept = world.recipient(waiting).tracking
    assert (kept.modes, kept.rules) == (("off", "off"), "eu-strict/1+none/1")


def test_of_nobody_more_is_tracked_than_administrators_allow(world):
    world.say(BUYER, "granted", "granted")
    waiting = world.send()
    world.choose("eu-strict", opens="off")
    stored = world.send()
    expected = Decision("off", "individual", "consent", "eu-strict/1", "workspace", "workspace")
    assert stored.recipients[0].tracking == expected
    with pytest.raises(TrackingNotPermitted) as raised:
        world.send(track=Track(opens="individual", clicks=True))
    assert raised.value.level == "workspace"
    assert pixels(world.deliver(waiting)[BUYER]) == 0
    assert world.recipient(waiting).tracking == expected


def test_a_country_adds_its_rules_to_those_that_an_administrator_chose_where_none_were_deployed():
    world = World("none")
    world.choose("it-284-2026")
    assert world.send(to=("a@company.fr",)).recipients[0].tracking.rules == "it-284-2026/1+fr-2026-042/1"


# --- freezing ---------------------------------------------------------------------------------------------------------------


def test_a_consent_that_is_withdrawn_before_its_copy_leaves_takes_tracking_out_and_that_is_kept(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    world.say(BUYER, "withdrawn", "granted")
    copy = world.deliver(stored)[BUYER]
    assert (pixels(copy), links(copy)) == (0, 2)
    kept = Decision("off", "individual", "consent", "eu-strict/1", "recipient", "consent-withdrawn")
    assert world.recipient(stored).tracking == kept


def shown_of(world, stored):
    """Return the lists that a mail is on, and how it counts in its day's figures."""
    (entry,) = world.delivery.inbox.entries(USER.id, [stored.message.conversation_id])
    figures = figures_of(world.sending.messages.between(USER.id, 0, world.sending.clock() + 1))
    return lists_of(entry) & {TRACKED, UNOPENED}, (figures.tracked, figures.opens_tracked)


def test_when_the_last_tracked_copy_leaves_untracked_inbox_and_statistics_say_off_and_never_not_opened(world):
    other = "other@customer.test"
    for each in (BUYER, other):
        world.say(each, "granted", "granted")
    stored = world.send(to=(BUYER, other))
    add_message(stored, world.delivery.inbox)
    assert shown_of(world, stored) == ({TRACKED, UNOPENED}, (1, 1))
    world.say(BUYER, "withdrawn", "withdrawn")
    deliver(stored.message.id, 0, world.delivery)
    assert shown_of(world, stored) == ({TRACKED, UNOPENED}, (1, 1)), "another copy is still tracked"
    world.say(other, "withdrawn", "withdrawn")
    deliver(stored.message.id, 1, world.delivery)
    assert shown_of(world, stored) == (set(), (0, 0))


def test_a_kept_day_is_let_go_of_when_one_of_its_mails_leaves_untracked_long_after(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    world.say(BUYER, "withdrawn", "withdrawn")
    world.sending.clock.pass_by(30 * 86_400)
    deliver(stored.message.id, 0, world.delivery)
    assert world.delivery.days.forgotten == [(USER.id, day_of(stored.message.created_at))]


def test_what_inbox_and_statistics_could_not_be_told_they_are_told_when_the_queue_delivers_again(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    add_message(stored, world.delivery.inbox)
    world.say(BUYER, "withdrawn", "withdrawn")
    world.delivery.inbox.losses = 100
    with pytest.raises(Unavailable):
        deliver(stored.message.id, 0, world.delivery)
    assert world.transport.calls == 0
    world.delivery.inbox.losses = 0
    deliver(stored.message.id, 0, world.delivery, QueueDelivery(2))
    assert world.transport.calls == 1
    assert shown_of(world, stored) == (set(), (0, 0))


def test_a_copy_that_leaves_as_it_was_decided_touches_neither_inbox_nor_day(world):
    world.say(BUYER, "granted", "unknown")
    stored = world.send()
    world.sending.clock.pass_by(30 * 86_400)
    deliver(stored.message.id, 0, world.delivery)
    assert world.delivery.days.forgotten == []


def test_a_consent_that_is_given_after_a_mail_was_taken_changes_nothing_of_it(world):
    stored = world.send()
    world.say(BUYER, "granted", "granted")
    assert without_footer(world.deliver(stored)[BUYER]) == world.original(stored)
    assert world.recipient(stored).tracking == stored.recipients[0].tracking


def test_what_was_taken_out_stays_out_at_the_next_try(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    world.transport.answers = [Deferred("451 later")]
    world.say(BUYER, "refused", "refused")
    deliver(stored.message.id, 0, world.delivery)
    world.say(BUYER, "granted", "granted")
    world.sending.clock.pass_by(100_000)
    deliver(stored.message.id, 0, world.delivery)
    last = world.transport.taken[-1].copy.replace(b"=\r\n", b"")
    assert without_footer(last) == world.original(stored)


def test_a_copy_that_is_sent_again_on_purpose_is_tracked_no_more_than_before(world):
    stored = world.send()
    world.say(BUYER, "granted", "granted")
    world.sending.messages.rows[stored.message.id, 0] = replace(world.recipient(stored), status="failed")
    send_again(USER, stored.message.id, 0, world.sending)
    assert without_footer(world.deliver(stored)[BUYER]) == world.original(stored)


def test_a_copy_does_not_leave_while_consent_cannot_be_read(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    world.sending.decisions.states.down = True
    with pytest.raises(Unavailable):
        deliver(stored.message.id, 0, world.delivery)
    assert world.transport.calls == 0
    assert world.recipient(stored).status == "queued"


@pytest.mark.parametrize(("state", "expected"), [("unknown", (0, 0)), ("granted", (1, 2))])
def test_mail_that_an_early_release_left_in_the_queue_goes_by_the_rules_too(world, state, expected):
    world.say(BUYER, "granted", "granted")
    stored = world.send()
    world.sending.messages.rows[stored.message.id, 0] = replace(world.recipient(stored), tracking=None)
    world.say(BUYER, state, state)
    copy = world.deliver(stored)[BUYER]
    assert (pixels(copy), links(copy)) == expected
    assert world.recipient(stored).tracking.modes == (("off", "off") if state == "unknown" else ("individual",) * 2)


def test_only_copies_that_leave_tracked_are_noted_under_their_readers(world):
    world.say(BUYER, "granted", "unknown")
    world.send(to=(BUYER, "unknown@customer.test"))
    assert [each.recipient for each in world.sending.subjects.index.copies] == [0]


# --- links that hold the reader's address -------------------------------------------------------------------------------------


HELD = f'<p><a href="https://example.com/x?to={BUYER}">x</a> <a href="https://example.com/y">y</a></p>'


def test_a_link_that_holds_a_readers_address_is_left_alone_in_their_copy_and_that_is_told():
    world = World("none")
    stored = world.send(to=(BUYER, "other@customer.test"), html=HELD)
    left = world.deliver(stored)
    assert (links(left[BUYER]), links(left["other@customer.test"])) == (1, 2)
    told = [(each.where, each.reason) for each in stored.report.untracked if each.what == "link"]
    assert told == [(f"https://example.com/x?to={BUYER}", "holds-address")]
    assert [link.index for link in stored.report.links] == [0, 1]


def test_a_link_that_holds_the_only_readers_address_is_no_tracked_link_of_the_mail():
    world = World("none")
    stored = world.send(html=HELD)
    assert [(link.index, link.url) for link in stored.report.links] == [(1, "https://example.com/y")]
    found = precheck(replace(DRAFT, html=HELD), USER, world.sending)
    assert [each.reason for each in found.report.untracked] == ["holds-address"]


# --- the check before sending ---------------------------------------------------------------------------------------------------


def test_the_check_says_who_will_be_tracked_and_why_not(world):
    world.say(BUYER, "granted", "granted")
    found = precheck(replace(DRAFT, to=(BUYER, "a@customer.test", "b@customer.test")), USER, world.sending)
    assert found.tracked == (BUYER,)
    assert [each.tracking.reason for each in found.recipients] == ["allowed", "consent-unknown", "consent-unknown"]
    assert found.track == BOTH
    assert world.sending.messages.messages == {}


def test_the_check_tells_of_no_tracked_link_where_nobodys_may_be_tracked(world):
    found = precheck(DRAFT, USER, world.sending)
    assert (found.track, found.tracked, found.report.links) == (Track(opens=False, clicks=False), (), ())


def test_a_mail_whose_last_tracked_copy_lost_its_tracking_is_an_untracked_one(world):
    world.say(BUYER, "granted", "granted")
    stored = world.send(to=(BUYER, "unknown@customer.test"))
    world.say(BUYER, "withdrawn", "withdrawn")
    world.deliver(stored)
    assert not world.sending.messages.load(stored.message.id).message.tracked
