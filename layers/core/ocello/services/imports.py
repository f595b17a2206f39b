"""Imports items in bulk: takes a file, and works through it a stretch at a time, keeping account."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ocello.domain import ids, imports, texts
from ocello.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.imports import KEPT_REFUSALS, Format, Import, Refusal, Wanted
from ocello.domain.messages import MAX_MESSAGE_BYTES
from ocello.domain.people import User
from ocello.domain.texts import Text
from ocello.services.change_items import write
from ocello.services.outgoing import upload_name
from ocello.services.ports import Chance, Clock, MailStore, Page, UserStore
from ocello.services.ports_items import ImportQueue, ImportStore, ItemStore

STRETCH = 400  # lines, some tens of seconds, between two notes of progress


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
    chance: Chance,
) -> Import:
    """Take `content`, or an `upload` of the user's that has arrived, to be imported soon. Raises Invalid, Unavailable."""
    now = clock()
    identifier = ids.uuid7(now, chance(10))
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
    """Give an import of the user's own. Raises NotFound."""
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
) -> Import | None:
    """Work through the next stretch of an import, and queue the rest; None where there is nothing to do.

    The whole file is read before the first line is written: one of another kind writes nothing.
    Safe to repeat and to run twice at once: writing a line again changes nothing, and one account of a stretch is kept.
    Raises Unavailable.
    """
    before = imports_.get(owner, identifier)
    if before is None or before.status in ("done", "failed"):
        return None
    user = users.get(owner)
    if user is None or user.disabled:
        return _noted(
            replace(before, status="failed", reason=Text("its user may no longer come in")), before, imports_, clock
        )
    content = mail.get(upload_name(owner, before.upload))
    if content is None or len(content) > MAX_MESSAGE_BYTES:
        large = Text("its file has more than %(most)s bytes", most=MAX_MESSAGE_BYTES)
        why = Text("its file is no longer kept") if content is None else large
        return _noted(replace(before, status="failed", reason=why), before, imports_, clock)
    try:
        total = before.total or sum(1 for _ in imports.read(content, before.format))
        stretch = list(islice(imports.read(content, before.format), before.done, before.done + STRETCH))
    except Invalid as error:
        why = Text("the %(field)s %(why)s", field=Text(error.field), why=texts.ours(error.reason))
        return _noted(replace(before, status="failed", reason=why), before, imports_, clock)
    after = _worked(replace(before, total=total), iter(stretch), user, items, users, clock)
    after = replace(after, status="running" if after.done < total else "done")
    noted = _noted(after, before, imports_, clock)
    if noted is not None and noted.status == "running":
        queue.enqueue(owner, identifier)
    return noted


def _worked(
    before: Import, stretch: Iterator[Wanted | Refusal], user: User, items: ItemStore, users: UserStore, clock: Clock
) -> Import:
    """Write the lines of a stretch, and count what became of them."""
    written, unchanged, refusals = 0, 0, []
    for line in stretch:
        if isinstance(line, Refusal):
            refusals.append(line)
            continue
        try:
            outcome = write(user, line.ref, line.given, items=items, users=users, clock=clock)
        except Invalid as error:
            refusals.append(Refusal(line.line, error.field, error.reason))
        except (NotFound, Forbidden):
            refusals.append(Refusal(line.line, "id", "is an item that you may not change"))
        else:
            written, unchanged = written + outcome.changed, unchanged + (not outcome.changed)
    return replace(
        before,
        done=before.done + written + unchanged + len(refusals),
        written=before.written + written,
        unchanged=before.unchanged + unchanged,
        refused=before.refused + len(refusals),
        refusals=(*before.refusals, *refusals)[:KEPT_REFUSALS],
    )


def _noted(after: Import, before: Import, imports_: ImportStore, clock: Clock) -> Import | None:
    noted = replace(after, changed_at=clock(), version=before.version + 1)
    return noted if imports_.write(noted, before) else None
