"""Reads passwords of SMTP servers, and moves those of earlier versions from the secret store into the accounts' rows."""

from dataclasses import replace
from typing import NamedTuple

from ocello.domain.common.errors import Unavailable
from ocello.domain.people.users import Account
from ocello.services.accounts.ports import AccountStore, PasswordSeal, SecretStore


class Passwords(NamedTuple):
    """Where passwords are: encrypted in the accounts' rows, or, from earlier versions, in a secret store."""

    seal: PasswordSeal
    secret_store: SecretStore


def read(account: Account, passwords: Passwords) -> str:
    """Return the password of an account's server; empty where none is stored. Raises Unavailable."""
    smtp = account.smtp
    if smtp is not None and smtp.sealed:
        return passwords.seal.open(account.user, account.address, smtp.sealed)
    return passwords.secret_store.read(smtp.secret) if smtp is not None and smtp.secret else ""


def use(account: Account, passwords: Passwords, accounts: AccountStore) -> str:
    """Return the password of an account's server; if it is still in the secret store, move it. Raises Unavailable."""
    text = read(account, passwords)
    if text and account.smtp is not None and account.smtp.secret:
        try:
            _move(account, text, passwords, accounts)
        except Unavailable:  # the mail is sent all the same, and the next one tries to move it again
            return text
    return text


def _move(account: Account, text: str, passwords: Passwords, accounts: AccountStore) -> None:
    if account.smtp is None:
        return
    sealed = passwords.seal.close(account.user, account.address, text)
    moved = replace(account, smtp=replace(account.smtp, secret="", sealed=sealed))
    if accounts.write(moved, account):
        passwords.secret_store.delete(account.smtp.secret)
