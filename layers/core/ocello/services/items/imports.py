"""Imports items in bulk: takes a file, and works through it a stretch at a time, keeping account."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from ocello.domain.common import ids, texts
from ocello.domain.common.errors import Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.crm import imports
from ocello.domain.crm.imports import KEPT_REFUSALS, Format, Import, Refusal, Wanted
from ocello.domain.messages.message import MAX_MESSAGE_BYTES
from ocello.domain.people.users import User
from ocello.services.common.ports import Clock, Page, RandomBytes
from ocello.services.items.change_items import write
from ocello.services.items.ports import ImportQueue, ImportStore, ItemStore
from ocello.services.people.ports import UserStore
from ocello.services.sending.outgoing import upload_name
from ocello.services.sending.ports import MailStore

STRETCH = 400  # lines at most between two notes of progress
NOTED_EVERY_MS = 5_000
RESERVE_MS = (
    30_000  # of a call's time, in which no further line is begun: the slowest line, its note and its queue message
)

TimeLeft = Callable[[], int]  # milliseconds


def begin(
    user: User,
    kind: Format,
    content: bytes | None,
    upload: str | None,
    *,
    mail: MailStore,
    imports_: ImportStore,
    queue: ImportQueue,
    clock: Clock,
    random_bytes: RandomBytes,
) -> Import:
    """Take `content`, or an `upload` of the user's that has arrived, to be imported soon. Raises Invalid, Unavailable."""
    now = clock()
    identifier = ids.uuid7(now, random_bytes(10))
    if content is not None:
        upload = identifier
        mail.put(upload_name(user.id, upload), content, "application/octet-stream")
    elif upload is None or not ids.is_id(upload) or mail.size(upload_name(user.id, upload)) is None:
        raise Invalid("upload", "is not an upload of yours that has arrived")
    made = Import(identifier, user.id, upload, kind, now, changed_at=now)
    imports_.write(made, None)
    try:
        queue.enqueue(user.id, identifier)
    except Unavailable:
        _noted(replace(made, status="failed", reason="could not be queued: try again"), made, imports_, clock)
        raise
    return made


def page(user: User, limit: int, cursor: str | None, imports_: ImportStore) -> Page[Import]:
    """List the user's own imports, newest first. Raises Invalid for a cursor."""
    return imports_.page(user.id, limit, cursor)


def found(user: User, identifier: str, imports_: ImportStore) -> Import:
    """Return an import of the user's own. Raises NotFound."""
    made = imports_.get(user.id, identifier)
    if made is None:
        raise NotFound("no such import")
    return made


def advance(
    owner: str,
    identifier: str,
    *,
    items: ItemStore,
    users: UserStore,
    mail: MailStore,
    imports_: ImportStore,
    queue: ImportQueue,
    clock: Clock,
    left: TimeLeft,
) -> Import | None:
    """Work through an import while there is time `left`, and queue the rest; None where there is nothing to do.

    The whole file is read before the first line is written: one of another kind writes nothing. How far it is, is noted
    again and again. Safe to repeat and to run twice at once: writing a line again changes nothing, and one account of a
    stretch is kept. Raises Unavailable.
    """
    made = imports_.get(owner, identifier)
    if made is None or made.status in ("done", "failed"):
        return None
    try:
        content = _content(made, mail)
        total = made.total or _counted(content, made.format)
    except _Ended as error:
        return _failed(made, error.why, imports_, clock)
    lines = islice(imports.read(content, made.format), made.done, None)
    while True:
        stretch = _Stretch(owner, items, users, clock, left)
        try:
            after = stretch.worked(replace(made, total=total), lines)
        except _Ended as error:
            return _failed(made, error.why, imports_, clock)
        noted = _noted(after, made, imports_, clock)
        if noted is None or noted.status != "running":
            return noted
        if left() <= RESERVE_MS:
            queue.enqueue(owner, identifier)
            return noted
        made = noted


class _Ended(Exception):  # noqa: N818 — no fault of ours
    """An import that cannot go on, and why."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def _content(made: Import, mail: MailStore) -> bytes:
    content = mail.get(upload_name(made.owner, made.upload))
    if content is None:
        raise _Ended(Text("its file is no longer kept"))
    if len(content) > MAX_MESSAGE_BYTES:
        raise _Ended(Text("its file has more than %(most)s bytes", most=MAX_MESSAGE_BYTES))
    return content


def _counted(content: bytes, kind: Format) -> int:
    try:
        return sum(1 for _ in imports.read(content, kind))
    except Invalid as error:
        raise _Ended(_of_file(error)) from None


class _Stretch:
    """The lines between two notes of progress."""

    def __init__(self, owner: str, items: ItemStore, users: UserStore, clock: Clock, left: TimeLeft) -> None:
        self._owner, self._items, self._users, self._clock, self._left = owner, items, users, clock, left
        self._written = self._unchanged = 0
        self._refusals: list[Refusal] = []

    def worked(self, before: Import, lines: Iterator[Wanted | Refusal]) -> Import:
        """Write lines until it is time for a note, and give the account. Raises _Ended."""
        user = self._users.get(self._owner)
        if user is None or user.disabled:
            raise _Ended(Text("its user may no longer come in"))
        began = self._clock()
        try:
            for line in islice(lines, STRETCH):
                self._take(line, user)
                if self._clock() - began >= NOTED_EVERY_MS or self._left() <= RESERVE_MS:
                    break
        except Invalid as error:  # the file was changed since it was counted
            raise _Ended(_of_file(error)) from None
        taken = self._written + self._unchanged + len(self._refusals)
        done = before.done + taken
        return replace(
            before,
            status="running" if taken and done < before.total else "done",
            done=done,
            written=before.written + self._written,
            unchanged=before.unchanged + self._unchanged,
            refused=before.refused + len(self._refusals),
            refusals=(*before.refusals, *self._refusals)[:KEPT_REFUSALS],
        )

    def _take(self, line: Wanted | Refusal, user: User) -> None:
        if isinstance(line, Refusal):
            self._refusals.append(line)
            return
        try:
            outcome = write(user, line.ref, line.given, items=self._items, users=self._users, clock=self._clock)
        except Invalid as error:
            self._refusals.append(Refusal(line.line, error.field, error.reason))
        except (NotFound, Forbidden):
            self._refusals.append(Refusal(line.line, "id", "is an item that you may not change"))
        else:
            self._written += outcome.changed
            self._unchanged += not outcome.changed


def _of_file(error: Invalid) -> Text:
    return Text("the %(field)s %(why)s", field=Text(error.field), why=texts.ours(error.reason))


def _failed(made: Import, why: str, imports_: ImportStore, clock: Clock) -> Import | None:
    return _noted(replace(made, status="failed", reason=why), made, imports_, clock)


def _noted(after: Import, before: Import, imports_: ImportStore, clock: Clock) -> Import | None:
    noted = replace(after, changed_at=clock(), version=before.version + 1)
    return noted if imports_.write(noted, before) else None
