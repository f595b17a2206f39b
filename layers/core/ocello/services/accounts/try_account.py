"""Connects a sending account only after its server has taken us: tried there and then, with nothing written before."""

from dataclasses import dataclass

from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.people.users import Account, User
from ocello.services.accounts.accounts import SendingAccounts, Server
from ocello.services.accounts.passwords import read
from ocello.services.accounts.ports import AccountProbe
from ocello.services.people.users import plain_address


@dataclass(frozen=True, slots=True)
class AccountTrial:
    """Tries accounts with the probe it was given, before they are connected."""

    accounts: SendingAccounts
    probe: AccountProbe

    def connect(self, user: User, address: str, name: str, server: Server | None) -> Account:
        """Connect an account that answers. Raises Invalid, Conflict, or domain.delivery's errors with the server's words."""
        proposed, earlier = self.accounts.propose(user, address, name, server)
        self.probe.check(proposed, read(proposed, self.accounts.passwords))
        if not self.accounts.store(proposed, earlier):
            raise Conflict("this account was changed meanwhile: please try again")
        return proposed

    def invite(self, user: User, address: str) -> None:
        """Have the mail service write to an address of the user's own, so that it can be connected afterwards.

        Only to one that is known to be theirs: nobody makes this installation write to strangers. Raises Invalid, or
        domain.delivery's errors.
        """
        address = plain_address("address", address)
        if not self.accounts.proven(user, address):
            raise Invalid(
                "address", "must be the address that you sign in with, or one that an administrator confirmed"
            )
        self.probe.invite(address)
