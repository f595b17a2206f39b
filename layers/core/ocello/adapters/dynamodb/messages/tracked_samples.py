"""Reads many tracked messages with details: a query for each owner, then the details of all messages in batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.messages.engagements import engagements_of
from ocello.adapters.dynamodb.messages.messages import message_of, report_of
from ocello.adapters.dynamodb.messages.recipients import recipient_of
from ocello.domain.common import ids
from ocello.domain.engagement.insight import undecided
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import LEFT_US, Link
from ocello.services.sending.ports import MailStore
from ocello.services.statistics.ports import TrackedSample


class DynamoTrackedSamples:
    """TrackedSamples.

    It reads only what can change a result: the status of copies without engagement, and the links of mails with clicks.
    Reads are eventually consistent, which costs half: a figure may be a second old.
    """

    def __init__(self, bucket: MailStore) -> None:
        """Use `bucket` for reports that are too large for a row."""
        self._bucket = bucket

    @unavailable
    def newest(self, owners: Sequence[str], first_ms: int, end_ms: int, limit: int) -> Sequence[TrackedSample]:
        """Return the newest `limit` tracked messages of each owner created in [first_ms, end_ms)."""
        rows = [row for owner in owners for row in _tracked(owner, first_ms, end_ms, limit)]
        engagements = engagements_of(row.id for row in rows)
        seen = [(row, engagements.get(row.id, Engagement())) for row in rows]
        found = _read(key for row, engagement in seen for key in _keys_to_read(row, engagement))
        return [self._sample(row, engagement, found) for row, engagement in seen]

    def _sample(
        self, row: models.MessageRow, engagement: Engagement, found: Mapping[keys.Key, models.Row]
    ) -> TrackedSample:
        count = row.recipients
        if count is None:  # a row of an earlier release, without the number of recipients
            rows = list(models.RecipientRow.query(keys.message(row.id).pk, models.Row.sk.startswith(keys.RECIPIENTS)))
            count = len(rows)
        else:
            candidates = (found.get(keys.recipient(row.id, index)) for index in range(int(count)))
            rows = [each for each in candidates if isinstance(each, models.RecipientRow)]
        message, recipients = message_of(row), [recipient_of(each) for each in rows]
        left = frozenset(
            each.index
            for each in recipients
            if each.status in LEFT_US and message.modes_of(each).of_individuals.opens != "off"
        )
        return TrackedSample(message, engagement, int(count), left, self._links(row.id, found))

    def _links(self, message: str, found: Mapping[keys.Key, models.Row]) -> tuple[Link, ...]:
        row = found.get(keys.report(message))
        return report_of(message, row, self._bucket).links if isinstance(row, models.ReportRow) else ()


def _tracked(owner: str, first_ms: int, end_ms: int, limit: int) -> Iterator[models.MessageRow]:
    rows = models.Row.by_gsi2.query(
        keys.tracked_messages(owner),
        models.Gsi2.gsi2sk.between(ids.first_at(first_ms), ids.last_at(end_ms - 1)),
        scan_index_forward=False,
        limit=limit,
        page_size=limit,
    )
    return (row for row in rows if isinstance(row, models.MessageRow))


def _keys_to_read(row: models.MessageRow, engagement: Engagement) -> Iterator[keys.Key]:
    """Return the keys of the rows that can change a message's result."""
    for index in undecided(message_of(row), engagement, int(row.recipients or 0)):
        yield keys.recipient(row.id, index)
    if any(summary.count for summary in engagement.links.values()):
        yield keys.report(row.id)


def _read(wanted: Iterable[keys.Key]) -> dict[keys.Key, models.Row]:
    return {keys.Key(row.pk, row.sk): row for row in models.Row.batch_get([tuple(key) for key in wanted])}
