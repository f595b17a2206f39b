"""Tries sending accounts: a server by connecting and signing in, SES by asking whether it knows the address.

What speaks SMTP is imported when a server is tried: hardly any request of the web application does.
"""

from ocello.adapters.ses.identities import SesIdentities
from ocello.domain.people.users import Account


class ServerProbe:
    """AccountProbe."""

    def __init__(self, *, allow_private: bool = False, identities: SesIdentities | None = None) -> None:
        self._allow_private = allow_private
        self._identities = identities or SesIdentities()

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in, and send nothing. Raises Refused or Postponed with words for a person."""
        if account.smtp is not None:
            from ocello.adapters.smtp.transport import SmtpTransport, Timeouts  # noqa: PLC0415 — see above

            patience = Timeouts(
                connect=5, step=8, total=20, final=0
            )  # a person waits, and the gateway gives up after 30 s
            SmtpTransport(lambda _: password, allow_private=self._allow_private, timeouts=patience).check(account)
            return
        self._identities.check(account.address)

    def invite(self, address: str) -> None:
        """Have SES send its verification mail. Raises Refused or Postponed with words for a person."""
        self._identities.invite(address)
