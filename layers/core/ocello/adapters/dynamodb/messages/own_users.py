"""Who among recipients is one of us: the claims of their addresses, then their rows, each read in batches."""

from collections.abc import Sequence

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.errors import unavailable


class DynamoOwnUsers:
    """OwnUsers."""

    @unavailable
    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        """Return those of `addresses` at which a user signs in or was invited, and is not disabled."""
        claims = [tuple(keys.user_address(address)) for address in dict.fromkeys(addresses)]
        users = {row.user for row in models.UserPointerRow.batch_get(claims)} if claims else set()
        if not users:
            return frozenset()
        rows = models.UserRow.batch_get([tuple(keys.user(user)) for user in users])
        return frozenset(row.address for row in rows if not row.disabled) & frozenset(addresses)
