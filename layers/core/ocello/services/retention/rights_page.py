"""What a person asks for on their page, and what the link of the mail about it shows and starts."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Forbidden, NotFound, Unavailable
from ocello.domain.consent.notices import NoticeLanguage
from ocello.domain.retention.jobs import JobState, SubjectJob, SubjectRight, export_name
from ocello.domain.retention.tickets import FETCH_MS, GOOD_FOR_MS, RightsTicket, RightsWish, digest_of
from ocello.domain.tracking.tokens import SEVERAL, Token
from ocello.services.common.ports import Clock
from ocello.services.consent.page import source_of
from ocello.services.retention.ports import RightsTickets, SubjectJobs, SubjectQueue, WishQueue
from ocello.services.sending.ports import MailStore, RecipientStore

REASON = "asked for on the recipient's page"
RightState = Literal["open", "over", "gone"] | JobState


class ShownRight(NamedTuple):
    """What a link shows: what it is for, how far it is, and up to when (ms) it starts it, or an export can be fetched.

    `open`: not used yet; `over`: not used in time; `gone`: the export can no longer be fetched. `url` is where an export
    can be fetched for some minutes, '' where it was not asked for.
    """

    do: SubjectRight
    state: RightState
    until: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class RightsPage:
    """Takes what people ask for, and starts it by the link of the mail that they get. Looking changes nothing."""

    recipients: RecipientStore
    wishes: WishQueue
    tickets: RightsTickets
    jobs: SubjectJobs
    queue: SubjectQueue
    mail: MailStore
    clock: Clock

    def ask(self, token: Token, do: SubjectRight, language: NoticeLanguage) -> None:
        """Have a mail sent to the address that a link names; at most one a day, which nobody is told.

        Raises NotFound for a mail that is not kept or went to several, and Unavailable where it cannot even be queued.
        """
        if token.recipient >= SEVERAL:
            raise NotFound("this link names nobody")
        try:
            known = self.recipients.read(token.message, token.recipient) is not None
        except Unavailable:
            known = True  # whoever sends the mail looks again
        if not known:
            raise NotFound("this mail is not kept")
        self.wishes.wish(RightsWish(token.message, token.recipient, do, language, self.clock()))

    def show(self, token: Token, secret: str) -> ShownRight:
        """Return what such a link is for and how far it is. Raises NotFound and Unavailable."""
        return self._shown(self._ticket(token, secret))

    def begin(self, token: Token, secret: str, do: SubjectRight) -> ShownRight:
        """Start what a link is for, once; by a link that was used, return where its export can be fetched.

        Raises NotFound, Forbidden where the link's time is over or it is for something else, and Unavailable.
        """
        ticket = self._ticket(token, secret)
        if ticket.do != do:
            raise Forbidden("this link is for something else")
        if ticket.job:
            shown = self._shown(ticket)
            if shown.state == "done" and do == "export":
                address = self.mail.address_to_get(export_name(ticket.job), "application/zip", "export.zip")
                return shown._replace(url=address)
            return shown
        now = self.clock()
        if now > ticket.at + GOOD_FOR_MS:
            raise Forbidden("the time of this link is over")
        # Named after the ticket: whoever presses twice at once starts one job.
        identifier = ids.uuid7(ticket.at, bytes.fromhex(ticket.digest))
        job = SubjectJob(
            id=identifier,
            subject=ticket.subject,
            do=do,
            at=now,
            reason=REASON,
            source=source_of(ticket.message, ticket.recipient),
            sealed=ticket.sealed,
            changed_at=now,
        )
        self.jobs.write(job, None)
        self.queue.enqueue(identifier)
        used = ticket._replace(job=identifier)
        self.tickets.put(used)
        return self._shown(used)

    def _ticket(self, token: Token, secret: str) -> RightsTicket:
        found = self.tickets.get(digest_of(secret))
        if found is None or (found.message, found.recipient) != (token.message, token.recipient):
            raise NotFound("there is no such link")
        return found

    def _shown(self, ticket: RightsTicket) -> ShownRight:
        now = self.clock()
        if not ticket.job:
            until = ticket.at + GOOD_FOR_MS
            return ShownRight(ticket.do, "open" if now <= until else "over", until)
        job = self.jobs.get(ticket.job)
        if job is None:
            return ShownRight(ticket.do, "gone")
        if ticket.do == "erase" or job.state != "done":
            return ShownRight(ticket.do, job.state)
        until = min(job.changed_at + FETCH_MS, job.fetched_until())
        return ShownRight(ticket.do, "done" if now < until else "gone", until)
