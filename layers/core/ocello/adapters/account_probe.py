"""Tries sending accounts: a server by connecting and signing in, SES by asking whether it knows the address."""

from botocore.exceptions import BotoCoreError, ClientError

from ocello.adapters import aws_clients
from ocello.adapters.smtp_transport import SmtpTransport, Timeouts
from ocello.domain.delivery import Postponed, Refused
from ocello.domain.people import Account

_TIMEOUTS = Timeouts(connect=5, step=8)  # a person waits, and the gateway gives up after 30 s


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

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    def check(self, account: Account, password: str) -> None:
        """Connect and sign in, and send nothing. Raises Refused or Postponed with words for a person."""
        if account.smtp is not None:
            SmtpTransport(_Given(password), allow_private=self._allow_private, timeouts=_TIMEOUTS).check(account)
            return
        client = aws_clients.client("sesv2", tries=1)
        for identity in (account.address, account.address.rpartition("@")[2]):
            try:
                if client.get_email_identity(EmailIdentity=identity).get("VerifiedForSendingStatus"):
                    return
            except ClientError as error:
                if aws_clients.code_of(error) != "NotFoundException":
                    raise Postponed("Amazon SES does not answer just now.") from error
            except BotoCoreError as error:
                raise Postponed("Amazon SES does not answer just now.") from error
        raise Refused("Amazon SES has verified neither this address nor its domain.")
