"""Sending accounts: changed by two at once; what they sign in with sealed, also that of earlier versions; tokens renewed."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Conflict, Invalid, NotFound, Unavailable
from ocello.domain.messages.delivery import Rejected
from ocello.domain.people.accounts import Server
from ocello.domain.people.credentials import SOON_MS, AccessToken, OAuthTokens, Password
from ocello.domain.people.users import SCOPES, Account, Principal, SmtpServer, User
from ocello.services.accounts.accounts import SendingAccounts, notes_about, warnings_about
from ocello.services.accounts.credentials import AccountCredentials
from ocello.services.accounts.ports import SealedCredential
from ocello.services.accounts.try_account import AccountTrial
from tests import fakes
from tests.fakes.sending.accounts import MemoryTokenIssuer
from tests.fakes.web import MemoryAccountProbe

REP = User("01900000-0000-7000-8000-000000000003", "rep@example.test", "Rosa")
ADA = User("01900000-0000-7000-8000-000000000001", "ada@example.test", "Ada", admin=True)
SALES = "sales@example.test"
NAME = "ocello/smtp/rep"
SERVER = Server("mail.example.test", 465, "tls", "rosa", "hush")
KEPT = SERVER._replace(password=None)


class World:
    """One user's accounts, and where passwords are."""

    def __init__(self):
        self.accounts, self.seal = fakes.MemoryAccountStore(), fakes.MemoryCredentialSeal()
        self.before, self.clock, self.probe = fakes.MemorySecretStore(), fakes.Clock(), MemoryAccountProbe()
        self.rows, self.issuer = self.accounts.credentials, MemoryTokenIssuer(self.clock)
        self.credentials = AccountCredentials(self.rows, self.seal, self.before, self.clock, {"google": self.issuer})
        self.sending = SendingAccounts(self.accounts, self.credentials, self.clock)

    def connect(self, server=None, address=SALES, name="", by=None):
        return self.sending.connect(REP, address, name, server, by=by)

    def try_(self, server, address=REP.address):
        return AccountTrial(self.sending, self.probe).connect(REP, address, "", server)

    def read(self, address=SALES):
        return self.credentials.read(self.here(address))

    def use(self, account=None):
        return self.credentials.use(account or self.here(), self.accounts)

    def give(self, tokens):
        """Connect an account that signs in with tokens."""
        self.connect(SERVER)
        assert self.rows.replace(REP.id, SALES, self.credentials.sealed(self.here(), tokens))

    def of_before(self, address=SALES, sealed=b""):
        """Store an account as earlier releases did: its password in the secret store or sealed, and no version."""
        if not sealed:
            self.before.secrets[NAME] = "hush"
        smtp = SmtpServer("mail.example.test", 465, "tls", "rosa", "" if sealed else NAME, sealed)
        self.accounts.accounts[REP.id, address] = Account(REP.id, address, "", "smtp", verified=True, smtp=smtp)
        return self.here(address)

    def here(self, address=SALES):
        return self.accounts.accounts[REP.id, address]


@pytest.fixture
def world():
    return World()


def test_an_administrators_word_is_not_lost_to_a_change_at_the_same_moment(world):
    world.connect()
    boss = Principal(ADA, frozenset(SCOPES), by_key=False)
    world.accounts.meanwhile = lambda: world.connect(by=boss)
    assert world.connect(name="Sales").verified
    assert (world.here().verified, world.here().name) == (True, "Sales")
    assert [(each.action, each.actor, each.target) for each in world.accounts.trail] == [
        ("account.verified", ADA.address, SALES)
    ]
    world.connect(by=boss)
    assert len(world.accounts.trail) == 1, "what was confirmed already is no change"


def test_a_confirmed_address_confirms_no_other(world):
    world.connect(by=Principal(ADA, frozenset(SCOPES), by_key=True))
    assert not world.connect(address="other@example.test").verified
    assert world.sending.is_own_address(REP, SALES)
    assert not world.sending.is_own_address(REP, "other@example.test")


def test_a_password_is_sealed_for_its_own_account(world):
    world.connect(SERVER)
    kept = world.rows.rows[REP.id, SALES]
    assert b"hush" not in kept.sealed
    assert (world.here().smtp.secret, world.here().smtp.sealed, world.before.secrets) == ("", b"", {})
    assert world.read() == Password("hush")
    world.rows.rows[REP.id, REP.address] = kept
    with pytest.raises(Unavailable):
        world.credentials.read(replace(world.here(), address=REP.address))
    world.connect(KEPT._replace(port=587))
    assert world.read() == Password("hush")
    with pytest.raises(Invalid):
        world.connect(KEPT._replace(username="other"))
    with pytest.raises(Invalid):
        world.connect(KEPT._replace(host="evil.test"))
    with pytest.raises(Invalid):
        world.connect(KEPT._replace(security="none"))


def test_what_an_account_no_longer_signs_in_with_is_not_kept(world):
    for without in (None, Server("mail.example.test", 25, "none", "", None)):
        world.connect(SERVER)
        assert world.rows.rows
        world.connect(without)
        assert not world.rows.rows
        with pytest.raises(Invalid, match="none is stored"):
            world.connect(KEPT)
    world.connect(SERVER)
    world.sending.disconnect(REP, SALES)
    assert (world.rows.rows, world.accounts.accounts) == ({}, {})


def test_a_password_of_before_is_sealed_in_a_row_of_its_own_when_the_account_is_saved(world):
    for sealed in (b"", world.seal.close(REP.id, SALES, b"hush")):
        world.of_before(sealed=sealed)
        assert world.read() == Password("hush")
        world.connect(KEPT._replace(port=587))
        assert world.before.secrets == {}
        assert (world.here().smtp.secret, world.here().smtp.sealed) == ("", b"")
        assert world.read() == Password("hush")
        world.sending.disconnect(REP, SALES)


def test_a_password_sealed_in_the_accounts_own_row_is_used_as_it_is(world):
    account = world.of_before(sealed=world.seal.close(REP.id, SALES, b"hush"))
    assert world.use() == Password("hush")
    assert (world.here(), world.rows.rows) == (account, {})


def test_what_an_older_release_writes_beside_a_row_counts(world):
    """While a release is being deployed, the one before it still writes accounts, and knows no rows of credentials."""
    world.connect(SERVER)
    smtp = replace(world.here().smtp, sealed=world.seal.close(REP.id, SALES, b"newer"))
    world.accounts.write(replace(world.here(), smtp=smtp))
    assert (world.read(), world.use()) == (Password("newer"), Password("newer"))
    world.connect(KEPT)
    assert (world.read(), world.here().smtp.sealed) == (Password("newer"), b"")


def test_a_password_of_before_leaves_the_secret_store_when_it_is_used(world):
    account = world.of_before()
    assert world.use(account) == Password("hush")
    assert world.before.secrets == {}
    assert world.here().smtp.secret == ""
    assert world.use() == Password("hush")


def test_mail_goes_out_though_sealing_fails_and_what_is_not_sealed_is_kept(world):
    account = world.of_before()
    world.seal.down = True
    assert world.use(account) == Password("hush")
    assert (world.before.secrets, world.here()) == ({NAME: "hush"}, account)
    world.seal.down = False
    world.accounts.meanwhile = lambda: world.accounts.write(replace(account, name="New"))
    assert world.use(account) == Password("hush")
    assert world.before.secrets == {NAME: "hush"}, "somebody else changed the account, which names it still"


def test_what_is_forgotten_with_an_account_of_before(world):
    world.of_before()
    world.connect(SERVER._replace(password="new"))
    assert (world.before.secrets, world.read()) == ({}, Password("new"))
    world.of_before()
    world.connect(None)
    assert (world.before.secrets, world.here().smtp) == ({}, None)
    world.of_before()
    world.sending.disconnect(REP, SALES)
    assert (world.before.secrets, world.accounts.accounts) == ({}, {})
    with pytest.raises(NotFound):
        world.sending.disconnect(REP, SALES)


MICROSOFT, FILES = "Microsoft switches passwords off", "files each recipient's copy in Sent"


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("smtp.office365.com", [FILES, MICROSOFT]),
        ("SMTP.Office365.com", [FILES, MICROSOFT]),
        ("smtp.gmail.com", [FILES]),
        ("office365.com.evil.test", []),
        ("notoffice365.com", []),
    ],
)
def test_what_is_known_of_a_provider_is_told(world, host, words):
    world.connect(SERVER._replace(host=host), by=Principal(ADA, frozenset(SCOPES), by_key=False))
    told = notes_about(world.here())
    assert len(told) == len(words)
    assert all(expected in text for expected, text in zip(words, told, strict=True))
    assert len(warnings_about(world.here())) == words.count(FILES), "before sending, what concerns the mail"


# Tokens


def tokens(world, **changes):
    now = world.clock()
    first = OAuthTokens("google", "access-0", "refresh-0", now + 3_600_000, ("mail", "offline"), now)
    return replace(first, **changes)


def test_an_access_token_is_used_as_long_as_it_lasts_for_a_session(world):
    world.give(tokens(world, expires_at=world.clock() + SOON_MS + 1))
    assert world.use() == AccessToken("access-0")
    assert world.issuer.asked == []


@pytest.mark.parametrize("left", [SOON_MS, 0, -86_400_000])
def test_an_access_token_that_ends_is_renewed_and_the_new_one_kept(world, left):
    world.give(tokens(world, expires_at=world.clock() + left))
    assert world.use() == AccessToken("access-1")
    assert world.use() == AccessToken("access-1")
    assert world.issuer.asked == ["refresh-0"]
    assert world.read() == tokens(world, access="access-1")


def test_of_two_who_renew_at_once_the_first_writes_and_the_other_uses_what_it_wrote(world):
    world.give(tokens(world, expires_at=world.clock()))
    found = []
    world.issuer.meanwhile = lambda: found.append(world.use())
    found.append(world.use())
    assert world.issuer.asked == ["refresh-0", "refresh-0"]
    assert found == [AccessToken("access-2"), AccessToken("access-2")]
    assert world.read().access == "access-2"


def test_a_password_that_is_entered_while_tokens_are_renewed_is_not_written_over(world):
    world.give(tokens(world, expires_at=world.clock()))
    world.issuer.meanwhile = lambda: world.connect(SERVER)
    with pytest.raises(Rejected, match="Connect it again"):
        world.use()
    assert world.read() == Password("hush")


def test_a_renewal_does_not_bring_back_what_was_disconnected_meanwhile(world):
    world.give(tokens(world, expires_at=world.clock()))
    account = world.here()
    world.issuer.meanwhile = lambda: world.sending.disconnect(REP, SALES)
    with pytest.raises(Rejected):
        world.use(account)
    assert world.rows.rows == {}


def test_an_access_that_its_provider_ended_is_told(world):
    world.give(tokens(world, expires_at=world.clock()))
    world.issuer.ended = True
    with pytest.raises(Rejected, match="invalid_grant"):
        world.use()
    world.give(tokens(world, provider="microsoft", expires_at=world.clock()))
    with pytest.raises(Rejected, match="Connect it again"):
        world.use()


def test_a_secret_of_a_later_version_is_for_later_and_says_nothing_of_itself(world):
    world.connect(SERVER)
    later = world.seal.close(REP.id, SALES, b'{"format": 2, "password": "hush"}')
    world.rows.rows[REP.id, SALES] = SealedCredential(later, 2)
    with pytest.raises(Unavailable) as unread:
        world.use()
    assert "hush" not in str(unread.value)


def test_a_server_that_refuses_changes_nothing_of_what_was_kept(world):
    account = world.of_before(REP.address)
    world.probe.words = "535 go away"
    with pytest.raises(Exception, match="535"):
        world.try_(KEPT)
    assert (world.before.secrets, world.here(REP.address)) == ({NAME: "hush"}, account)
    world.probe.words = ""
    world.try_(KEPT)
    assert [credential for _, credential in world.probe.tried] == [Password("hush"), Password("hush")]
    assert (world.before.secrets, world.here(REP.address).smtp.secret) == ({}, "")


def test_an_account_that_changes_while_it_is_tried_is_not_written_over(world):
    world.accounts.meanwhile = lambda: world.connect(None, REP.address, "By another window")
    with pytest.raises(Conflict):
        world.try_(SERVER)
    assert world.here(REP.address).name == "By another window"
