"""Sending accounts, whose addresses are our own, and API keys."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.people.users import Account, ApiKey, SmtpServer, User
from ocello.services.accounts.ports import SealedCredential
from tests.ports.examples import NOW, everything, note

SERVER = SmtpServer("mail.example.test", 465, "tls", "rep", "secret/name", b"sealed")
SES = Account("u1", "a@example.test", "A", "ses", verified=True, version=1)
SMTP = Account("u1", "b@example.test", "", "smtp", verified=False, smtp=SERVER, version=1)


def test_accounts_come_back_as_they_were_and_are_deleted(stores):
    assert stores.accounts.write(SMTP, None)
    assert stores.accounts.write(SES, None)
    assert list(stores.accounts.of("u1")) == [SES, SMTP]
    assert list(stores.accounts.of("u2")) == []
    assert stores.accounts.delete(SES)
    assert not stores.accounts.delete(SES)
    assert list(stores.accounts.of("u1")) == [SMTP]


def test_of_two_who_change_an_account_at_once_one_wins(stores):
    first = replace(SES, verified=False)
    assert stores.accounts.write(first, None)
    assert not stores.accounts.write(first, None)
    verified = replace(first, verified=True, version=2)
    assert stores.accounts.write(verified, first, note(1))
    assert not stores.accounts.write(replace(first, name="Mine"), first, note(2))
    assert not stores.accounts.delete(first)
    assert list(stores.accounts.of("u1")) == [verified]
    assert list(stores.trail.page(9, None).items) == [note(1)]


def test_a_claim_of_what_has_changed_meanwhile_changes_nothing(stores):
    assert stores.accounts.write(SES, None)
    assert stores.accounts.delete(SES)
    stores.accounts.claim(SES)
    assert list(stores.accounts.of("u1")) == []
    stores.accounts.write(replace(SES, verified=False), None)
    stores.accounts.write(replace(SES, name="New", verified=False), stores.accounts.of("u1")[0])
    stores.accounts.claim(replace(SES, verified=True))
    assert [(each.name, each.claimed) for each in stores.accounts.of("u1")] == [("New", False)]


def kept(stores, account=SMTP):
    return stores.credentials.get(account.user, account.address)


def sealed(version):
    return SealedCredential(b"sealed %d" % version, version)


def test_a_secret_is_written_with_its_account_over_its_predecessor_alone(stores):
    assert kept(stores) is None
    assert not stores.accounts.write(SMTP, None, secret=sealed(2)), "there is no first one"
    assert list(stores.accounts.of("u1")) == []
    assert stores.accounts.write(SMTP, None, secret=sealed(1))
    assert kept(stores) == sealed(1)
    renamed = replace(SMTP, name="New", version=2)
    assert not stores.accounts.write(renamed, SMTP, note(1), sealed(1))
    assert (list(stores.accounts.of("u1")), kept(stores)) == ([SMTP], sealed(1)), "all or nothing"
    assert list(stores.trail.page(9, None).items) == []
    assert stores.accounts.write(renamed, SMTP, note(1), sealed(2))
    assert (list(stores.accounts.of("u1")), kept(stores)) == ([renamed], sealed(2))
    assert not stores.accounts.write(SMTP, SMTP, secret=sealed(3)), "the account is outdated"
    assert kept(stores) == sealed(2)


def test_a_secret_stays_while_its_account_signs_in_and_goes_when_it_does_not(stores):
    assert stores.accounts.write(SMTP, None, secret=sealed(1))
    second = replace(SMTP, name="New", version=2)
    assert stores.accounts.write(second, SMTP)
    assert kept(stores) == sealed(1)
    assert stores.accounts.write(replace(SES, address=SMTP.address), second)
    assert kept(stores) is None
    open_server = replace(SMTP, address="c@example.test", smtp=SmtpServer("mail.example.test", 25, "none"))
    assert stores.accounts.write(replace(SMTP, address="c@example.test"), None, secret=sealed(1))
    assert stores.accounts.write(open_server, replace(SMTP, address="c@example.test"))
    assert kept(stores, open_server) is None


def test_a_secret_goes_with_its_account_and_no_other_accounts_does(stores):
    other, same = replace(SMTP, address="c@example.test"), replace(SMTP, user="u2")
    for account in (SMTP, other, same):
        assert stores.accounts.write(account, None, secret=sealed(1))
    assert not stores.accounts.delete(replace(SMTP, version=7))
    assert kept(stores) == sealed(1)
    assert stores.accounts.delete(SMTP)
    assert [kept(stores, account) for account in (SMTP, other, same)] == [None, sealed(1), sealed(1)]
    assert list(stores.accounts.of("u1")) == [other], "a secret is no account"


def test_of_two_who_renew_a_secret_at_once_one_wins_and_nothing_comes_back_that_was_deleted(stores):
    replaced = stores.credentials.replace
    assert not replaced("u1", SMTP.address, sealed(2))
    assert stores.accounts.write(SMTP, None, secret=sealed(1))
    assert replaced("u1", SMTP.address, SealedCredential(b"first", 2))
    assert not replaced("u1", SMTP.address, SealedCredential(b"second", 2))
    assert kept(stores) == SealedCredential(b"first", 2)
    assert not stores.accounts.write(replace(SMTP, version=2), SMTP, secret=sealed(2)), "it was renewed meanwhile"
    assert stores.accounts.delete(SMTP)
    assert not replaced("u1", SMTP.address, sealed(3))
    assert kept(stores) is None


def join(stores, *users):
    for number, user in enumerate(users):
        assert stores.users.create(user, note(number))


def test_our_own_are_who_was_invited_or_signed_in_and_not_who_was_disabled(stores):
    gone = User("gone", "gone@example.test")
    join(stores, User("rep", "rep@example.test"), User("tom", "tom@example.test", invited=True), gone)
    assert stores.users.change(gone, replace(gone, disabled=True), ())
    request = [f"{number}@customer.test" for number in range(47)] + ["rep@example.test", "gone@example.test"]
    assert stores.own_users.among(request) == {"rep@example.test"}
    assert stores.own_users.among(["tom@example.test"]) == {"tom@example.test"}
    assert stores.own_users.among(["a@customer.test"]) == frozenset()
    assert stores.own_users.among([]) == frozenset()


def test_an_address_that_somebody_sends_from_is_our_own_as_long_as_one_of_them_comes_in(stores):
    join(stores, *(User(f"s{number}", f"s{number}@example.test") for number in (1, 2)))
    shared = [Account(f"s{number}", "sales@example.test", "", "ses", verified=number == 1) for number in (1, 2)]
    assert all(stores.accounts.write(each, None) for each in shared)
    among = stores.own_users.among
    assert among(["sales@example.test", "buyer@customer.test"]) == {"sales@example.test"}
    unverified = stores.accounts.of("s2")[0]
    assert stores.accounts.write(replace(unverified, verified=True), unverified)
    first = stores.users.get("s1")
    assert stores.users.change(first, replace(first, disabled=True), ())
    assert among(["sales@example.test"]) == {"sales@example.test"}, "the second sends from it too"
    assert stores.accounts.delete(stores.accounts.of("s2")[0])
    assert among(["sales@example.test"]) == frozenset()


def a_key(number, user="u1"):
    return ApiKey(f"{number:016x}", user, "k", ("read", "send"), "digest", NOW, expires_at=NOW + 5)


def test_keys_are_paged_and_each_users_own(stores):
    made = [a_key(number) for number in range(5)]
    for key in (*made, a_key(9, "u2")):
        stores.api_keys.create(key, note())
    assert everything(lambda cursor: stores.api_keys.page("u1", 2, cursor), 2) == made
    with pytest.raises(Invalid):
        stores.api_keys.page("u2", 2, stores.api_keys.page("u1", 2, None).next)


def test_a_keys_use_is_noted_to_the_day_and_makes_no_key(stores):
    stores.api_keys.create(a_key(0), note())
    stores.api_keys.touch("u1", a_key(0).id, NOW)
    assert stores.api_keys.get("u1", a_key(0).id).last_used_at == NOW // 86_400_000 * 86_400_000
    stores.api_keys.touch("u1", a_key(0).id, NOW - 86_400_000)
    assert stores.api_keys.get("u1", a_key(0).id).last_used_at == NOW // 86_400_000 * 86_400_000, "it moves on only"
    stores.api_keys.touch("u1", "gone", NOW)
    assert stores.api_keys.get("u1", "gone") is None


def test_a_key_is_revoked_once_and_that_is_noted(stores):
    stores.api_keys.create(a_key(0), note(1))
    assert stores.api_keys.get("u2", a_key(0).id) is None
    assert stores.api_keys.delete(a_key(0), note(2))
    assert not stores.api_keys.delete(a_key(0), note(3))
    assert stores.api_keys.get("u1", a_key(0).id) is None
    assert list(stores.trail.page(9, None).items) == [note(2), note(1)]
