"""Tries sending accounts: a server by connecting and signing in, SES by asking whether it knows the address."""

from ocello.adapters.ses.identities import SesIdentities
from ocello.adapters.smtp.transport import SmtpTransport, Timeouts
from ocello.domain.people.users import Account

_TIMEOUTS = Timeouts(connect=5, step=8, total=20, final=0)  # a person waits, and the gateway gives up after 30 s


class ServerProbe:
    """AccountProbe."""

    def __init__(self, *, allow_private: bool = False, identities: SesIdentities | None = None) -> None:
        self._allow_private = allow_private
        self._identities = identities or SesIdentities()

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in, and send nothing. Raises Refused or Postponed with words for a person."""
        if account.smtp is not None:
            SmtpTransport(lambda _: password, allow_private=self._allow_private, timeouts=_TIMEOUTS).check(account)
            return
        self._identities.check(account.address)

    def invite(self, address: str) -> None:
        """Have SES send its verification mail. Raises Refused or Postponed with words for a person."""
        self._identities.invite(address)
