"""Asks SES v2 whether it may send as an address, and has it write to one whose owner is to say so."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

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
    """The addresses and domains that SES knows, by botocore's client, made when first used where not given."""

    def __init__(self, client: Any = None) -> None:
        self._client = client

    def check(self, address: str) -> None:
        """Find the address or its domain verified. Raises Refused, Unverified or Deferred with words for a person."""
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
        """Have SES send its verification mail, once: where it did already, nothing more is sent."""
        try:
            self._ses().create_email_identity(EmailIdentity=address)
        except ClientError as error:
            if clients.code_of(error) != "AlreadyExistsException":
                raise _answered(error) from error
        except BotoCoreError as error:
            raise _silent() from error
        else:
            return
        if self._known(address).get("VerificationStatus") == "FAILED":
            raise Rejected(_EXPIRED)

    def _known(self, identity: str) -> dict[str, Any]:
        """Return what SES knows of an identity; nothing where it knows none."""
        try:
            known: dict[str, Any] = self._ses().get_email_identity(EmailIdentity=identity)
        except ClientError as error:
            if clients.code_of(error) == "NotFoundException":
                return {}
            raise _answered(error) from error
        except BotoCoreError as error:
            raise _silent() from error
        return known

    def _ses(self) -> Any:
        if self._client is None:
            self._client = clients.client("sesv2", tries=1)
        return self._client


def _answered(error: ClientError) -> Exception:
    code = clients.code_of(error)
    if code in _FORBIDDEN:
        return Rejected("This installation may not ask Amazon SES about addresses: its operator has to allow it.")
    return Rejected("Amazon SES does not take this address.") if code in _UNFIT else _silent()


def _silent() -> Deferred:
    return Deferred("Amazon SES does not answer just now.")
