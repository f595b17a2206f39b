"""A DynamoDB client with one connection, for capture and settle. Standard library only."""

import time

from ocello.adapters.hot.aws_http import Connection, ServiceRefused, encoded
from ocello.domain.common.errors import OcelloError, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Mapping
    from typing import Any

TRIES = 3  # by `call`; capture counts its own
TRY_SECONDS = 2.0
FOR_NOW = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
    }
)


class ConditionFailed(OcelloError):  # noqa: N818 — an answer, not a failure
    """The condition of a conditional write was false."""


class DynamoClient:
    """Calls DynamoDB's operations; requests and answers are in DynamoDB's JSON."""

    def __init__(self, connection: Connection) -> None:
        """Send requests over `connection`."""
        self._connection = connection

    @classmethod
    def from_environment(cls, environment: "Mapping[str, str]") -> "DynamoClient":
        """Connect by Lambda's environment."""
        return cls(Connection.from_environment("dynamodb", environment, "AWS_ENDPOINT_URL_DYNAMODB"))

    def once(self, operation: str, request: str, seconds: float, *, repeat: bool = True) -> "dict[str, Any]":
        """Call once, within `seconds`, with a request as JSON. Raise ConditionFailed, or Unavailable for any other error.

        Where the request must not be done twice (`repeat` is False), raise Uncertain if it may have been done.
        """
        try:
            return self._connection.call(f"DynamoDB_20120810.{operation}", "1.0", request, seconds, repeat=repeat)
        except ServiceRefused as error:
            if error.kind == "ConditionalCheckFailedException":
                raise ConditionFailed from None
            raise

    def call(self, operation: str, request: "dict[str, Any]") -> "dict[str, Any]":
        """Call, with retries after pauses if the error may be temporary. Raise Unavailable and ConditionFailed."""
        body = encoded(request)
        for attempt in range(1, TRIES):
            try:
                return self.once(operation, body, TRY_SECONDS)
            except Unavailable as error:
                if isinstance(error, ServiceRefused) and error.kind not in FOR_NOW:
                    raise
                time.sleep(0.05 * 2**attempt)
        return self.once(operation, body, TRY_SECONDS)
