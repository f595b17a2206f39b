"""API keys in the app table."""

from typing import cast

from pynamodb.exceptions import UpdateError
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.suppressions import _CONDITION, _delete_noted
from ocello.adapters.dynamodb.people.trail import note as add_notes
from ocello.domain.common.times import DAY_MS
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import ApiKey, Scope
from ocello.services.common.ports import Page


class DynamoApiKeyStore:
    """ApiKeyStore."""

    @staticmethod
    def _key(row: models.ApiKeyRow) -> ApiKey:
        scopes = tuple(cast("list[Scope]", row.scopes))
        times = int(row.created_at), int(row.last_used_at), int(row.expires_at)
        return ApiKey(row.id, row.user, row.name, scopes, row.digest, *times)

    @unavailable
    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Read a key."""
        try:
            return self._key(models.ApiKeyRow.get(*keys.api_key(user, identifier), consistent_read=True))
        except models.ApiKeyRow.DoesNotExist:
            return None

    @unavailable
    def create(self, key: ApiKey, note: AuditEntry) -> None:
        """Write a new key, and note it."""
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
        with TransactWrite(connection=models.connection()) as transaction:
            transaction.save(row, models.Row.pk.does_not_exist())
            add_notes(transaction, [note])

    @unavailable
    def delete(self, key: ApiKey, note: AuditEntry) -> bool:
        """Revoke a key, and note it; False where it is not there."""
        row = models.ApiKeyRow(*keys.api_key(key.user, key.id))
        return _delete_noted(row, models.Row.pk.exists(), note)

    @unavailable
    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        """List a user's keys by id."""
        partition = keys.api_key(user, "").sk + user
        after = paging.undress(partition, cursor)
        first = keys.API_KEYS if after is None else keys.api_key(user, after + "\0").sk
        condition = models.Row.sk.between(first, keys.API_KEYS + "~")  # ids are plain text, before the tilde
        found = [self._key(r) for r in models.ApiKeyRow.query(keys.user(user).pk, condition, limit=limit + 1)]
        return Page(tuple(found[:limit]), paging.dress(partition, found[limit - 1].id) if len(found) > limit else None)

    @unavailable
    def touch(self, user: str, identifier: str, now: int) -> None:
        """Note that a key was used, to the day: one write a day, not one a request."""
        day = now // DAY_MS * DAY_MS
        row = models.ApiKeyRow(*keys.api_key(user, identifier))
        try:
            row.update(
                [models.ApiKeyRow.last_used_at.set(day)],
                models.ApiKeyRow.pk.exists() & (models.ApiKeyRow.last_used_at < day),
            )
        except UpdateError as error:
            if error.cause_response_code != _CONDITION:
                raise
