"""Sending accounts: changed by two at once; passwords sealed, also those of earlier versions."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Conflict, Invalid, NotFound, Unavailable
from ocello.domain.people.accounts import Server
from ocello.domain.people.credentials import Password
from ocello.domain.people.users import SCOPES, Account, Principal, SmtpServer, User
from ocello.services.accounts import passwords
from ocello.services.accounts.accounts import SendingAccounts
from ocello.services.accounts.try_account import AccountTrial
from tests import fakes
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
        self.accounts, self.seal, self.before = (
            fakes.MemoryAccountStore(),
            fakes.MemoryPasswordSeal(),
            fakes.MemorySecretStore(),
        )
        self.passwords = passwords.Passwords(self.seal, self.before)
        self.clock, self.probe = fakes.Clock(), MemoryAccountProbe()

    def connect(self, server=None, address=SALES, name="", by=None):
        return SendingAccounts(self.accounts, self.passwords, self.clock).connect(REP, address, name, server, by=by)

    def try_(self, server, address=REP.address):
        return AccountTrial(SendingAccounts(self.accounts, self.passwords, self.clock), self.probe).connect(
            REP, address, "", server
        )

    def of_before(self, address=SALES):
        """Store an account as earlier releases did: its password in the secret store, and no version."""
        self.before.secrets[NAME] = "hush"
        smtp = SmtpServer("mail.example.test", 465, "tls", "rosa", NAME)
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
    assert SendingAccounts(world.accounts, None, None).is_own_address(REP, SALES)
    assert not SendingAccounts(world.accounts, None, None).is_own_address(REP, "other@example.test")


def test_a_password_is_sealed_for_its_own_account(world):
    world.connect(SERVER)
    smtp = world.here().smtp
    assert b"hush" not in smtp.sealed
    assert (smtp.secret, world.before.secrets) == ("", {})
    assert passwords.read(world.here(), world.passwords) == "hush"
    with pytest.raises(Unavailable):
        passwords.read(replace(world.here(), address=REP.address), world.passwords)
    world.connect(KEPT._replace(port=587))
    assert passwords.read(world.here(), world.passwords) == "hush"
    with pytest.raises(Invalid):
        world.connect(KEPT._replace(username="other"))
    with pytest.raises(Invalid):
        world.connect(KEPT._replace(host="evil.test"))


def test_a_password_of_before_is_sealed_when_the_account_is_saved(world):
    world.of_before()
    world.connect(KEPT._replace(port=587))
    assert world.before.secrets == {}
    assert (world.here().smtp.secret, passwords.read(world.here(), world.passwords)) == ("", "hush")


def test_a_password_of_before_is_sealed_when_it_is_used(world):
    account = world.of_before()
    assert passwords.use(account, world.passwords, world.accounts) == "hush"
    assert world.before.secrets == {}
    assert world.here().smtp.secret == ""
    assert passwords.use(world.here(), world.passwords, world.accounts) == "hush"


def test_mail_goes_out_though_sealing_fails_and_what_is_not_sealed_is_kept(world):
    account = world.of_before()
    world.seal.down = True
    assert passwords.use(account, world.passwords, world.accounts) == "hush"
    assert (world.before.secrets, world.here()) == ({NAME: "hush"}, account)
    world.seal.down = False
    world.accounts.meanwhile = lambda: world.accounts.write(replace(account, name="New"))
    assert passwords.use(account, world.passwords, world.accounts) == "hush"
    assert world.before.secrets == {NAME: "hush"}, "somebody else changed the account, which names it still"


def test_what_is_forgotten_with_an_account_of_before(world):
    world.of_before()
    world.connect(SERVER._replace(password="new"))
    assert (world.before.secrets, passwords.read(world.here(), world.passwords)) == ({}, "new")
    world.of_before()
    world.connect(None)
    assert (world.before.secrets, world.here().smtp) == ({}, None)
    world.of_before()
    SendingAccounts(world.accounts, passwords.Passwords(None, world.before), None).disconnect(REP, SALES)
    assert (world.before.secrets, world.accounts.accounts) == ({}, {})
    with pytest.raises(NotFound):
        SendingAccounts(world.accounts, passwords.Passwords(None, world.before), None).disconnect(REP, SALES)


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
