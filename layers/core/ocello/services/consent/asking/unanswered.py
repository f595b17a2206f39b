"""Writes down, once the link of a mail that asks can no longer allow, that there was no answer."""

from collections.abc import Iterator
from dataclasses import dataclass

from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.consent.ledger import ConsentEventName
from ocello.domain.consent.modes import Axis
from ocello.domain.messages import delivery
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.page import GRANT_DAYS, source_of
from ocello.services.consent.ports import OpenQuestions
from ocello.services.sending.ports import RecipientStore

_LATE_DAYS = 60  # for which nights may have been missed
_LOOK = 200  # a person's newest entries, among which the question is


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The questions that are open, and where it is written down that they were not answered."""

    questions: OpenQuestions
    recipients: RecipientStore
    consents: Consents

    def note(self) -> int:
        """Write down which questions were not answered in time; return how many. Safe to repeat. Raises Unavailable."""
        noted = 0
        for day in self._days():
            for message in self.questions.of(day):
                noted += self._noted(message)
                self.questions.remove(day, message)
        return noted

    def _days(self) -> Iterator[str]:
        """Yield the days whose mails can no longer allow, oldest first."""
        now = self.consents.clock()
        for ago in range(GRANT_DAYS + _LATE_DAYS, GRANT_DAYS, -1):
            yield day_of(now - ago * DAY_MS)

    def _noted(self, message: str) -> bool:
        recipient = self.recipients.read(message, 0)
        if recipient is None or recipient.diagnostic == delivery.NOT_QUEUED:
            return False
        address, source, now = recipient.mailbox.address, source_of(message, 0), self.consents.clock()
        asked = [
            entry
            for entry in self.consents.history(address, _LOOK).items
            if entry.source == source and entry.event == "requested"
        ]
        consent = self.consents.state(address)
        events: dict[Axis, ConsentEventName] = {
            entry.purpose: "no_answer" for entry in asked if consent.of(entry.purpose).known(now) == "unknown"
        }
        if not events:
            return False
        at, notice = asked[0].at + GRANT_DAYS * DAY_MS, asked[0].notice
        self.consents.record(Said(address, events, "double_opt_in", at, source=source, notice=notice))
        return True
