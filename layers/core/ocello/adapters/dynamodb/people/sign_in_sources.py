"""From where users were signed in of late, in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import keys
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import SourcesRow
from ocello.domain.verdicts.signed_in import SESSION_MS, SignedIn
from ocello.services.people.ports import KnownSources


class DynamoSignInSources:
    """SignInSources. DynamoDB deletes a user's row by its TTL, when none of it counts any more; settle reads the same rows."""

    @unavailable
    def read(self, user: str) -> KnownSources:
        """Return a user's sources, which may be none."""
        try:
            row = SourcesRow.get(*keys.sign_in_sources(user), consistent_read=True)
        except DoesNotExist:
            return KnownSources()
        sources = cast("list[tuple[int, int, int]]", row.sources)
        return KnownSources(tuple(SignedIn(*each) for each in sources), int(row.version))

    @unavailable
    def write(self, user: str, known: KnownSources) -> bool:
        """Write a new version of a user's sources; return False if the stored version is not the one before."""
        last = max((each.until for each in known.sources), default=0)
        row = SourcesRow(
            *keys.sign_in_sources(user),
            version=known.version,
            sources=[list(each) for each in known.sources],
            ttl=(last + SESSION_MS) // 1000 + 1,
        )
        with Attempt() as attempt:
            row.save(over(SourcesRow.version, known.version - 1 or None))
        return attempt.succeeded
