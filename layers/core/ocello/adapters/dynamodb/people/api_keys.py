"""API keys in the app table."""

from typing import cast

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent, present
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import add_notes, delete_noted
from ocello.domain.common.times import DAY_MS
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import ApiKey, Scope
from ocello.services.common.ports import Page


class DynamoApiKeyStore:
    """ApiKeyStore."""

    @staticmethod
    def _key(row: models.ApiKeyRow) -> ApiKey:
        return ApiKey(
            id=row.id,
            user=row.user,
            name=row.name,
            scopes=tuple(cast("list[Scope]", row.scopes)),
            digest=row.digest,
            created_at=int(row.created_at),
            last_used_at=int(row.last_used_at),
            expires_at=int(row.expires_at),
        )

    @unavailable
    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Return a key, or None."""
        try:
            return self._key(models.ApiKeyRow.get(*keys.api_key(user, identifier), consistent_read=True))
        except models.ApiKeyRow.DoesNotExist:
            return None

    @unavailable
    def create(self, key: ApiKey, note: AuditEntry) -> None:
        """Write a new key, and add a note."""
        row = models.ApiKeyRow(
            *keys.api_key(key.user, key.id),
            id=key.id,
            user=key.user,
            name=key.name,
            scopes=list(key.scopes),
            digest=key.digest,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
        )
        with models.transaction() as transaction:
            transaction.save(row, absent())
            add_notes(transaction, [note])

    @unavailable
    def delete(self, key: ApiKey, note: AuditEntry) -> bool:
        """Delete a key, and add a note; return False if there is none."""
        row = models.ApiKeyRow(*keys.api_key(key.user, key.id))
        return delete_noted(row, present(), note)

    @unavailable
    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        """Return a page of a user's keys, sorted by id."""
        name = keys.api_key_list(user)
        condition = models.Row.sk.between(*keys.api_keys(paging.decode(name, cursor)))
        rows = list(models.ApiKeyRow.query(keys.user(user).pk, condition, limit=limit + 1))
        page, following = paging.cut(name, rows, limit, lambda row: row.id)
        return Page(tuple(map(self._key, page)), following)

    @unavailable
    def touch(self, user: str, identifier: str, now: int) -> None:
        """Store that a key was used, to the day, so that there is one write a day and not one a request."""
        day = now // DAY_MS * DAY_MS
        row = models.ApiKeyRow(*keys.api_key(user, identifier))
        with Attempt():
            row.update([models.ApiKeyRow.last_used_at.set(day)], present() & (models.ApiKeyRow.last_used_at < day))
