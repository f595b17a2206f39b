"""The ports of reading mailboxes: a mailbox that can be looked at."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ocello.domain.mailboxes.received import MailRef, ReceivedHeader
from ocello.domain.people.users import Account


@dataclass(frozen=True, slots=True)
class Batch:
    """Some received mails, and the place in the mailbox that follows them.

    `place` is opaque text of the reader's own, of at most 10,000 characters: once the mails are stored, the next look
    begins there. It only ever moves past mails of this batch and of earlier ones.
    """

    mails: Sequence[ReceivedHeader]
    place: str


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """The text of a received mail. Files are named with their size in bytes; their content is never fetched."""

    plain: str
    html: str
    files: Sequence[tuple[str, int]] = ()


class MailboxReader(Protocol):
    """A mailbox that is open. It changes nothing in it, save by `append`: no flag, no folder, no mail.

    Every method raises MailboxUnreachable, also where the time is over that `Mailboxes.open` was given.
    """

    def look(self, place: str, since: int) -> Iterator[Batch]:
        """Yield the mails that came after `place`, in all folders that replies reach, spam included; oldest first in each.

        An empty `place`, or a folder that was built anew since, is read from `since` (ms) on: a mail may come twice,
        and none is left out. Nothing new yields nothing. A mail whose header cannot be read is yielded with an empty head.
        """

    def text(self, ref: MailRef) -> ReceivedText | None:
        """Fetch the text of a mail, at most 1 MB of each kind; None where the mail is gone."""

    def append(self, raw: bytes, at: int) -> None:
        """File a mail in the folder of sent mail, marked as read, with the time `at` (ms)."""


class Mailboxes(Protocol):
    """Opens users' mailboxes, with the credentials that they stored."""

    def open(self, account: Account, until: int) -> AbstractContextManager[MailboxReader]:
        """Sign in, once, and hand out the mailbox until the time `until` (ms), at which everything stops.

        Raises SignInRefused, MailboxUnreachable, and Unavailable where the credential cannot be decrypted now.
        """
