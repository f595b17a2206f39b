"""Users' contacts in the app table."""

from typing import cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import keys
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.people import ContactsRow
from ocello.domain.messages.message import Mailbox
from ocello.domain.people.contacts import Contacts


class DynamoContactStore:
    """ContactStore."""

    @unavailable
    def read(self, owner: str) -> Contacts:
        """Return a user's contacts, which may be empty."""
        try:
            row = ContactsRow.get(*keys.contacts(owner), consistent_read=True)
        except DoesNotExist:
            return Contacts()
        people = cast("list[tuple[str, str]]", row.people)
        return Contacts(tuple(Mailbox(address, name) for address, name in people), row.up_to, int(row.version))

    @unavailable
    def write(self, owner: str, known: Contacts) -> bool:
        """Write a new version of contacts; return False if the stored version is not the one before."""
        people = [[each.address, each.name] for each in known.people]
        row = ContactsRow(*keys.contacts(owner), up_to=known.up_to, version=known.version, people=people)
        with Attempt() as attempt:
            row.save(over(ContactsRow.version, known.version - 1 or None))
        return attempt.succeeded
