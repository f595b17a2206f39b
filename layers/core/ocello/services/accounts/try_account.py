"""Connects a sending account only after its server has taken us: tried there and then, with nothing written before."""

from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.people.users import Account, User
from ocello.services.accounts import accounts
from ocello.services.accounts.accounts import Server
from ocello.services.accounts.passwords import Passwords, read
from ocello.services.accounts.ports import AccountProbe, AccountStore
from ocello.services.common.ports import Clock
from ocello.services.people.users import plain_address


def try_and_connect(
    user: User,
    address: str,
    name: str,
    server: Server | None,
    *,
    accounts_of: AccountStore,
    passwords: Passwords,
    clock: Clock,
    probe: AccountProbe,
) -> Account:
    """Connect an account that answers. Raises Invalid, Conflict, or domain.delivery's errors with the server's words."""
    proposed, earlier = accounts.propose(user, address, name, server, accounts=accounts_of, passwords=passwords)
    probe.check(proposed, read(proposed, passwords))
    if not accounts.store(proposed, earlier, accounts=accounts_of, passwords=passwords, clock=clock):
        raise Conflict("this account was changed meanwhile: please try again")
    return proposed


def invite(user: User, address: str, accounts_of: AccountStore, probe: AccountProbe) -> None:
    """Have the mail service write to an address of the user's own, so that it can be connected afterwards.

    Only to one that is known to be theirs: nobody makes this installation write to strangers. Raises Invalid, or
    domain.delivery's errors.
    """
    address = plain_address("address", address)
    if not accounts.proven(user, address, accounts_of):
        raise Invalid("address", "must be the address that you sign in with, or one that an administrator confirmed")
    probe.invite(address)
