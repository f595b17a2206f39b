"""Imports files in bulk: takes a file, and works through it batch by batch, recording its progress."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from ocello.domain.common import ids, texts
from ocello.domain.common.errors import Invalid, NotFound, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.imports.files import Shape, parse_file
from ocello.domain.imports.imports import KEPT_REFUSALS, Format, Import, ImportKind, Refusal
from ocello.domain.messages.message import MAX_MESSAGE_BYTES
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock, Page, RandomBytes
from ocello.services.imports.ports import ImportQueue, ImportStore
from ocello.services.people.ports import UserStore
from ocello.services.sending.outgoing import upload_name
from ocello.services.sending.ports import MailStore

BATCH = 400  # lines at most between two records of progress
RECORD_EVERY_MS = 5_000
RESERVE_MS = (
    30_000  # of a call's time, in which no line begins: for its record and its queue message, and a line of most kinds
)

TimeLeft = Callable[[], int]  # milliseconds


class LineWriter[L](Protocol):
    """What one kind of import writes: lines of a shape, a few at once.

    No lines are begun in the last `reserve_ms` of a call.
    """

    @property
    def shape(self) -> Shape[L]:
        """Return what its lines hold."""

    @property
    def at_once(self) -> int:
        """Return how many lines are written at once."""

    @property
    def reserve_ms(self) -> int:
        """Return how long lines may take."""

    def write(self, user: User, lines: Sequence[L]) -> Sequence[bool | Refusal]:
        """Write lines, at most `at_once`; return for each whether it changed anything, or why it was refused.

        Safe to repeat. Raises Unavailable.
        """


@dataclass(frozen=True, slots=True)
class BulkImports:
    """Takes imports, and reports their progress."""

    imports: ImportStore
    queue: ImportQueue
    mail: MailStore
    clock: Clock
    random_bytes: RandomBytes

    def begin(self, user: User, kind: ImportKind, form: Format, content: bytes | None, upload: str | None) -> Import:
        """Take `content`, or an `upload` of the user's that has arrived, to be imported soon. Raises Invalid, Unavailable."""
        now = self.clock()
        identifier = ids.uuid7(now, self.random_bytes(10))
        if content is not None:
            upload = identifier
            self.mail.put(upload_name(user.id, upload), content, "application/octet-stream")
        elif upload is None or not ids.is_id(upload) or self.mail.size(upload_name(user.id, upload)) is None:
            raise Invalid("upload", "is not an upload of yours that has arrived")
        made = Import(identifier, user.id, upload, form, now, changed_at=now, kind=kind)
        self.imports.write(made, None)
        try:
            self.queue.enqueue(user.id, identifier)
        except Unavailable:
            _record(
                replace(made, status="failed", reason="could not be queued: try again"), made, self.imports, self.clock
            )
            raise
        return made

    def page(self, user: User, limit: int, cursor: str | None) -> Page[Import]:
        """Return a page of the user's own imports, newest first. Raises Invalid for a bad cursor."""
        return self.imports.page(user.id, limit, cursor)

    def read(self, user: User, identifier: str) -> Import:
        """Return one of the user's own imports. Raises NotFound."""
        made = self.imports.get(user.id, identifier)
        if made is None:
            raise NotFound("no such import")
        return made


@dataclass(frozen=True, slots=True)
class ImportRunner:
    """Works through imports: reads their files, and has their lines written by what writes that kind."""

    writer_of: Callable[[ImportKind], LineWriter[Any]]
    users: UserStore
    imports: ImportStore
    queue: ImportQueue
    mail: MailStore
    clock: Clock

    def advance(self, owner: str, identifier: str, left: TimeLeft) -> Import | None:
        """Work through an import while there is time `left`, and queue the rest; return None if there is nothing to do.

        The whole file is read before the first line is written, so a file of the wrong kind writes nothing. Progress is
        recorded after each batch of lines. It is safe to repeat and to run twice at once: writing a line again changes
        nothing, and only one record of a batch is kept. Raises Unavailable.
        """
        made = self.imports.get(owner, identifier)
        if made is None or made.status in ("done", "failed"):
            return None
        writer = self.writer_of(made.kind)
        try:
            content = _content(made, self.mail)
            total = made.total or _counted(content, made.format, writer.shape)
        except _ImportFailed as error:
            return self._fail(made, error.why)
        lines = islice(parse_file(content, made.format, writer.shape), made.done, None)
        while True:
            batch = _Batch(writer, self.clock, left)
            try:
                after = batch.work(replace(made, total=total), self._user(owner), lines)
            except _ImportFailed as error:
                return self._fail(made, error.why)
            recorded = self._record(after, made)
            if recorded is None or recorded.status != "running":
                return recorded
            if left() <= writer.reserve_ms:
                self.queue.enqueue(owner, identifier)
                return recorded
            made = recorded

    def _user(self, owner: str) -> User:
        user = self.users.get(owner)
        if user is None or user.disabled:
            raise _ImportFailed(Text("its user may no longer come in"))
        return user

    def _fail(self, made: Import, why: str) -> Import | None:
        return self._record(replace(made, status="failed", reason=why), made)

    def _record(self, after: Import, before: Import) -> Import | None:
        return _record(after, before, self.imports, self.clock)


def _record(after: Import, before: Import, imports_: ImportStore, clock: Clock) -> Import | None:
    """Write an import over `before`; return None if the stored one differs."""
    recorded = replace(after, changed_at=clock(), version=before.version + 1)
    return recorded if imports_.write(recorded, before) else None


class _ImportFailed(Exception):  # noqa: N818 — not an error of the program
    """An import that cannot continue, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def _content(made: Import, mail: MailStore) -> bytes:
    content = mail.get(upload_name(made.owner, made.upload))
    if content is None:
        raise _ImportFailed(Text("its file is no longer kept"))
    if len(content) > MAX_MESSAGE_BYTES:
        raise _ImportFailed(Text("its file has more than %(most)s bytes", most=MAX_MESSAGE_BYTES))
    return content


def _counted(content: bytes, form: Format, shape: Shape[Any]) -> int:
    try:
        return sum(1 for _ in parse_file(content, form, shape))
    except Invalid as error:
        raise _ImportFailed(_of_file(error)) from None


class _Batch[L]:
    """The lines between two records of progress."""

    def __init__(self, writer: LineWriter[L], clock: Clock, left: TimeLeft) -> None:
        self._writer, self._clock, self._left = writer, clock, left
        self._written = self._unchanged = 0
        self._refusals: list[Refusal] = []

    def work(self, before: Import, user: User, lines: Iterator[L | Refusal]) -> Import:
        """Write lines until it is time to record progress, and return the progress. Raises _ImportFailed."""
        began = self._clock()
        try:
            while self._taken < BATCH and (some := tuple(islice(lines, self._writer.at_once))):
                self._take(some, user)
                if self._clock() - began >= RECORD_EVERY_MS or self._left() <= self._writer.reserve_ms:
                    break
        except Invalid as error:  # the file was changed after it was counted
            raise _ImportFailed(_of_file(error)) from None
        done = before.done + self._taken
        return replace(
            before,
            status="running" if self._taken and done < before.total else "done",
            done=done,
            written=before.written + self._written,
            unchanged=before.unchanged + self._unchanged,
            refused=before.refused + len(self._refusals),
            refusals=(*before.refusals, *self._refusals)[:KEPT_REFUSALS],
        )

    @property
    def _taken(self) -> int:
        return self._written + self._unchanged + len(self._refusals)

    def _take(self, some: Sequence[L | Refusal], user: User) -> None:
        outcomes = iter(self._writer.write(user, [line for line in some if not isinstance(line, Refusal)]))
        for line in some:
            outcome = line if isinstance(line, Refusal) else next(outcomes)
            if isinstance(outcome, Refusal):
                self._refusals.append(outcome)
            else:
                self._written += outcome
                self._unchanged += not outcome


def _of_file(error: Invalid) -> Text:
    return Text("the %(field)s %(why)s", field=Text(error.field), why=texts.translatable(error.reason))
