"""Received mail, the state of mailboxes, and mailboxes themselves, in memory."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from ocello.domain.common.errors import Unavailable
from ocello.domain.mailboxes.kept import LookPace, MailboxState, ReceivedMail
from ocello.domain.messages.delivery import Deferred
from ocello.domain.people.users import Account
from ocello.services.common.ports import Page
from ocello.services.mailboxes.ports import Batch
from tests.fakes.received_mail import received
from tests.fakes.world import paged


@dataclass
class MemoryReceivedMails:
    """ReceivedMails."""

    mails: dict[tuple[str, str], ReceivedMail] = field(default_factory=dict)
    subjects: set[tuple[str, str, str]] = field(default_factory=set)
    down: bool = False

    def add(self, mail: ReceivedMail, subject: str, until: int) -> bool:
        self._answer()
        if (mail.conversation, mail.name) in self.mails:
            return False
        self.mails[mail.conversation, mail.name] = mail
        self.subjects.add((subject, mail.conversation, mail.name))
        return True

    def of(self, conversation: str) -> Sequence[ReceivedMail]:
        self._answer()
        found = (mail for mail in self.mails.values() if mail.conversation == conversation)
        return sorted(found, key=lambda mail: (mail.at, mail.name))

    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[ReceivedMail]:
        found = [self.mails[place[1:]] for place in sorted(self.subjects) if place[0] == subject]
        return paged(found, limit, cursor, lambda mail: f"{mail.conversation}#{mail.name}", subject)

    def remove(self, subject: str, mails: Sequence[ReceivedMail]) -> None:
        for mail in mails:
            self.mails.pop((mail.conversation, mail.name), None)
            self.subjects.discard((subject, mail.conversation, mail.name))

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("database: down")


@dataclass
class MemoryMailboxStates:
    """MailboxStates; `written` counts writes."""

    states: dict[tuple[str, str], MailboxState] = field(default_factory=dict)
    written: int = 0

    def read(self, owner: str, address: str) -> MailboxState | None:
        return self.states.get((owner, address))

    def write(self, state: MailboxState, before: MailboxState | None) -> bool:
        stands = self.states.get((state.owner, state.address))
        if (stands and stands.version) != (before and before.version):
            return False
        self.states[state.owner, state.address] = state
        self.written += 1
        return True

    def delete(self, owner: str, address: str) -> None:
        self.states.pop((owner, address), None)

    def on_round(self, pace: LookPace, limit: int, cursor: str | None) -> Page[MailboxState]:
        found = [state for _, state in sorted(self.states.items()) if state.pace == pace and not state.refused]
        return paged(found, limit, cursor, lambda state: f"{state.owner}#{state.address}", pace)


@dataclass
class MemoryMailboxes:
    """Mailboxes, and the one mailbox that it opens (MailboxReader): `folders` hold whole mails, and when each came.

    `errors` are raised by the next sign-ins. A place is the number of mails read of each folder; `built` counts how often
    a folder was built anew, as UIDVALIDITY does.
    """

    folders: dict[str, list[tuple[bytes, int]]] = field(default_factory=lambda: {"INBOX": []})
    built: dict[str, int] = field(default_factory=dict)
    at_once: int = 10
    errors: list[Exception] = field(default_factory=list)
    broken_after: int | None = None  # batches, after which the connection is lost
    signed_in: int = 0

    @contextmanager
    def open(self, account: Account, until: int) -> Iterator[Self]:
        self.signed_in += 1
        if self.errors:
            raise self.errors.pop(0)
        yield self

    def look(self, place: str, since: int) -> Iterator[Batch]:
        read: dict[str, list[int]] = json.loads(place or "{}")
        for number, (folder, mails) in enumerate(sorted(self.folders.items())):
            built = self.built.get(folder, 0)
            known = read.get(folder, [built, 0])
            lost = folder not in read or known[0] != built
            start = 0 if lost else known[1]
            while start < len(mails):
                if self.broken_after is not None and number + start // self.at_once >= self.broken_after:
                    raise Deferred("connection lost")
                end = min(start + self.at_once, len(mails))
                found = [
                    received(raw, at, f"{built}.{uid}", folder)
                    for uid, (raw, at) in enumerate(mails[start:end], start)
                    if not lost or at >= since
                ]
                read[folder], start = [built, end], end
                yield Batch(found, json.dumps(read))
