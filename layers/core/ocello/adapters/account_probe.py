"""Tries sending accounts: a server by connecting and signing in, SES by asking whether it knows the address."""

from ocello.adapters.ses_identities import SesIdentities
from ocello.adapters.smtp_transport import SmtpTransport, Timeouts
from ocello.domain.people import Account

_TIMEOUTS = Timeouts(connect=5, step=8, total=20, final=0)  # a person waits, and the gateway gives up after 30 s


class _Given:
    """SecretStore of the one password that is being tried."""

    def __init__(self, password: str) -> None:
        self._password = password

    def read(self, name: str) -> str:  # noqa: ARG002 — the port's shape
        return self._password

    def write(self, name: str, text: str) -> None:
        """Leave it."""

    def delete(self, name: str) -> None:
        """Leave it."""


class ServerProbe:
    """AccountProbe."""

    def __init__(self, *, allow_private: bool = False, identities: SesIdentities | None = None) -> None:
        self._allow_private = allow_private
        self._identities = identities or SesIdentities()

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in, and send nothing. Raises Refused or Postponed with words for a person."""
        if account.smtp is not None:
            SmtpTransport(_Given(password), allow_private=self._allow_private, timeouts=_TIMEOUTS).check(account)
            return
        self._identities.check(account.address)

    def invite(self, address: str) -> None:
        """Have SES send its verification mail. Raises Refused or Postponed with words for a person."""
        self._identities.invite(address)
