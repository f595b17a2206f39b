"""What accounts sign in with, sealed, in the app table; accounts.py beside it writes the rows that change with an account."""

from pynamodb.expressions.condition import Condition

from ocello.adapters.dynamodb import keys
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import CredentialRow
from ocello.services.accounts.ports import SealedCredential


def row_of(user: str, address: str, secret: SealedCredential) -> CredentialRow:
    """Return the row of a secret."""
    return CredentialRow(*keys.credential(user, address), sealed=secret.sealed, version=secret.version)


def after_its_predecessor(secret: SealedCredential) -> Condition:
    """Return the condition that the row before a secret is still there, or for the first one that there is none."""
    return over(CredentialRow.version, secret.version - 1 or None)


class DynamoCredentialStore:
    """CredentialStore."""

    @unavailable
    def get(self, user: str, address: str) -> SealedCredential | None:
        """Return an account's secret."""
        try:
            row = CredentialRow.get(*keys.credential(user, address), consistent_read=True)
        except CredentialRow.DoesNotExist:
            return None
        return SealedCredential(row.sealed, int(row.version))

    @unavailable
    def replace(self, user: str, address: str, secret: SealedCredential) -> bool:
        """Write a secret over its predecessor; return False if another is stored."""
        with Attempt() as attempt:
            row_of(user, address, secret).save(after_its_predecessor(secret))
        return attempt.succeeded
