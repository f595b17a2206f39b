"""The sinks that capture writes hits to: the table, the spill queue, the log. Standard library only, for the hot function."""

from ocello.adapters.dynamodb import keys
from ocello.adapters.hot import hit_item
from ocello.adapters.hot.aws_http import encoded
from ocello.adapters.hot.dynamodb import ConditionFailed
from ocello.domain.tracking.hits import without_client
from ocello.domain.tracking.tokens import ASK

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Callable

    from ocello.adapters.hot.aws_http import Connection
    from ocello.adapters.hot.dynamodb import DynamoClient
    from ocello.domain.tracking.hits import Hit

LAST_RESORT = "hit spilled to log"  # the message of a log line that carries a hit


class DynamoHitSink:
    """Writes hits to the hits table by one conditional PutItem, without a read."""

    def __init__(self, client: "DynamoClient", table: str, ttl_seconds: int) -> None:
        """Write to `table`; items expire after `ttl_seconds`."""
        self._client, self._table, self._ttl = client, encoded(table), ttl_seconds

    def put(self, hit: "Hit", seconds: float) -> None:
        """Write `hit` unless it is stored already."""
        item = hit_item.to_json(hit, self._ttl)
        request = f'{{"TableName":{self._table},"Item":{item},"ConditionExpression":"attribute_not_exists(pk)"}}'
        try:
            self._client.once("PutItem", request, seconds)
        except ConditionFailed:
            return  # an earlier try has written it


class DynamoConsentGate:
    """Reads the consent gate of a recipient."""

    def __init__(self, client: "DynamoClient", table: str) -> None:
        """Read from the app table."""
        self._client, self._table = client, encoded(table)

    def closed(self, message: str, recipient: int, kind: str, seconds: float) -> bool:
        """Return whether hits of this kind, of this recipient, must not be recorded; without a row they may be.

        A row names the kinds that it closes; one that names none closes all, as those of earlier releases do.
        """
        key = keys.gate(message, recipient)
        row = f'{{"pk":{{"S":{encoded(key.pk)}}},"sk":{{"S":{encoded(key.sk)}}}}}'
        request = f'{{"TableName":{self._table},"Key":{row},"ProjectionExpression":"pk,kinds"}}'
        item = self._client.once("GetItem", request, seconds).get("Item")
        return item is not None and ("kinds" not in item or kind in item["kinds"]["SS"])


class SqsHitSink:
    """Sends hits to the spill queue, in the form of their items."""

    def __init__(self, connection: "Connection", queue_url: str, ttl_seconds: int) -> None:
        """Send to `queue_url`."""
        self._connection, self._queue, self._ttl = connection, queue_url, ttl_seconds

    def put(self, hit: "Hit", seconds: float) -> None:
        """Send `hit` to the queue."""
        request = encoded({"QueueUrl": self._queue, "MessageBody": hit_item.to_json(hit, self._ttl)})
        self._connection.call("AmazonSQS.SendMessage", "1.0", request, seconds)


class LogHitSink:
    """Writes hits to the function's own log, from which `make replay-logs` restores them."""

    def __init__(self, write: "Callable[[str], None]", ttl_seconds: int) -> None:
        """Write lines with `write`."""
        self._write, self._ttl = write, ttl_seconds

    def put(self, hit: "Hit", _seconds: float) -> None:
        """Write one line with `hit`, without the data of its client if consent can be withdrawn.

        Data of a person who withdraws consent must not be in a log, since we cannot delete the copies of a log.
        """
        if hit.flags & ASK:
            hit = without_client(hit)
        item = hit_item.to_json(hit, self._ttl)
        self._write(f'{{"level":"ERROR","message":{encoded(LAST_RESORT)},"hit":{item}}}')
