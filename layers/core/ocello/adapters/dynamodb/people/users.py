"""Users in the app table."""

from collections.abc import Sequence
from typing import cast

from pynamodb.expressions.update import Action

from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent, has_version
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.common.errors import Unavailable
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import User
from ocello.services.common.ports import Page


def _user(row: models.UserRow) -> User:
    return User(
        id=row.id,
        address=row.address,
        name=row.name,
        admin=row.admin,
        groups=tuple(cast("list[str]", row.groups)),
        disabled=row.disabled,
        created_at=int(row.created_at),
        given_groups=tuple(cast("list[str]", row.given_groups)),
        invited=row.invited,
        signed_out_at=int(row.signed_out_at),
        notices_at=int(row.notices_at),
        notices_seen_at=int(row.notices_seen_at),
        version=int(row.version),
    )


def _user_row(user: User) -> models.UserRow:
    return models.UserRow(
        *keys.user(user.id),
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
    """UserStore. A sign-in address belongs to one user: its row is written in the same transaction."""

    @unavailable
    def get(self, user: str) -> User | None:
        """Return a user, or None."""
        try:
            return _user(models.UserRow.get(*keys.user(user), consistent_read=True))
        except models.UserRow.DoesNotExist:
            return None

    def by_identity(self, digest: str) -> User | None:
        """Return the user of an identity at the provider, or None."""
        return self._through(keys.identity(digest))

    def by_address(self, address: str) -> User | None:
        """Return the user of a sign-in address, or None."""
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
        """Write a new user with the address and a note; if the address is taken, write nothing and return False."""
        claim = models.UserPointerRow(*keys.user_address(user.address), user=user.id)
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(claim, absent())
            transaction.save(_user_row(user), absent())
            add_notes(transaction, [note])
        if not attempt.succeeded and self.by_address(user.address) is None:
            raise Unavailable("database: another write of this user stood in the way")
        return attempt.succeeded

    @unavailable
    def change(self, before: User, after: User, notes: Sequence[AuditEntry], witness: str = "") -> bool:
        """Replace the user `before`, and add notes; return False if that user or the `witness` has changed."""
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
        stands = row.id.exists() & has_version(row.version, before.version)
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.update(row(*keys.user(after.id)), actions, stands)
            if witness:
                comes_in = (row.disabled == False) | row.disabled.does_not_exist()  # noqa: E712 — a condition
                transaction.condition_check(
                    row,
                    *keys.user(witness),
                    condition=(row.admin == True) & comes_in,  # noqa: E712 — a condition
                )
            add_notes(transaction, notes)
        return attempt.succeeded

    @unavailable
    def mark_seen(self, user: str, up_to: int) -> None:
        """Store that a user has seen the changes up to `up_to`."""
        mark = models.UserRow.notices_seen_at
        earlier = (mark < up_to) | mark.does_not_exist()
        with Attempt():
            models.UserRow(*keys.user(user)).update([mark.set(up_to)], models.UserRow.id.exists() & earlier)

    @unavailable
    def bind(self, digest: str, user: str) -> None:
        """Store that an identity at the provider belongs to a user."""
        models.UserPointerRow(*keys.identity(digest), user=user).save()

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[User]:
        """Return a page of users, sorted by address."""
        rows, following = paging.read(models.Row.by_gsi1.query, keys.USERS, models.Gsi1.gsi1sk, limit, cursor)
        return Page(tuple(_user(row) for row in rows if isinstance(row, models.UserRow)), following)
