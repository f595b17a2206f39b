"""The records of mail servers in the app table."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.messages.servers import ServerRecord

_KEPT_SECONDS = 2 * DAY_MS // 1000


class ServerRow(models.Row, discriminator="Server"):
    """The record of a mail server."""

    server = UnicodeAttribute()
    failures = NumberAttribute(default=0)
    closed_until = NumberAttribute(default=0)
    quick_until = NumberAttribute(default=0)


class DynamoServerRecords:
    """ServerRecords."""

    @unavailable
    def read(self, server: str) -> ServerRecord:
        """Return a server's record."""
        try:
            row = ServerRow.get(*keys.server(server), consistent_read=True)
        except ServerRow.DoesNotExist:
            return ServerRecord()
        return ServerRecord(
            failures=int(row.failures), closed_until=int(row.closed_until), quick_until=int(row.quick_until)
        )

    @unavailable
    def write(self, server: str, record: ServerRecord, now: int) -> None:
        """Write a server's record; it expires after two days."""
        ServerRow(
            *keys.server(server),
            server=server,
            failures=record.failures,
            closed_until=record.closed_until,
            quick_until=record.quick_until,
            ttl=now // 1000 + _KEPT_SECONDS,
        ).save()
