"""The ports of reading mailboxes: a mailbox that can be looked at, and the rows of what came and how far was read."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.mailboxes.kept import LookPace, MailboxState, ReceivedMail
from ocello.domain.mailboxes.received import ReceivedHeader
from ocello.domain.people.users import Account
from ocello.services.common.ports import Page


@dataclass(frozen=True, slots=True)
class Batch:
    """Some received mails, and the place in the mailbox that follows them.

    `place` is opaque text of the reader's own, of at most 10,000 characters: once the mails are stored, the next look
    begins there. It only ever moves past mails of this batch and of earlier ones.
    """

    mails: Sequence[ReceivedHeader]
    place: str


class MailboxReader(Protocol):
    """A mailbox that is open. Reading changes nothing in it: no flag, no folder, no mail.

    Every method raises Rejected and Deferred of domain.messages.delivery, also where the time is over that
    `Mailboxes.open` was given.
    """

    def look(self, place: str, since: int) -> Iterator[Batch]:
        """Yield the mails that came after `place`, in all folders that replies reach, spam included; oldest first in each.

        An empty `place`, or a folder that was built anew since, is read from `since` (ms) on: a mail may come twice,
        and none is left out. Nothing new yields nothing. A mail whose header cannot be read is yielded with an empty head.
        """


class Mailboxes(Protocol):
    """Opens users' mailboxes, with the credentials that they stored."""

    def open(self, account: Account, until: int) -> AbstractContextManager[MailboxReader]:
        """Sign in, once, and hand out the mailbox until the time `until` (ms), at which everything stops.

        Raises SignInRefused, Rejected, Deferred, and Unavailable where the credential cannot be decrypted now.
        """


class ReceivedMails(Protocol):
    """Received mails that answer ours. Every method raises Unavailable."""

    def add(self, mail: ReceivedMail, subject: str, until: int) -> bool:
        """Write a mail until a time (ms), and that `subject` wrote it; False where its conversation has it already."""

    def of(self, conversation: str) -> Sequence[ReceivedMail]:
        """Return the mails of a conversation, at most a thousand, oldest first."""

    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[ReceivedMail]:
        """Return a page of the mails that a person wrote. Raises Invalid for a cursor of another list."""

    def remove(self, subject: str, mails: Sequence[ReceivedMail]) -> None:
        """Delete mails that a person wrote; those that are gone are passed over."""


class MailboxStates(Protocol):
    """How far mailboxes were read. Every method raises Unavailable."""

    def read(self, owner: str, address: str) -> MailboxState | None:
        """Return the state of a mailbox; None where it is not read."""

    def write(self, state: MailboxState, before: MailboxState | None) -> bool:
        """Write a state with a version of its own over `before`; False, and nothing is written, if that is outdated."""

    def delete(self, owner: str, address: str) -> None:
        """Forget a mailbox."""

    def on_round(self, pace: LookPace, limit: int, cursor: str | None) -> Page[MailboxState]:
        """Return a page of the mailboxes that are looked at at a pace. Raises Invalid for a cursor of another list."""
