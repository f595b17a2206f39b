"""Checks whether SES v2 may send from an address, and starts the verification of an address by mail."""

import contextlib
from collections.abc import Iterator
from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.texts import Text
from ocello.domain.mail.addresses import domain_of
from ocello.domain.messages.delivery import Deferred, Rejected, Unverified

_FORBIDDEN = frozenset({"AccessDeniedException", "AccessDenied"})
_UNFIT = frozenset({"BadRequestException", "ValidationException"})
_EXPIRED = Text(
    "The link in Amazon SES's verification mail was not opened in time. The operator has to remove the address from "
    "Amazon SES; then it can be asked again."
)


class SesIdentities:
    """The identities (addresses and domains) of SES. `client` is botocore's; the default is made at its first use."""

    def __init__(self, client: Any = None) -> None:
        self._client = client

    def check(self, address: str) -> None:
        """Check that the address or its domain is verified. Raise Rejected, Unverified or Deferred with a text for people."""
        found = [self._known(identity) for identity in (address, domain_of(address))]
        if any(known.get("VerifiedForSendingStatus") for known in found):
            return
        if not found[0]:
            raise Unverified("Amazon SES has verified neither this address nor its domain.")
        if found[0].get("VerificationStatus") == "FAILED":
            raise Rejected(_EXPIRED)
        raise Rejected(
            "Amazon SES has sent its verification mail to this address. Open the link in it, then try again."
        )

    def invite(self, address: str) -> None:
        """Have SES send its verification mail; if it was sent before, no second one is sent."""
        with _refusing(expected="AlreadyExistsException"):
            self._ses().create_email_identity(EmailIdentity=address)
            return
        if self._known(address).get("VerificationStatus") == "FAILED":
            raise Rejected(_EXPIRED)

    def _known(self, identity: str) -> dict[str, Any]:
        """Return what SES knows about an identity; empty if it does not know it."""
        with _refusing(expected="NotFoundException"):
            known: dict[str, Any] = self._ses().get_email_identity(EmailIdentity=identity)
            return known
        return {}

    def _ses(self) -> Any:
        if self._client is None:
            self._client = clients.client("sesv2", tries=1)
        return self._client


@contextlib.contextmanager
def _refusing(expected: str) -> Iterator[None]:
    """Make a block raise Rejected or Deferred if SES fails; a failure with the `expected` code only ends the block."""
    try:
        yield
    except clients.FAILURES as error:
        code = clients.code_of(error)
        if code in _FORBIDDEN:
            raise Rejected(
                "This installation may not ask Amazon SES about addresses: its operator has to allow it."
            ) from error
        if code in _UNFIT:
            raise Rejected("Amazon SES does not accept this address.") from error
        if code != expected:
            raise Deferred("Amazon SES does not answer just now.") from error
