"""Checks sending accounts: a server by connecting and signing in, an SES address by asking SES whether it is verified.

The SMTP client is imported only when a server is checked: few requests of the web application do that.
"""

from ocello.adapters.ses.identities import SesIdentities
from ocello.domain.people.credentials import Credential
from ocello.domain.people.users import Account


class ServerProbe:
    """AccountProbe."""

    def __init__(self, *, allow_private: bool = False, identities: SesIdentities | None = None) -> None:
        self._allow_private = allow_private
        self._identities = identities or SesIdentities()

    def check(self, account: Account, credential: Credential) -> None:
        """Connect and sign in without sending anything. Raise Rejected or Deferred with a text for people."""
        if account.smtp is not None:
            from ocello.adapters.smtp.transport import SmtpTransport, Timeouts  # noqa: PLC0415 — see above

            patience = Timeouts(
                connect=5, step=8, total=20, final=0
            )  # a user is waiting, and the gateway stops after 30 s
            SmtpTransport(lambda _: credential, allow_private=self._allow_private, timeouts=patience).check(account)
            return
        self._identities.check(account.address)

    def invite(self, address: str) -> None:
        """Have SES send its verification mail. Raise Rejected or Deferred with a text for people."""
        self._identities.invite(address)
