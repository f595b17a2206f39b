"""What a person may ask for: all that is held of them, and that it is erased.

Both go through the person's tracked copies, newest first, page by page, and say after each page how many are done. Erasing
may be done twice; it is written into the log of deletions, so that it can be done again where a table was restored.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any, NamedTuple

from ocello.domain.common import times
from ocello.domain.consent.closings import Withdrawal
from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.ledger import ConsentChannel, ConsentEventName
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.states import stopping
from ocello.domain.consent.subjects import normalised, subject_of
from ocello.domain.engagement.counters import Ring
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.messages.alerts import Alert, answer_alert
from ocello.domain.retention.log import Deleted, Deletion
from ocello.domain.tracking.hits import Hit
from ocello.services.alerts.ports import AlertStore
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.ports import SubjectCopy, SubjectIndex
from ocello.services.consent.withdraw import CopyCloser
from ocello.services.engagement.hits import context_of, list_hits
from ocello.services.engagement.ports import HitStore
from ocello.services.mailboxes.ports import ReceivedMails
from ocello.services.mailboxes.shown import received_json
from ocello.services.retention.exported import counted_json, hit_json, written_time
from ocello.services.retention.ports import DeletionLog
from ocello.services.sending.ports import MessageStore

AT_ONCE = 100  # copies, lines of the ledger, or hits in a page
_BOTH: frozenset[Axis] = frozenset({"opens", "links"})
_README = """What is held of {address}
as of {at} (UTC)

data.json, in UTF-8, has:

consent   whether opens and links may be recorded, and since when
ledger    what was said about that, newest first: what, when, how, and which text was shown
mails     each tracked mail that this address was sent, with what was recorded of this recipient:
          counters, and single hits as long as they are kept; of a network address the network
received  each mail from this address that a user's mailbox received in answer to one: when, and what it was
          taken for, by its header

Of other recipients of the same mails, and of who wrote down what was said, there is nothing in it.
Times are in UTC. A hit may have been a program's: see "verdict".
"""


class Portion[T](NamedTuple):
    """What became of some of a person's copies: how many they were, what was made of them, where the rest begins."""

    copies: int
    made: T
    next: str | None


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Exports and erases what is held of people.

    `objecting`: the rules of this stack need no consent, so that a refusal is an objection.
    """

    consents: Consents
    index: SubjectIndex
    messages: MessageStore
    hits: HitStore
    closer: CopyCloser
    alerts: AlertStore
    log: DeletionLog
    received: ReceivedMails
    done: Callable[[int], None]  # is told how many copies are done
    objecting: bool

    def export(self, address: str) -> bytes:
        """Return a ZIP of all that is held of the person behind an address, and of nobody else. Raises Unavailable."""
        subject, mails, cursor, done = subject_of(address, self.consents.key), list[Mapping[str, Any]](), None, 0
        while True:
            some = self.some_mails(subject, AT_ONCE, cursor)
            mails += some.made
            done, cursor = done + some.copies, some.next
            self.done(done)
            if cursor is None:
                return self.packed(address, mails)

    def some_mails(self, subject: str, limit: int, cursor: str | None) -> Portion[Sequence[Mapping[str, Any]]]:
        """Return what is held of up to `limit` of a person's copies, as JSON. Raises Unavailable."""
        page = self.index.page(subject, limit, cursor)
        return Portion(len(page.items), list(self._mails(page.items)), page.next)

    def packed(self, address: str, mails: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the ZIP: `mails`, and what is known of the person's consent. Raises Unavailable."""
        now, known = self.consents.clock(), self.consents.state(address)
        subject = subject_of(address, self.consents.key)
        data = {
            "address": normalised(address),
            "subject": subject,
            "at": times.rfc3339(now),
            "consent": {
                axis: {"state": known.of(axis).known(now), "at": written_time(known.of(axis).at or None)}
                for axis in ("opens", "links")
            },
            "ledger": list(self._said(address)),
            "mails": mails,
            "received": [received_json(mail) for some in self._received(subject) for mail in some],
        }
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (
                ("data.json", json.dumps(data, ensure_ascii=False, indent=1)),
                ("README.txt", _README.format(address=data["address"], at=data["at"])),
            ):
                archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    def erase(self, address: str, reason: str, actor: str) -> Deletion:
        """Erase what was recorded of a person, and return what was done, which is in the log. Raises Unavailable.

        Of mail that was sent nothing is recorded any more; its links and pictures go on answering. What the person said
        stays as a digest, without the address: that they refuse both goes on being known, by whose word `actor` says.
        """
        at = self.consents.clock()
        self.refuse(address, at, actor, f"erasure {times.rfc3339(at)}")
        return self.erase_subject(subject_of(address, self.consents.key), reason)

    def refuse(self, address: str, at: int, actor: str, source: str) -> None:
        """Write down that a person refuses both, so that later mail stays untracked; `actor` is '' for their own word.

        Raises Unavailable.
        """
        known = self.consents.state(address)
        events: dict[Axis, ConsentEventName] = {
            axis: stopping(known.of(axis), at, objecting=self.objecting) for axis in AXES
        }
        channel: ConsentChannel = "api" if actor else "page"
        basis: Basis = "none" if self.objecting else "consent"
        self.consents.record(Said(address, events, channel, at, actor=actor, source=source, basis=basis))

    def erase_again(self) -> int:
        """Do all erasures of the log once more, after a restore; return how many. Raises Unavailable."""
        subjects, cursor = dict[str, str](), None
        while True:
            page = self.log.page(AT_ONCE, cursor)
            subjects |= {entry.subject: entry.reason for entry in page.items if entry.kind == "erasure"}
            cursor = page.next
            if cursor is None:
                break
        for subject, reason in subjects.items():
            self.erase_subject(subject, reason)
        return len(subjects)

    def erase_subject(self, subject: str, reason: str) -> Deletion:
        """Erase what was recorded of a subject, as `erase` does."""
        began, deleted, cursor, done = self.consents.clock(), Deleted(), None, 0
        while True:
            some = self.erase_some(subject, began, AT_ONCE, cursor)
            deleted = deleted.plus(some.made)
            done, cursor = done + some.copies, some.next
            self.done(done)
            if cursor is None:
                return self.end_erasure(subject, reason, began, deleted)

    def erase_some(self, subject: str, began: int, limit: int, cursor: str | None) -> Portion[Deleted]:
        """Erase what was recorded of up to `limit` of a person's copies; `began` is when the erasure did (ms).

        Raises Unavailable.
        """
        withdrawal, deleted = Withdrawal(subject, _BOTH, began), Deleted()
        page = self.index.page(subject, limit, cursor)
        for message, some in groupby(page.items, lambda copy: copy.message):
            found = list(some)
            recipients = [each.recipient for each in found]
            self.closer.close([(message, recipients)], withdrawal)
            deleted = deleted.plus(self._erase_of(message, frozenset(recipients), found[0].owner))
        return Portion(len(page.items), deleted, page.next)

    def end_erasure(self, subject: str, reason: str, began: int, deleted: Deleted) -> Deletion:
        """Delete what the person answered, destroy their key and write down what was deleted; again is one entry.

        Raises Unavailable.
        """
        self._erase_received(subject)
        self.consents.keys.destroy(subject)
        entry = Deletion(self.consents.clock(), "erasure", deleted, began, subject, reason)
        self.log.add(entry)
        return entry

    def _erase_of(self, message: str, recipients: frozenset[int], owner: str) -> Deleted:
        """Delete alerts, engagement and hits of some recipients of a message, in this order: each leads to the one before."""
        theirs = [hit for page in self.hits.pages(message, None, None) for hit in page if hit.recipient in recipients]
        stored = self.messages.load(message)
        listed = () if stored is None or stored.engagement is None else stored.engagement.alerts
        rings = {_ring_of(hit) for hit in theirs} | {
            ring._replace(sure=False) for ring in listed if ring.recipient in recipients
        }
        for ring in rings:
            self.alerts.remove(Alert(owner, message, ring.at, ring.mark, ring.kind, "", "", None))
        erased = self.closer.judge.erase(message, recipients)
        if theirs:
            self.hits.remove(theirs)
        return Deleted(hits=len(theirs), engagement=int(erased))

    def _erase_received(self, subject: str) -> None:
        """Delete the received mails that a person wrote, after the alerts that tell of them."""
        for mails in list(self._received(subject)):
            for mail in mails:
                self.alerts.remove(answer_alert(mail, ""))
            self.received.remove(subject, mails)

    def _received(self, subject: str) -> Iterator[Sequence[ReceivedMail]]:
        cursor = None
        while True:
            page = self.received.of_subject(subject, AT_ONCE, cursor)
            yield page.items
            cursor = page.next
            if cursor is None:
                return

    def _said(self, address: str) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            page = self.consents.history(address, AT_ONCE, cursor)
            for entry in page.items:
                yield {
                    "event": entry.event,
                    "purpose": entry.purpose,
                    "basis": entry.basis,
                    "at": times.rfc3339(entry.at),
                    "channel": entry.channel,
                    "source": entry.source,
                    "notice": None if entry.notice is None else entry.notice._asdict(),
                    "rules": entry.rules,
                }
            cursor = page.next
            if cursor is None:
                return

    def _mails(self, copies: Sequence[SubjectCopy]) -> Iterator[dict[str, Any]]:
        for copy in copies:
            stored = self.messages.load(copy.message)
            if stored is None:
                continue
            mail, index = stored.message, copy.recipient
            recipient = next((each for each in stored.recipients if each.index == index), None)
            did = None if stored.engagement is None else stored.engagement.recipient(index)
            context, cursor = context_of(stored, self.closer.judge.base), None
            hits = list[dict[str, Any]]()
            while True:
                page = list_hits(mail.id, context, AT_ONCE, cursor, self.hits)
                hits += [
                    hit_json(each.hit) | {"verdict": each.verdict.kind}
                    for each in page.items
                    if each.hit.recipient == index
                ]
                cursor = page.next
                if cursor is None:
                    break
            yield {
                "id": mail.id,
                "at": times.rfc3339(mail.created_at),
                "from": mail.sender.address,
                "subject": mail.subject,
                "to": None if recipient is None else recipient.mailbox.address,
                "name": None if recipient is None else recipient.mailbox.name,
                "status": None if recipient is None else recipient.status,
                "opens": None if did is None else counted_json(did.opens),
                "clicks": None if did is None else counted_json(did.clicks),
                "hits": hits,
            }


def _ring_of(hit: Hit) -> Ring:
    return Ring(hit.at, hit.kind, hit.recipient, hit.link, sure=False)
