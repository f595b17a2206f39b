"""Gates of copies, and withdrawals under way, in the app table, by our own client."""

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import batched
from typing import Any

from ocello.adapters.dynamodb import consent_keys, keys
from ocello.adapters.hot.aws_http import ServiceRefused
from ocello.adapters.hot.dynamodb import TRIES, ConditionFailed, DynamoClient
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.closings import KINDS, Withdrawal
from ocello.domain.consent.modes import AXES, Axis

_BATCH, _TRANSACTION = 25, 100  # DynamoDB's limits


class DynamoCopyGates:
    """CopyGates; `hit_sinks.DynamoConsentGate` reads the same items."""

    def __init__(self, client: DynamoClient, table: str) -> None:
        """Write to `table`."""
        self._client, self._table = client, table

    def close(self, copies: Iterable[tuple[str, Collection[int]]], axes: frozenset[Axis]) -> None:
        """Close some axes in each recipient's row; what others close at the same time stays closed."""
        gates = [keys.gate(message, recipient) for message, recipients in copies for recipient in recipients]
        kinds = {"SS": sorted(KINDS[axis] for axis in axes)}
        if axes == frozenset(AXES):  # then a row can be written over, whatever it says
            for some in batched(gates, _BATCH, strict=False):
                self._write([_key(gate) | {"kinds": kinds} for gate in some])
        else:
            for some in batched(gates, _TRANSACTION, strict=False):
                self._add([self._addition(gate, kinds) for gate in some])

    def _write(self, items: Sequence[dict[str, Any]]) -> None:
        left = {self._table: [{"PutRequest": {"Item": item}} for item in items]}
        for attempt in range(TRIES):
            left = self._client.call("BatchWriteItem", {"RequestItems": left}).get("UnprocessedItems", {})
            if not left:
                return
            time.sleep(0.05 * 2**attempt)
        raise Unavailable("gates: the table does not take them")

    def _addition(self, gate: keys.Key, kinds: dict[str, Any]) -> dict[str, Any]:
        """Return the update that adds kinds to a row; one of an earlier commit that names none closes all, and stays."""
        return {
            "TableName": self._table,
            "Key": _key(gate),
            "UpdateExpression": "ADD kinds :kinds",
            "ConditionExpression": "attribute_not_exists(pk) OR attribute_exists(kinds)",
            "ExpressionAttributeValues": {":kinds": kinds},
        }

    def _add(self, additions: Sequence[dict[str, Any]]) -> None:
        """Do all updates in one request, or where one of them cannot be done, each by itself."""
        try:
            self._client.call("TransactWriteItems", {"TransactItems": [{"Update": each} for each in additions]})
        except ServiceRefused as error:
            if error.kind != "TransactionCanceledException":
                raise
            for each in additions:
                with suppress(ConditionFailed):
                    self._client.call("UpdateItem", each)


class DynamoWithdrawalStore:
    """WithdrawalStore and WithdrawalsUnderWay."""

    def __init__(self, client: DynamoClient, table: str) -> None:
        """Read and write `table`."""
        self._client, self._table = client, table

    def put(self, withdrawal: Withdrawal) -> None:
        """Write a withdrawal; one that has begun is written only while it is there."""
        item = _key(consent_keys.withdrawal(withdrawal.subject, withdrawal.at)) | {
            "subject": {"S": withdrawal.subject},
            "at": {"N": str(withdrawal.at)},
            "axes": {"SS": sorted(withdrawal.axes)},
        }
        request: dict[str, Any] = {"TableName": self._table, "Item": item}
        if withdrawal.cursor is not None:
            item["cursor"] = {"S": withdrawal.cursor}
            request["ConditionExpression"] = "attribute_exists(pk)"
        try:
            self._client.call("PutItem", request)
        except ConditionFailed:
            return  # others have ended it meanwhile

    def find(self, subject: str, at: int) -> Withdrawal | None:
        """Return a withdrawal by a consistent read, or None."""
        request = {"TableName": self._table, "Key": _key(consent_keys.withdrawal(subject, at)), "ConsistentRead": True}
        item = self._client.call("GetItem", request).get("Item")
        return None if item is None else _withdrawal(item)

    def end(self, withdrawal: Withdrawal) -> None:
        """Delete a withdrawal."""
        request = {"TableName": self._table, "Key": _key(consent_keys.withdrawal(withdrawal.subject, withdrawal.at))}
        self._client.call("DeleteItem", request)

    def under_way(self) -> Sequence[Withdrawal]:
        """Return all withdrawals by a consistent query."""
        return [_withdrawal(item) for item in self._query(consent_keys.WITHDRAWALS, None)]

    def copies_in(self, subject: str, message: str) -> Collection[int]:
        """Return which recipients of a message a subject is, by a consistent query."""
        key = consent_keys.subject_copy(subject, message, 0)
        found = self._query(key.pk, consent_keys.subject_copies_in(message))
        return [int(item["recipient"]["N"]) for item in found]

    def _query(self, partition: str, bounds: keys.Bounds | None) -> Sequence[dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        }
        if bounds is not None:
            request["KeyConditionExpression"] += " AND sk BETWEEN :first AND :last"
            request["ExpressionAttributeValues"] |= {":first": {"S": bounds.first}, ":last": {"S": bounds.last}}
        found: list[dict[str, Any]] = []
        while True:
            answer = self._client.call("Query", request)
            found += answer["Items"]
            if not (after := answer.get("LastEvaluatedKey")):
                return found
            request["ExclusiveStartKey"] = after


def _key(key: keys.Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _withdrawal(item: dict[str, Any]) -> Withdrawal:
    axes = frozenset(axis for axis in AXES if axis in item["axes"]["SS"])
    return Withdrawal(item["subject"]["S"], axes, int(item["at"]["N"]), item.get("cursor", {}).get("S"))
