"""Keeps, for each person, which copies were tracked: without it no copy that left can ever be silenced."""

from collections.abc import Iterable
from dataclasses import dataclass

from ocello.domain.consent.modes import OFF
from ocello.domain.consent.subjects import subject_of
from ocello.domain.messages.message import Message, Recipient
from ocello.services.consent.ports import SubjectCopy, SubjectIndex
from ocello.services.people.ports import UserStore
from ocello.services.sending.ports import MessageStore, StoredMessage


@dataclass(frozen=True, slots=True)
class Subjects:
    """The index, and the key by which an address becomes a subject."""

    index: SubjectIndex
    key: bytes

    def note(self, message: Message, recipients: Iterable[Recipient]) -> int:
        """Note the copies of a message that leave tracked; return how many. Call it before they leave.

        A copy of which it is learnt later that it cannot be tracked is noted too, and so is one whose message is not
        stored after all: neither does harm.
        """
        copies = [
            SubjectCopy(subject_of(each.mailbox.address, self.key), message.id, each.index, message.owner)
            for each in recipients
            if message.modes_of(each) != OFF and not each.untracked
        ]
        if copies:
            self.index.add(copies)
        return len(copies)


@dataclass(frozen=True, slots=True)
class MailPlace:
    """How far stored mail was noted: all users before `user`, in the order of ids, and its list up to `cursor`."""

    user: str
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class AllMail:
    """Where stored mail is read, user by user, `at_once` messages in a page."""

    users: UserStore
    messages: MessageStore
    at_once: int = 100

    def pages(self, after: MailPlace | None) -> Iterable[tuple[tuple[StoredMessage, ...], MailPlace | None]]:
        """Yield the tracked mail of everybody in pages, each with the place that follows it; None follows the last."""
        names = [name for name in self._names() if after is None or name >= after.user]
        for number, name in enumerate(names):
            cursor = after.cursor if after is not None and name == after.user else None
            rest = MailPlace(names[number + 1]) if number + 1 < len(names) else None
            while True:
                page = self.messages.page(name, tracked=True, limit=self.at_once, cursor=cursor)
                cursor = page.next
                yield page.items, rest if cursor is None else MailPlace(name, cursor)
                if cursor is None:
                    break

    def _names(self) -> list[str]:
        names, cursor = list[str](), None
        while True:
            page = self.users.page(self.at_once, cursor)
            names += [user.id for user in page.items]
            cursor = page.next
            if cursor is None:
                return sorted(names)


def note_stored(
    mail: AllMail, subjects: Subjects, after: MailPlace | None, most: int
) -> tuple[int, int, MailPlace | None]:
    """Note the copies of stored mail, from `after` on, until `most` messages are done or passed by the rest of a page.

    Return how many messages and copies were noted, and where to go on; None where all is done. Noting a copy twice
    changes nothing. Mail that leaves meanwhile is noted as it leaves.
    """
    messages = copies = 0
    for page, following in mail.pages(after):
        for stored in page:
            copies += subjects.note(stored.message, stored.recipients)
        messages += len(page)
        if messages >= most:
            return messages, copies, following
    return messages, copies, None
