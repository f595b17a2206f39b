"""Settings, accounts, API keys and suppressed addresses in the app table."""

from collections.abc import Sequence
from typing import Any, cast

from pynamodb.exceptions import PutError, TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb import paging as cursors
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import note as add_notes
from ocello.adapters.dynamodb.people.trail import stands, was_lost
from ocello.domain.common.times import DAY_MS
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account, ApiKey, Scope, Security, SmtpServer, TrackingSettings, TransportName
from ocello.services.common.ports import Page

_CONDITION = "ConditionalCheckFailedException"


class DynamoSettingsStore:
    """SettingsStore."""

    @unavailable
    def read(self, user: str) -> TrackingSettings:
        """Read a user's settings; a user without any has the defaults."""
        try:
            row = models.SettingsRow.get(*keys.settings(user), consistent_read=True)
        except models.SettingsRow.DoesNotExist:
            return TrackingSettings()
        never_track = tuple(cast("list[str]", row.never_track or ()))
        return TrackingSettings(row.track_opens, row.track_clicks, row.alerts, row.mail_alerts, never_track)

    @unavailable
    def switch(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's three switches, and nothing else of the settings."""
        row = models.SettingsRow
        actions: list[Action] = [
            row.cls.set(row),
            row.track_opens.set(settings.track_opens),
            row.track_clicks.set(settings.track_clicks),
            row.alerts.set(settings.alerts),
        ]
        row(*keys.settings(user)).update(actions)

    @unavailable
    def leave_alone(self, user: str, domains: tuple[str, ...]) -> None:
        """Write the domains that a user never tracks, and nothing else of the settings."""
        row = models.SettingsRow
        row(*keys.settings(user)).update([row.cls.set(row), row.never_track.set(list(domains))])


class DynamoAccountStore:
    """AccountStore."""

    @unavailable
    def of(self, user: str) -> Sequence[Account]:
        """List a user's accounts by address."""
        accounts = models.Row.sk.startswith(keys.ACCOUNTS)
        rows = models.AccountRow.query(keys.user(user).pk, accounts, consistent_read=True)
        return [self._account(row) for row in rows]

    @staticmethod
    def _account(row: models.AccountRow) -> Account:
        server = None
        if row.transport == "smtp":
            security = cast("Security", row.security)
            server = SmtpServer(row.host, int(row.port), security, row.username, row.secret, row.sealed or b"")
        transport = cast("TransportName", row.transport)
        known = bool(row.claimed)
        return Account(row.user, row.address, row.name, transport, row.verified, server, int(row.version), known)

    @unavailable
    def write(self, account: Account, before: Account | None, note: AuditEntry | None = None) -> bool:
        """Write an account over `before`, and note it; False where that is not what stands."""
        row = models.AccountRow(
            *keys.account(account.user, account.address),
            user=account.user,
            address=account.address,
            name=account.name,
            transport=account.transport,
            verified=account.verified,
            version=before.version + 1 if before else 1,
            claimed=account.verified,
        )
        if account.smtp is not None:
            row.host, row.port, row.security = account.smtp.host, account.smtp.port, account.smtp.security
            row.username, row.secret = account.smtp.username, account.smtp.secret
            row.sealed = account.smtp.sealed or None
        expected = models.Row.pk.does_not_exist() if before is None else self._is(before)
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.save(row, expected)
                if account.verified:
                    self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))
                elif before is not None and before.verified:
                    self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
                add_notes(transaction, [] if note is None else [note])
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

    @staticmethod
    def _is(account: Account) -> Any:
        return models.Row.pk.exists() & stands(models.AccountRow.version, account.version)

    @unavailable
    def delete(self, account: Account) -> bool:
        """Delete an account; False where it is not what stands."""
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.delete(models.AccountRow(*keys.account(account.user, account.address)), self._is(account))
                self._own(transaction, account, models.OwnAddressRow.users.delete({account.user}))
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

    @unavailable
    def claim(self, account: Account) -> None:
        """Note that the address of an account of an earlier version is one of ours; nothing where it changed meanwhile."""
        row = models.AccountRow(*keys.account(account.user, account.address))
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.update(row, [models.AccountRow.claimed.set(True)], self._is(account))
                self._own(transaction, account, models.OwnAddressRow.users.add({account.user}))
        except TransactWriteError as error:
            if not was_lost(error):
                raise

    @staticmethod
    def _own(transaction: TransactWrite, account: Account, change: Action) -> None:
        row = models.OwnAddressRow(*keys.own_address(account.address))
        transaction.update(row, [models.OwnAddressRow.cls.set(models.OwnAddressRow), change])


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
        after = cursors.undress(partition, cursor)
        first = keys.API_KEYS if after is None else keys.api_key(user, after + "\0").sk
        condition = models.Row.sk.between(first, keys.API_KEYS + "~")  # ids are plain text, before the tilde
        found = [self._key(r) for r in models.ApiKeyRow.query(keys.user(user).pk, condition, limit=limit + 1)]
        return Page(tuple(found[:limit]), cursors.dress(partition, found[limit - 1].id) if len(found) > limit else None)

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


class DynamoSuppressionList:
    """SuppressionList; addresses are compared in lower case."""

    @unavailable
    def reason(self, address: str) -> str | None:
        """Say why `address` is suppressed, or None."""
        try:
            return models.SuppressionRow.get(*keys.suppression(address.lower()), consistent_read=True).reason
        except models.SuppressionRow.DoesNotExist:
            return None

    @unavailable
    def add(self, address: str, reason: str, now: int) -> None:
        """Suppress `address`; a complaint stays a complaint."""
        row = models.SuppressionRow(*keys.suppression(address.lower()), reason=reason, at=now)
        try:
            row.save(None if reason == COMPLAINT else models.Row.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _CONDITION:
                raise

    @unavailable
    def remove(self, address: str, reason: str, note: AuditEntry) -> bool:
        """Allow `address` again, and note it; False where it is not suppressed for `reason`."""
        row = models.SuppressionRow(*keys.suppression(address.lower()))
        return _delete_noted(row, models.SuppressionRow.reason == reason, note)


def _delete_noted(row: models.Row, expected: Any, note: AuditEntry) -> bool:
    try:
        with TransactWrite(connection=models.connection()) as transaction:
            transaction.delete(row, expected)
            add_notes(transaction, [note])
    except TransactWriteError as error:
        if was_lost(error):
            return False
        raise
    return True
