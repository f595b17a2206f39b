"""What administrators chose for everybody, in one row of the app table."""

from collections.abc import Sequence
from typing import Any, cast

from ocello.adapters.dynamodb import consent_keys, models
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.consent import WorkspaceRow
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.people.audit import AuditEntry
from ocello.services.consent.ports import RulesPeriod, WorkspaceSetting


class DynamoWorkspaceStore:
    """WorkspaceStore."""

    @unavailable
    def read(self) -> WorkspaceSetting:
        """Return what was chosen, as it is at this moment."""
        try:
            row = WorkspaceRow.get(*consent_keys.WORKSPACE, consistent_read=True)
        except WorkspaceRow.DoesNotExist:
            return WorkspaceSetting()
        return WorkspaceSetting(
            rules=row.rules,
            opens=cast("Any", row.opens),
            links=cast("Any", row.links),
            footers=row.footers,
            periods=tuple(RulesPeriod(*each) for each in cast("list[Any]", row.periods)),
            version=int(row.version),
        )

    @unavailable
    def write(self, setting: WorkspaceSetting, notes: Sequence[AuditEntry]) -> bool:
        """Write a setting over its version, with notes; return False if that version is outdated."""
        row = WorkspaceRow(
            *consent_keys.WORKSPACE,
            rules=setting.rules,
            opens=setting.opens,
            links=setting.links,
            footers=setting.footers,
            periods=[list(each) for each in setting.periods],
            version=setting.version + 1,
        )
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(row, over(WorkspaceRow.version, setting.version or None))
            add_notes(transaction, notes)
        return attempt.succeeded
