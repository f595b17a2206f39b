"""The recipients who are users: the rows of their addresses, then those of the users, are read in batches."""

from collections.abc import Sequence
from typing import cast

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable


class DynamoOwnUsers:
    """OwnUsers."""

    @unavailable
    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Return those of `addresses` at which a user signs in, was invited or sends from, and is not disabled."""
        of_key = {
            tuple(key(address)): address for address in addresses for key in (keys.user_address, keys.own_address)
        }
        users_of: dict[str, set[str]] = {}
        for row in models.Row.batch_get(list(of_key)) if of_key else ():
            users_of.setdefault(of_key[row.pk, row.sk], set()).update(_users(row))
        everybody = set().union(*users_of.values())
        if not everybody:
            return frozenset()
        rows = models.UserRow.batch_get([tuple(keys.user(user)) for user in everybody])
        present = {row.id for row in rows if not row.disabled}
        return frozenset(address for address, users in users_of.items() if users & present)


def _users(row: models.Row) -> set[str]:
    if isinstance(row, models.UserPointerRow):
        return {row.user}
    return set(cast("models.OwnAddressRow", row).users or ())
