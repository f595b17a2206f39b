"""The parts of the retention function."""

from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.storage import StorageWiring

if TYPE_CHECKING:
    from ocello.services.retention.retention import Retention


class RetentionWiring(StorageWiring):
    """What cuts addresses short and deletes what was kept long enough."""

    @cached_property
    def retention(self) -> "Retention":
        """The day's work."""
        from ocello.adapters.dynamodb.retention.old_alerts import DynamoOldAlerts
        from ocello.adapters.dynamodb.retention.runs import DynamoRetentionStore
        from ocello.adapters.hot.hit_archive import DynamoHitArchive
        from ocello.domain.retention.periods import Periods
        from ocello.services.retention.retention import Retention

        return Retention(
            archive=DynamoHitArchive(self.client, self._settings.hits_table),
            hits=self.hits,
            judge=self.judge(),
            engagement=self.engagement,
            messages=self.messages,
            mails=self.message_days,
            inbox=self.inbox,
            users=self.users,
            alerts=DynamoOldAlerts(),
            store=DynamoRetentionStore(),
            log=self.deletion_log,
            periods=Periods(self._settings.hit_ttl_days, self._settings.engagement_days),
            clock=self.clock,
        )
