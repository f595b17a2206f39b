"""Sends copies by SES v2, as raw messages with their own envelopes."""

from secrets import randbelow
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
    SSLError,
)

from ocello.adapters.aws import clients
from ocello.domain.common.texts import Text
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected
from ocello.domain.people.users import Account
from ocello.services.sending.ports import Sent

_READ_SECONDS = 30
_WORDS = 400
# Errors about the copy or its sender; every other 4xx error is a fault of ours or of the operator.
_FOR_GOOD = frozenset(
    {
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "MailFromDomainNotVerified",
        "AccountSuspendedException",
        "BadRequestException",
        "ValidationException",
        "InvalidParameterValue",
    }
)
# Errors about the account's sending limits, per second or per day. They do not count as a try of the copy.
_TOO_FAST = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)
_USED_UP = frozenset({"LimitExceededException"})
_QUOTA = "quota"  # part of the error's text if the limit per day is meant
_TOO_MANY_REQUESTS = 429
_AGAIN_SECONDS, _QUOTA_SECONDS = 5, 600
_NEVER_LEFT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ProxyConnectionError, SSLError)
_SURELY_NOT = 503  # the copy was not accepted; after any other error of the server this is unknown
_FAULTS = 500
_FIRST_REGION = "us-east-1"


class SesTransport:
    """Transport by SES. SES replaces Message-ID and Date in each copy, and reports the id that it used."""

    def __init__(self, configuration_set: str, region: str, client: Any = None) -> None:
        """Send with a configuration set (empty: none), whose events are our feedback; `region` is part of Message-IDs.

        `client` is botocore's for SES v2; the default is made at its first use. It must not retry, as that might send a
        copy twice.
        """
        self._configuration_set = configuration_set
        self._region = region
        self._client = client

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:
        """Send `copy`. Raise Rejected, Deferred or OutcomeUnknown."""
        if self._client is None:
            self._client = clients.client("sesv2", read_seconds=_READ_SECONDS, tries=1)
        request: dict[str, object] = {
            "FromEmailAddress": account.address,
            "Destination": {"ToAddresses": [envelope_to]},
            "Content": {"Raw": {"Data": copy}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            raise _answered(error) from error
        except _NEVER_LEFT as error:
            raise Deferred(Text("SES could not be reached (%(why)s).", why=type(error).__name__)) from error
        except BotoCoreError as error:
            raise OutcomeUnknown(Text("SES did not answer (%(why)s).", why=type(error).__name__)) from error
        return Sent(message_id(str(answer["MessageId"]), self._region))


def message_id(identifier: str, region: str) -> str:
    """Return the Message-ID that SES gives a copy for which it reported `identifier`."""
    return f"<{identifier}@{'email' if region == _FIRST_REGION else region}.amazonses.com>"


def _answered(error: ClientError) -> Exception:
    """Return the domain's error for an error that SES answered with."""
    code = clients.code_of(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    diagnostic = f"{code}: {error.response.get('Error', {}).get('Message', '')}"[:_WORDS]
    if code in _TOO_FAST | _USED_UP or status == _TOO_MANY_REQUESTS:
        used_up = code in _USED_UP or _QUOTA in diagnostic.lower()
        return NotTried(diagnostic, _QUOTA_SECONDS if used_up else _AGAIN_SECONDS + randbelow(_AGAIN_SECONDS))
    if status >= _FAULTS and status != _SURELY_NOT:
        return OutcomeUnknown(diagnostic)
    return Rejected(diagnostic) if code in _FOR_GOOD else Deferred(diagnostic)
