"""Takes what a person says on the page that their mail leads to, also while the database is out.

Then it waits in a queue with its own time, as message and recipient: no address leaves in clear. What was received twice is
one entry of the ledger. Granting never waits: nothing may be recorded of whom nobody can be sure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ocello.domain.common.errors import NotFound, Unavailable
from ocello.domain.consent.ledger import CLOSING
from ocello.domain.consent.states import SubjectConsent
from ocello.services.consent.consents import Said
from ocello.services.consent.ports import Statement, StatementQueue
from ocello.services.sending.ports import MessageStore


@dataclass(frozen=True, slots=True)
class Statements:
    """Records statements; `record` writes to the ledger and lets a withdrawal reach every copy (`Consents.record`)."""

    messages: MessageStore
    record: Callable[[Said], SubjectConsent]
    queue: StatementQueue

    def take(self, statement: Statement) -> Literal["recorded", "received"]:
        """Record a statement, or where that is not possible now, have it recorded within minutes.

        Raises Unavailable where neither is possible, NotFound for mail that is not known, and what `record` raises.
        """
        try:
            self.recorded(statement)
        except Unavailable:
            if not CLOSING.issuperset(statement.events.values()):
                raise
            self.queue.keep(statement)
            return "received"
        return "recorded"

    def recorded(self, statement: Statement) -> SubjectConsent:
        """Record a statement, of its own time, and return the consent that holds. Raises what `record` and `take` do."""
        stored = self.messages.load(statement.message)
        found = None if stored is None else next((r for r in stored.recipients if r.index == statement.recipient), None)
        if found is None:
            raise NotFound("no such message, or no such recipient of it")
        said = Said(
            address=found.mailbox.address,
            events=statement.events,
            channel="page",
            at=statement.at,
            source=statement.source,
            notice=statement.notice,
            confirmation=statement.confirmation,
            country=statement.country,
            rules=statement.rules,
            basis=statement.basis,
        )
        return self.record(said)
