"""Takes requests to export or erase what is held of people, and works through them in portions.

A portion may be done twice, and two calls may be at one job: each portion is written over the state that it began with, and
what it does may be repeated. An erasure writes down that the person refuses before it deletes anything, so that later mail
stays untracked; the address is held sealed by the person's own key, and not at all once the job is done.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid, NotFound, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.consent.subjects import subject_of
from ocello.domain.people.accounts import plain_address
from ocello.domain.people.audit import Action, new_entry
from ocello.domain.people.users import Principal
from ocello.domain.retention.jobs import (
    EXPORT_MS,
    LONGEST_REASON,
    RIGHTS,
    Fetchable,
    SubjectJob,
    SubjectRight,
    export_name,
)
from ocello.services.common.ports import Clock, Page, RandomBytes
from ocello.services.consent.ports import SubjectKeys
from ocello.services.retention.ports import SubjectJobs, SubjectQueue
from ocello.services.retention.rights import Rights
from ocello.services.sending.ports import MailStore

AT_ONCE = 25  # copies of a portion
RESERVE_MS = 60_000  # of a call's time, in which no portion begins
ERASED = Text("what was held of this person was erased meanwhile")
GIVEN_UP = Text("given up after several tries")
_ACTIONS: Mapping[SubjectRight, Action] = {"export": "subject.export", "erase": "subject.erase"}


@dataclass(frozen=True, slots=True)
class SubjectRequests:
    """Takes requests, and tells how far they are; `key` makes subjects of addresses."""

    jobs: SubjectJobs
    queue: SubjectQueue
    keys: SubjectKeys
    mail: MailStore
    key: bytes
    clock: Clock
    random_bytes: RandomBytes

    def begin(self, by: Principal, address: str, do: str, reason: str) -> SubjectJob:
        """Take an administrator's request, and note it in the audit trail, without the address.

        Raises Invalid, and Unavailable where it could not be queued.
        """
        plain, said = plain_address("address", address), reason.strip()
        wanted = next((each for each in RIGHTS if each == do), None)
        if wanted is None:
            raise Invalid("do", Text("must be one of %(names)s", names=", ".join(RIGHTS)))
        if len(said) > LONGEST_REASON:
            raise Invalid("reason", Text("must be at most %(most)s characters", most=LONGEST_REASON))
        if wanted == "erase" and not said:
            raise Invalid("reason", "must say why it is erased: it stands in the log of deletions")
        now = self.clock()
        identifier = ids.uuid7(now, self.random_bytes(10))
        note = new_entry(now, by.user, _ACTIONS[wanted], identifier, "", said, by_key=by.by_key)
        subject = subject_of(plain, self.key)
        job = SubjectJob(
            id=identifier,
            subject=subject,
            do=wanted,
            at=now,
            reason=said,
            actor=by.user.address,
            source=f"erasure {identifier}",
            sealed=self.keys.seal(subject, plain),
            changed_at=now,
        )
        self.jobs.write(job, None, [note])
        try:
            self.queue.enqueue(job.id)
        except Unavailable:
            record(self.jobs, replace(job, state="failed", fault="could not be queued: try again"), job, now)
            raise
        return job

    def read(self, identifier: str) -> SubjectJob:
        """Return a job. Raises NotFound."""
        job = self.jobs.get(identifier) if ids.is_id(identifier) else None
        if job is None:
            raise NotFound("no such job")
        return job

    def page(self, limit: int, cursor: str | None) -> Page[SubjectJob]:
        """List jobs, newest first. Raises Invalid for a cursor that this list did not give."""
        return self.jobs.page(limit, cursor)

    def fetchable(self, job: SubjectJob) -> Fetchable | None:
        """Return where the export of a job can be fetched; None where there is none, or no longer."""
        if self.clock() >= job.fetched_until():
            return None
        address = self.mail.address_to_get(export_name(job.id), "application/zip", "export.zip")
        return Fetchable(address, job.fetched_until())


@dataclass(frozen=True, slots=True)
class SubjectJobRunner:
    """Works through jobs."""

    rights: Rights
    jobs: SubjectJobs
    queue: SubjectQueue
    mail: MailStore

    def advance(self, identifier: str, left: Callable[[], int]) -> SubjectJob | None:
        """Go on with a job while there are milliseconds `left`, and queue the rest; return None for nothing to do.

        Raises Unavailable, also where another call is at the same job: what was done stays done.
        """
        job = self.jobs.get(identifier)
        if job is None or job.state == "done":
            return None
        while True:
            job = record(self.jobs, self._portion(job), job, self.rights.consents.clock())
            if job.state in ("done", "failed"):
                return job
            if left() <= RESERVE_MS:
                self.queue.enqueue(identifier)
                return job

    def give_up(self, identifier: str) -> None:
        """Say that a job failed; it goes on where its message is put back. Raises Unavailable."""
        job = self.jobs.get(identifier)
        if job is not None and job.state != "done":
            record(self.jobs, replace(job, state="failed", fault=GIVEN_UP), job, self.rights.consents.clock())

    def _portion(self, job: SubjectJob) -> SubjectJob:
        running = replace(job, state="running", fault="")
        return self._exported(running) if job.do == "export" else self._erased(running)

    def _exported(self, job: SubjectJob) -> SubjectJob:
        some = self.rights.some_mails(job.subject, AT_ONCE, job.cursor)
        if some.made:
            part = json.dumps(some.made, ensure_ascii=False).encode()
            self.mail.put(_part_name(job.id, job.parts), part, "application/json")
        after = replace(job, copies=job.copies + some.copies, parts=job.parts + bool(some.made), cursor=some.next)
        if some.next is not None:
            return after
        address = self.rights.consents.keys.open(job.subject, job.sealed)
        if address is not None:
            packed = self.rights.packed(address, list(self._parts(after)))
            self.mail.put(export_name(job.id), packed, "application/zip")
        self.mail.delete([_part_name(job.id, number) for number in range(after.parts)])
        if address is None:
            return replace(after, state="failed", fault=ERASED, sealed="")
        return replace(after, state="done", sealed="", exported=True)

    def _parts(self, job: SubjectJob) -> Iterator[Mapping[str, Any]]:
        for number in range(job.parts):
            stored = self.mail.get(_part_name(job.id, number))
            if stored is None:
                raise Unavailable("a portion of the export is not there")
            yield from json.loads(stored)

    def _erased(self, job: SubjectJob) -> SubjectJob:
        if job.cursor is None:
            self._refuse(job)
        some = self.rights.erase_some(job.subject, job.at, AT_ONCE, job.cursor)
        after = replace(job, copies=job.copies + some.copies, deleted=job.deleted.plus(some.made), cursor=some.next)
        if some.next is not None:
            return after
        self.rights.end_erasure(job.subject, job.reason, job.at, after.deleted)
        self._forget_exports(job)
        return replace(after, state="done", sealed="")

    def _refuse(self, job: SubjectJob) -> None:
        """Write down that the person refuses both, so that later mail stays untracked; done already where the key is gone."""
        address = self.rights.consents.keys.open(job.subject, job.sealed)
        if address is None:
            return
        self.rights.refuse(address, job.at, job.actor, job.source)

    def _forget_exports(self, job: SubjectJob) -> None:
        """Delete the exports of the person that can still be fetched."""
        cursor, since = None, job.at - EXPORT_MS
        while True:
            page = self.jobs.page(100, cursor)
            for each in page.items:
                if each.subject == job.subject and each.exported:
                    self.mail.delete([export_name(each.id)])
                    record(self.jobs, replace(each, exported=False), each, each.changed_at)
            cursor = page.next
            if cursor is None or page.items[-1].at < since:
                return


def record(jobs: SubjectJobs, after: SubjectJob, before: SubjectJob, now: int) -> SubjectJob:
    """Write a job over what it was, and return it. Raises Unavailable where another call has written it meanwhile."""
    recorded = replace(after, changed_at=now, version=before.version + 1)
    if not jobs.write(recorded, before):
        raise Unavailable("another call is at this job")
    return recorded


def _part_name(job: str, number: int) -> str:
    return f"subjects/{job}/{number:05d}.json"
