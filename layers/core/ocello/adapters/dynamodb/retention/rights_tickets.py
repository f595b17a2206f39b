"""What the links of mails about an export or an erasure stand for, in the app table."""

from typing import Any, cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import consent_keys
from ocello.adapters.dynamodb import retention_keys as keys
from ocello.adapters.dynamodb.conditions import Attempt
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.retention import RightsMailRow, RightsTicketRow
from ocello.domain.retention.jobs import SubjectRight
from ocello.domain.retention.tickets import PAUSE_MS, TICKET_MS, RightsTicket


class DynamoRightsTickets:
    """RightsTickets: one conditional write claims a mail."""

    @unavailable
    def claim(self, subject: str, do: SubjectRight, at: int) -> bool:
        """Note that a mail is made, unless one was within a day before."""
        written = RightsMailRow.at
        row = RightsMailRow(*consent_keys.rights_mail(subject, do), at=at, ttl=(at + 2 * PAUSE_MS) // 1000)
        with Attempt() as attempt:
            row.save(written.does_not_exist() | (written == at) | (written <= at - PAUSE_MS))
        return attempt.succeeded

    @unavailable
    def get(self, digest: str) -> RightsTicket | None:
        """Return a ticket by a consistent read, or None."""
        try:
            row = RightsTicketRow.get(*keys.rights_ticket(digest), consistent_read=True)
        except DoesNotExist:
            return None
        return RightsTicket(**cast("dict[str, Any]", row.content))

    @unavailable
    def put(self, ticket: RightsTicket) -> None:
        """Write a ticket."""
        ttl = (ticket.at + TICKET_MS) // 1000
        RightsTicketRow(*keys.rights_ticket(ticket.digest), content=ticket._asdict(), ttl=ttl).save()
