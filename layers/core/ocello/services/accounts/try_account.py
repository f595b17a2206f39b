"""Connects a sending account only after its server has accepted us. Nothing is stored before."""

from dataclasses import dataclass

from ocello.domain.common.errors import Conflict, Invalid
from ocello.domain.people.accounts import Server, plain_address
from ocello.domain.people.credentials import Credential, Password
from ocello.domain.people.users import Account, User
from ocello.services.accounts.accounts import Proposal, SendingAccounts
from ocello.services.accounts.ports import AccountProbe


@dataclass(frozen=True, slots=True)
class AccountTrial:
    """Tries an account before it is connected."""

    accounts: SendingAccounts
    probe: AccountProbe

    def connect(self, user: User, address: str, name: str, server: Server | None) -> Account:
        """Connect an account if its server accepts us. Raises Invalid, Conflict, or errors of domain.messages.delivery."""
        proposal = self.accounts.propose(user, address, name, server)
        self.probe.check(proposal.account, self._shown(proposal))
        if not self.accounts.store(proposal):
            raise Conflict("this account was changed meanwhile: please try again")
        return proposal.account

    def invite(self, user: User, address: str) -> None:
        """Make the mail service send its verification mail to an address of the user's own, to be connected afterwards.

        Only an address that is known to be the user's gets one: nobody can make this installation write to strangers.
        Raises Invalid, or errors of domain.messages.delivery.
        """
        address = plain_address("address", address)
        if not self.accounts.is_own_address(user, address):
            raise Invalid(
                "address", "must be the address that you sign in with, or one that an administrator confirmed"
            )
        self.probe.invite(address)

    def _shown(self, proposal: Proposal) -> Credential:
        """Return what the server is shown: the secret that was entered, else the stored one."""
        if isinstance(proposal.secret, Password):
            return proposal.secret
        signs_in = proposal.account.smtp is not None and proposal.account.smtp.username
        return self.accounts.credentials.use(proposal.account, self.accounts.accounts) if signs_in else Password("")
