"""Users, settings, accounts, API keys and suppressed addresses in the app table."""

from collections.abc import Sequence
from typing import cast

from pynamodb.exceptions import DeleteError, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from ocello.adapters import cursors, keys, models
from ocello.adapters.faults import unavailable
from ocello.domain.people import Account, ApiKey, Scope, Security, SmtpServer, TrackingSettings, TransportName, User
from ocello.domain.times import DAY_MS
from ocello.services.ports import Page


def _deleted(row: models.Row) -> bool:
    """Delete a row; tell whether it was there."""
    try:
        row.delete(models.Row.pk.exists())
    except DeleteError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _user(row: models.UserRow) -> User:
    groups = tuple(cast("list[str]", row.groups))
    given = tuple(cast("list[str]", row.given_groups))
    return User(row.id, row.address, row.name, row.admin, groups, row.disabled, int(row.created_at), given)


def _user_row(user: User) -> models.UserRow:
    key = keys.user(user.id)
    return models.UserRow(
        key.pk,
        key.sk,
        gsi1pk=keys.USERS,
        gsi1sk=user.address,
        id=user.id,
        address=user.address,
        name=user.name,
        admin=user.admin,
        groups=list(user.groups),
        given_groups=list(user.given_groups),
        disabled=user.disabled,
        created_at=user.created_at,
    )


class DynamoUserStore:
    """UserStore. A sign-in address belongs to one user: its row is claimed in the same transaction."""

    @unavailable
    def get(self, user: str) -> User | None:
        """Read a user."""
        try:
            return _user(models.UserRow.get(*keys.user(user), consistent_read=True))
        except models.UserRow.DoesNotExist:
            return None

    def by_identity(self, digest: str) -> User | None:
        """Find the user of a sign-in."""
        return self._through(keys.identity(digest))

    def by_address(self, address: str) -> User | None:
        """Find the user of a sign-in address."""
        return self._through(keys.user_address(address))

    @unavailable
    def _through(self, key: keys.Key) -> User | None:
        try:
            pointer = models.UserPointerRow.get(*key, consistent_read=True)
        except models.UserPointerRow.DoesNotExist:
            return None
        return self.get(pointer.user)

    @unavailable
    def create(self, user: User) -> bool:
        """Write a new user and claim the address; False where the address is taken."""
        claim = models.UserPointerRow(*keys.user_address(user.address), user=user.id)
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.save(claim, models.Row.pk.does_not_exist())
                transaction.save(_user_row(user), models.Row.pk.does_not_exist())
        except TransactWriteError:
            if self.by_address(user.address) is None:
                raise
            return False
        return True

    @unavailable
    def update(self, user: User) -> None:
        """Write name, groups, admin and disabled."""
        models.UserRow(*keys.user(user.id)).update(
            [
                models.UserRow.name.set(user.name),
                models.UserRow.groups.set(list(user.groups)),
                models.UserRow.given_groups.set(list(user.given_groups)),
                models.UserRow.admin.set(user.admin),
                models.UserRow.disabled.set(user.disabled),
            ],
            models.UserRow.pk.exists(),
        )

    @unavailable
    def bind(self, digest: str, user: str) -> None:
        """Note that a sign-in belongs to a user."""
        models.UserPointerRow(*keys.identity(digest), user=user).save()

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """List users by address."""
        after = cursors.undress(keys.USERS, cursor)
        condition = None if after is None else models.Gsi1.gsi1sk > after
        found = list(models.Row.by_gsi1.query(keys.USERS, condition, limit=limit + 1))
        users = tuple(_user(row) for row in found[:limit] if isinstance(row, models.UserRow))
        return Page(users, cursors.dress(keys.USERS, users[-1].address) if len(found) > limit else None)


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
    def write(self, user: str, settings: TrackingSettings) -> None:
        """Write a user's settings."""
        models.SettingsRow(
            *keys.settings(user),
            track_opens=settings.track_opens,
            track_clicks=settings.track_clicks,
            alerts=settings.alerts,
            mail_alerts=settings.mail_alerts,
            never_track=list(settings.never_track) or None,
        ).save()


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
            server = SmtpServer(row.host, int(row.port), security, row.username, row.secret)
        transport = cast("TransportName", row.transport)
        return Account(row.user, row.address, row.name, transport, row.verified, server)

    @unavailable
    def write(self, account: Account) -> None:
        """Write an account."""
        row = models.AccountRow(
            *keys.account(account.user, account.address),
            user=account.user,
            address=account.address,
            name=account.name,
            transport=account.transport,
            verified=account.verified,
        )
        if account.smtp is not None:
            row.host, row.port, row.security = account.smtp.host, account.smtp.port, account.smtp.security
            row.username, row.secret = account.smtp.username, account.smtp.secret
        row.save()

    @unavailable
    def delete(self, user: str, address: str) -> bool:
        """Delete an account; tell whether it was there."""
        return _deleted(models.AccountRow(*keys.account(user, address)))


class DynamoApiKeyStore:
    """ApiKeyStore."""

    @staticmethod
    def _key(row: models.ApiKeyRow) -> ApiKey:
        scopes = tuple(cast("list[Scope]", row.scopes))
        return ApiKey(row.id, row.user, row.name, scopes, row.digest, int(row.created_at), int(row.last_used_at))

    @unavailable
    def get(self, user: str, identifier: str) -> ApiKey | None:
        """Read a key."""
        try:
            return self._key(models.ApiKeyRow.get(*keys.api_key(user, identifier), consistent_read=True))
        except models.ApiKeyRow.DoesNotExist:
            return None

    @unavailable
    def write(self, key: ApiKey) -> None:
        """Write a key."""
        models.ApiKeyRow(
            *keys.api_key(key.user, key.id),
            id=key.id,
            user=key.user,
            name=key.name,
            scopes=list(key.scopes),
            digest=key.digest,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
        ).save()

    @unavailable
    def delete(self, user: str, identifier: str) -> bool:
        """Revoke a key; tell whether it was there."""
        return _deleted(models.ApiKeyRow(*keys.api_key(user, identifier)))

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
            if error.cause_response_code != "ConditionalCheckFailedException":
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
        """Suppress `address`."""
        models.SuppressionRow(*keys.suppression(address.lower()), reason=reason, at=now).save()

    @unavailable
    def remove(self, address: str) -> bool:
        """Allow `address` again; tell whether it was suppressed."""
        return _deleted(models.SuppressionRow(*keys.suppression(address.lower())))
