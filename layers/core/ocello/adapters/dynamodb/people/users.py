"""Users in the app table."""

from collections.abc import Sequence
from typing import cast

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import note as add_notes
from ocello.adapters.dynamodb.people.trail import stands, was_lost
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import User
from ocello.services.common.ports import Page

_CONDITION = "ConditionalCheckFailedException"


def _user(row: models.UserRow) -> User:
    groups = tuple(cast("list[str]", row.groups))
    given = tuple(cast("list[str]", row.given_groups))
    told = int(row.told_at), int(row.told_seen_at)
    return User(
        row.id,
        row.address,
        row.name,
        row.admin,
        groups,
        row.disabled,
        int(row.created_at),
        given,
        row.invited,
        int(row.signed_out_at),
        *told,
        int(row.version),
    )


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
        invited=user.invited,
        version=user.version,
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
    def create(self, user: User, note: AuditEntry) -> bool:
        """Write a new user, claim the address and note it; nothing, and False, where the address is taken."""
        claim = models.UserPointerRow(*keys.user_address(user.address), user=user.id)
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.save(claim, models.Row.pk.does_not_exist())
                transaction.save(_user_row(user), models.Row.pk.does_not_exist())
                add_notes(transaction, [note])
        except TransactWriteError:
            if self.by_address(user.address) is None:
                raise
            return False
        return True

    @unavailable
    def change(self, before: User, after: User, notes: Sequence[AuditEntry], witness: str = "") -> bool:
        """Write a user over `before`, with notes; False where that, or the witness, no longer stands."""
        row = models.UserRow
        actions: list[Action] = [
            row.name.set(after.name),
            row.groups.set(list(after.groups)),
            row.given_groups.set(list(after.given_groups)),
            row.admin.set(after.admin),
            row.disabled.set(after.disabled),
            row.invited.set(after.invited),
            row.signed_out_at.set(after.signed_out_at),
            row.version.set(before.version + 1),
        ]
        try:
            with TransactWrite(connection=models.connection()) as transaction:
                transaction.update(
                    row(*keys.user(after.id)), actions, row.id.exists() & stands(row.version, before.version)
                )
                if witness:
                    comes_in = (row.disabled == False) | row.disabled.does_not_exist()  # noqa: E712 — a condition
                    transaction.condition_check(
                        row,
                        *keys.user(witness),
                        condition=(row.admin == True) & comes_in,  # noqa: E712 — a condition
                    )
                add_notes(transaction, notes)
        except TransactWriteError as error:
            if was_lost(error):
                return False
            raise
        return True

    @unavailable
    def seen(self, user: str, told_at: int) -> None:
        """Note that a user has seen what happened up to `told_at`."""
        mark = models.UserRow.told_seen_at
        try:
            models.UserRow(*keys.user(user)).update(
                [mark.set(told_at)], models.UserRow.id.exists() & ((mark < told_at) | mark.does_not_exist())
            )
        except UpdateError as error:
            if error.cause_response_code != _CONDITION:
                raise

    @unavailable
    def bind(self, digest: str, user: str) -> None:
        """Note that a sign-in belongs to a user."""
        models.UserPointerRow(*keys.identity(digest), user=user).save()

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """List users by address."""
        after = paging.undress(keys.USERS, cursor)
        condition = None if after is None else models.Gsi1.gsi1sk > after
        found = list(models.Row.by_gsi1.query(keys.USERS, condition, limit=limit + 1))
        users = tuple(_user(row) for row in found[:limit] if isinstance(row, models.UserRow))
        return Page(users, paging.dress(keys.USERS, users[-1].address) if len(found) > limit else None)
