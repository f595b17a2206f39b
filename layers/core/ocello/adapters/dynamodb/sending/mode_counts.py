"""Adds copies to the counts of how those of a day were tracked, in the app table."""

from collections.abc import Callable, Sequence
from typing import Any

from ocello.adapters.dynamodb import consent_keys
from ocello.adapters.hot.aws_http import encoded
from ocello.adapters.hot.dynamodb import TRY_SECONDS, DynamoClient


class DynamoModeCounts:
    """ModeCounts. An addition is one call that is not repeated: the client is our own, which does as it is told."""

    def __init__(self, client: Callable[[], DynamoClient], table: str) -> None:
        """Add to rows of `table` by the client that `client` returns."""
        self._client, self._table = client, table

    def add(self, day: str, counters: Sequence[str]) -> None:
        """Add one to each counter of a day. Raise Unavailable, and Uncertain where it may have been added."""
        key = consent_keys.mode_day(day)
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
            "UpdateExpression": f"ADD {', '.join(f'{name} :one' for name in counters)} SET cls = :cls",
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":cls": {"S": "ModeDay"}},
        }
        self._client().once("UpdateItem", encoded(request), TRY_SECONDS, repeat=False)
