"""Users' drafts in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import keys, paging
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.inbox import DraftRow
from ocello.domain.messages import drafts
from ocello.domain.messages.drafts import StoredDraft
from ocello.services.common.ports import Page


def _draft_row(key: keys.Key, draft: StoredDraft) -> DraftRow:
    content = drafts.serialize(draft.content)
    return DraftRow(*key, version=draft.version, changed_at=draft.changed_at, content=content)


class DynamoDraftStore:
    """DraftStore."""

    @staticmethod
    def _draft(row: DraftRow) -> StoredDraft:
        content = drafts.parse(cast("dict[str, object]", row.content))
        return StoredDraft(id=row.sk, version=int(row.version), changed_at=int(row.changed_at), content=content)

    @unavailable
    def page(self, owner: str, limit: int, cursor: str | None) -> Page[StoredDraft]:
        """Return a page of a user's drafts, the newest first."""
        partition = keys.draft(owner, "").pk
        rows, following = paging.read(DraftRow.query, partition, DraftRow.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(self._draft, rows)), following)

    @unavailable
    def get(self, owner: str, identifier: str) -> StoredDraft | None:
        """Return a draft, or None."""
        try:
            return self._draft(DraftRow.get(*keys.draft(owner, identifier), consistent_read=True))
        except DoesNotExist:
            return None

    @unavailable
    def write(self, owner: str, draft: StoredDraft, before: int | None) -> bool:
        """Write a draft; return False if the stored version is not `before`."""
        with Attempt() as attempt:
            _draft_row(keys.draft(owner, draft.id), draft).save(over(DraftRow.version, before))
        return attempt.succeeded

    @unavailable
    def delete(self, owner: str, identifier: str) -> None:
        """Delete a draft."""
        DraftRow(*keys.draft(owner, identifier)).delete()

    @unavailable
    def discard(self, owner: str, draft: StoredDraft, until: int) -> None:
        """Move a draft from the list to the discarded ones, where it is kept `until` a time."""
        row = _draft_row(keys.discarded_draft(owner, draft.id), draft)
        row.ttl = until // 1000 + 1
        row.save()
        self.delete(owner, draft.id)

    @unavailable
    def restore(self, owner: str, identifier: str, now: int) -> StoredDraft | None:
        """Restore a discarded draft, unless its time is over."""
        try:
            row = DraftRow.get(*keys.discarded_draft(owner, identifier), consistent_read=True)
        except DoesNotExist:
            return None
        if int(row.ttl) * 1000 < now:  # DynamoDB deletes expired rows with a delay
            return None
        draft = self._draft(row)
        self.write(owner, draft, None)
        row.delete()
        return draft
