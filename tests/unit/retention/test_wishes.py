"""Who asks on their page gets a mail at their own address, at most one a day for each thing."""

import email
import email.policy
import re
from dataclasses import dataclass, field

import pytest

from ocello.adapters.consent.notice_files import texts
from ocello.domain.common.errors import Unavailable
from ocello.domain.messages.delivery import Deferred, OutcomeUnknown, Rejected
from ocello.domain.people.users import Account
from ocello.domain.retention.tickets import GOOD_FOR_MS, PAUSE_MS, RightsWish, digest_of
from ocello.domain.tracking import tokens
from ocello.services.retention.wishes import RightsMails
from ocello.services.sending.outgoing import Tracker
from ocello.services.sending.ports import Sent
from tests import fakes
from tests.fakes.retention import MemoryRightsTickets
from tests.fakes.sending.mail import MemoryTransport
from tests.fakes.world import KEYRING
from tests.unit.retention.test_rights import ANN, MESSAGE, World


@dataclass
class Post:
    """A world whose sender has an account."""

    world: World = field(default_factory=World)
    tickets: MemoryRightsTickets = field(default_factory=MemoryRightsTickets)
    transport: MemoryTransport = field(default_factory=MemoryTransport)
    accounts: fakes.MemoryAccountStore = field(default_factory=fakes.MemoryAccountStore)
    suppressions: fakes.MemorySuppressionList = field(default_factory=fakes.MemorySuppressionList)

    def __post_init__(self):
        self.accounts.write(Account("u1", "rep@x.test", "Rep Rossi", "smtp", verified=True), None)
        self.mails = RightsMails(
            messages=self.world.messages,
            accounts=self.accounts,
            suppressions=self.suppressions,
            transports={"smtp": self.transport, "ses": self.transport},
            tickets=self.tickets,
            keys=self.world.keys,
            key=fakes.SUBJECT_KEY,
            tracker=Tracker(KEYRING, "https://t.test"),
            texts=texts("rights"),
            clock=self.world.clock,
            random_bytes=fakes.PredictableBytes(),
        )

    def wish(self, do="export", language="en", recipient=0, age=0):
        return self.mails.send(RightsWish(MESSAGE, recipient, do, language, self.world.clock.now - age))

    def mail(self):
        return email.message_from_bytes(self.transport.taken[-1].copy, policy=email.policy.default)


@pytest.fixture
def post():
    post = Post()
    # A transport names its answer after a message; such a mail has none.
    post.transport.answers = [Sent("<1@transport.test>") for _ in range(9)]
    return post


@pytest.mark.parametrize("do", ["export", "erase"])
@pytest.mark.parametrize(("language", "words"), [("it", "entro 24 ore"), ("fr", "24 heures"), ("en", "24 hours")])
def test_the_mail_goes_to_the_address_alone_untracked_with_one_link(post, do, language, words):
    assert post.wish(do, language) == "sent"
    (taken,) = post.transport.taken
    assert (taken.account, taken.to) == ("rep@x.test", ANN)
    mail = post.mail()
    assert mail["To"] == ANN
    assert "Rep Rossi" in mail["From"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,)).get_content()
        links = re.findall(r"https://[^\s\"<>]+", part)
        assert len(links) == 1
        assert words in part
        assert "/p/" in links[0]


def test_the_link_leads_to_the_recipients_page_and_its_secret_is_stored_as_a_digest(post):
    post.wish("erase", "it")
    link = re.search(
        r"https://t\.test/p/([^?\s]+)\?lang=it&ticket=(\S+)", post.mail().get_body(("plain",)).get_content()
    )
    token = tokens.verify(KEYRING, link[1], tokens.PRIVACY)
    assert (token.message, token.recipient, token.flags & tokens.GRANTS) == (MESSAGE, 0, 0)
    (ticket,) = post.tickets.tickets.values()
    assert ticket.digest == digest_of(link[2])
    assert (ticket.do, ticket.subject, ticket.job) == ("erase", post.world.subjects[ANN], "")
    assert link[2] not in repr(ticket)
    assert ANN not in repr(ticket)
    assert post.world.keys.open(ticket.subject, ticket.sealed) == ANN


def test_the_mail_is_kept_nowhere_where_its_sender_could_read_the_link(post):
    before = repr(post.world.messages.__dict__)
    post.wish()
    assert repr(post.world.messages.__dict__) == before


def test_one_mail_a_day_leaves_for_each_thing(post):
    assert [post.wish(), post.wish("erase")] == ["sent", "sent"]
    post.world.clock.now += PAUSE_MS - 1
    assert [post.wish(), post.wish("erase")] == ["recently", "recently"]
    post.world.clock.now += 1
    assert post.wish() == "sent"
    assert len(post.transport.taken) == 3


def test_what_cannot_be_sent_now_is_tried_again_and_then_leaves(post):
    post.transport.answers.insert(0, Deferred("busy"))
    wish = RightsWish(MESSAGE, 0, "export", "en", post.world.clock.now)
    with pytest.raises(Unavailable):
        post.mails.send(wish)
    post.world.clock.now += 1_800_000
    assert post.mails.send(wish) == "sent"


@pytest.mark.parametrize("error", [Rejected("no such user"), OutcomeUnknown("cut short")])
def test_what_was_refused_or_may_have_left_is_not_sent_again(post, error):
    post.transport.answers.insert(0, error)
    assert post.wish() == "refused"


def test_a_wish_that_waited_for_a_day_is_dropped(post):
    assert post.wish(age=GOOD_FOR_MS + 1) == "too late"
    assert post.transport.taken == []


def test_nobody_is_written_to_whose_address_is_suppressed_or_unknown(post):
    post.suppressions.add(ANN, "bounce", 1)
    assert post.wish() == "suppressed"
    assert post.wish(recipient=9) == "not known"
    assert (post.transport.taken, post.tickets.written) == ([], {})


def test_where_the_account_is_gone_another_one_of_the_same_person_writes_and_without_one_nobody(post):
    (account,) = post.accounts.of("u1")
    post.accounts.write(Account("u1", "rossi@x.test", "", "ses", verified=True), None)
    post.accounts.delete(account)
    assert post.wish() == "sent"
    assert post.transport.taken[-1].account == "rossi@x.test"
    post.accounts.delete(post.accounts.of("u1")[0])
    assert post.wish("erase") == "no account"
