"""Places of mail being sent, what is known of mail servers, and how much is sent, in the app table."""

from random import sample

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, UpdateError

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.messages.servers import ServerRecord
from ocello.services.sending.ports import SendingPlace, SendKind

_KEPT_SECONDS = 2 * DAY_MS // 1000
_KEPT_MINUTES = 60
_TAKEN = "ConditionalCheckFailedException"


class PlaceRow(models.Row, discriminator="Place"):
    """A place that is held until a time."""

    until = NumberAttribute()


class ServerRow(models.Row, discriminator="Server"):
    """What is known of a mail server."""

    server = UnicodeAttribute()
    failures = NumberAttribute(default=0)
    closed_until = NumberAttribute(default=0)
    quick_until = NumberAttribute(default=0)


class SendCountRow(models.Row, discriminator="SendCount"):
    """How often somebody sent in a minute."""

    sent = NumberAttribute(default=0)


class DynamoPlaces:
    """Places: one conditional write takes one."""

    @unavailable
    def take(self, name: str, count: int, now: int, until: int) -> SendingPlace | None:
        """Take one of `count` places of `name` that nobody holds at `now`, or none."""
        for number in sample(range(count), count):  # so that not all try the first one first
            row = PlaceRow(*keys.place(name, number), until=until, ttl=until // 1000 + 1)
            try:
                row.save(PlaceRow.pk.does_not_exist() | (PlaceRow.until <= now))
            except PutError as error:
                if error.cause_response_code != _TAKEN:
                    raise
            else:
                return SendingPlace(name, number, until)
        return None

    @unavailable
    def give_back(self, place: SendingPlace) -> None:
        """Let go of a place, unless its time was over and another holds it."""
        try:
            PlaceRow(*keys.place(place.name, place.number)).delete(PlaceRow.until == place.until)
        except DeleteError as error:
            if error.cause_response_code != _TAKEN:
                raise


class DynamoServerRecords:
    """ServerRecords."""

    @unavailable
    def read(self, server: str) -> ServerRecord:
        """Read what is known of a server."""
        try:
            row = ServerRow.get(*keys.server(server), consistent_read=True)
        except ServerRow.DoesNotExist:
            return ServerRecord()
        return ServerRecord(int(row.failures), int(row.closed_until), int(row.quick_until))

    @unavailable
    def write(self, server: str, record: ServerRecord, now: int) -> None:
        """Write what is known of a server, for two days: it is learned anew then."""
        ServerRow(
            *keys.server(server),
            server=server,
            failures=record.failures,
            closed_until=record.closed_until,
            quick_until=record.quick_until,
            ttl=now // 1000 + _KEPT_SECONDS,
        ).save()


class DynamoSendCounts:
    """SendCounts: one conditional write counts one."""

    @unavailable
    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        """Count one more, unless `most` were counted in that minute; tell whether it was."""
        row = SendCountRow(*keys.sends(who, kind, minute))
        try:
            row.update(
                [SendCountRow.sent.add(1), SendCountRow.ttl.set((minute + _KEPT_MINUTES) * 60)],
                SendCountRow.sent.does_not_exist() | (SendCountRow.sent < most),
            )
        except UpdateError as error:
            if error.cause_response_code == _TAKEN:
                return False
            raise
        return True
