"""Where loads of pooled pixels are kept: in a counter of the app table, in the spill queue, in the log.

An addition is no fact that can be written twice: whether it was made must be known before it is made again.
"""

from typing import TYPE_CHECKING, Any

from ocello.adapters.dynamodb import pool_keys
from ocello.adapters.hot.aws_http import encoded
from ocello.domain.tracking.loads import Load, checked, expires

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocello.adapters.hot.aws_http import Connection
    from ocello.adapters.hot.dynamodb import DynamoClient

LAST_RESORT = "load spilled to log"  # the message of a log line that carries a load


def to_json(load: Load) -> str:
    """Return a load as text: pool, day, kind and class, and nothing else."""
    return encoded({"pool": load.pool, "day": load.day, "kind": load.kind, "class": load.by})


def from_item(item: dict[str, Any]) -> Load:
    """Return the load of what `to_json` wrote. Raise ValueError for anything else."""
    if set(item) != {"pool", "day", "kind", "class"} or not all(isinstance(each, str) for each in item.values()):
        raise ValueError("not a load")
    return checked(Load(item["pool"], item["day"], item["kind"], item["class"]))


class DynamoLoadSink:
    """Adds loads to their pool's counters of the day, in the app table."""

    def __init__(self, client: "DynamoClient", table: str) -> None:
        """Write to `table`."""
        self._client, self._table = client, table

    def add(self, load: Load, seconds: float) -> None:
        """Add one by one UpdateItem. Raise Unavailable if nothing was added, Uncertain if that is not known."""
        self._client.once("UpdateItem", encoded(self._update(load)), seconds, repeat=False)

    def add_once(self, load: Load, name: str, seconds: float) -> None:
        """Add one, unless that was done under the same `name` (at most 36 characters) in the last ten minutes.

        Raise Unavailable if nothing was added, Uncertain if that is not known.
        """
        request = {"ClientRequestToken": name, "TransactItems": [{"Update": self._update(load)}]}
        self._client.once("TransactWriteItems", encoded(request), seconds, repeat=False)

    def _update(self, load: Load) -> dict[str, Any]:
        key = pool_keys.pool_day(load.pool, load.day)
        return {
            "TableName": self._table,
            "Key": {"pk": {"S": key.pk}, "sk": {"S": key.sk}},
            "UpdateExpression": f"ADD {load.kind}_{load.by} :one SET cls = :cls, #ttl = :ttl",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":cls": {"S": "PoolDay"},
                ":ttl": {"N": str(expires(load.day))},
            },
        }


class SqsLoadSink:
    """Sends loads to the spill queue."""

    def __init__(self, connection: "Connection", queue_url: str) -> None:
        """Send to `queue_url`."""
        self._connection, self._queue = connection, queue_url

    def add(self, load: Load, seconds: float) -> None:
        """Send one. Raise Unavailable if it was not sent, Uncertain if that is not known."""
        request = encoded({"QueueUrl": self._queue, "MessageBody": to_json(load)})
        self._connection.call("AmazonSQS.SendMessage", "1.0", request, seconds, repeat=False)


class LogLoadSink:
    """Writes loads to the function's own log, from which `make replay-logs` adds them if it is told to."""

    def __init__(self, write: "Callable[[str], None]") -> None:
        """Write lines with `write`."""
        self._write = write

    def add(self, load: Load, _seconds: float) -> None:
        """Write one line."""
        self._write(f'{{"level":"ERROR","message":{encoded(LAST_RESORT)},"load":{to_json(load)}}}')
