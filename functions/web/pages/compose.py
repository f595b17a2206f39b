"""Writing a mail: drafts that save themselves, the check before sending, and sending."""

import re
from dataclasses import replace
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.composer_form import addresses, draft_of, version_of, words_of, writing_of
from functions.web.pages.composer_html import shown_images
from functions.web.pages.conversations import seen
from functions.web.pages.items import titles
from ocello.domain.common import ids
from ocello.domain.common.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotQueued,
    OcelloError,
    TooLarge,
    TooMany,
    Unavailable,
)
from ocello.domain.mail.addresses import parse, typed
from ocello.domain.mail.bodies import text_of
from ocello.domain.mail.compose import MAX_ATTACHMENTS
from ocello.domain.messages.drafts import DraftContent, KeptDraft
from ocello.domain.messages.message import MAX_MESSAGE_BYTES, MAX_RECIPIENTS, ItemRef, Mailbox
from ocello.domain.people.users import TrackingSettings
from ocello.services.inbox import inbox
from ocello.services.inbox.contacts import catch_up, names
from ocello.services.sending.outgoing import picture, upload_name
from ocello.services.sending.precheck import precheck
from ocello.services.sending.send import request_digest, send, senders
from ocello.services.sending.uploads import SLICE_BYTES

_REPLY = re.compile(r"(?i)^\s*re\s*:")
_QUOTED = re.compile(r"<blockquote\b")
_DRAFTS = 50
_UNDONE_MS = 600_000  # for so long a discarded draft can be had back
_REFUSED: dict[type[OcelloError], HTTPStatus] = {
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    NotQueued: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def write(request: PageRequest) -> Answer:
    """Show an empty composer, or one that follows up a mail that the asker sees.

    With `draft`, it is one that a browser has kept while the server never got it.
    """
    context = request.context
    known = request.http.argument("draft")
    if ids.is_id(known) and context.drafts.get(request.user, known) is not None:
        return go(f"/app/drafts/{known}")
    settings = context.settings.read(request.user)
    writing = DraftContent(
        html=signed("", request.preferences.signature), opens=settings.track_opens, clicks=settings.track_clicks
    )
    kind, mark, identifier = request.http.argument("item").partition(":")
    if mark:  # from an item's page, which may name a person's address too
        writing = replace(writing, to=_known(request, request.http.argument("to")), items=((kind, identifier),))
    if request.http.argument("reply"):
        stored = seen(replace(request, params={"message": request.http.argument("reply")}))
        subject = stored.message.subject
        sender = stored.message.sender.address
        writing = replace(
            writing,
            to="\n".join(typed(each.mailbox) for each in stored.recipients if each.kind == "to"),  # so no Bcc
            subject=subject if _REPLY.match(subject) else f"Re: {subject}",
            in_reply_to=stored.message.message_id,
            visibility=stored.message.visibility,
            items=tuple((item.type, item.id) for item in stored.message.items),
            sender=sender
            if any(sender == each.address for each in senders(request.authenticated.user, context.accounts))
            else "",
        )
    fresh = KeptDraft(known if ids.is_id(known) else _new_id(request), 0, 0, writing)
    return _composer(request, fresh, settings)


def signed(html: str, signature: str) -> str:
    """Put a signature under a text: before what it quotes, where it quotes anything, else at its end."""
    if not signature:
        return html
    found = _QUOTED.search(html)
    place = found.start() if found else len(html)
    return f"{html[:place]}<div><br></div><div>-- <br>{signature}</div>{html[place:]}"


def drafts(request: PageRequest) -> Answer:
    """List drafts; `done=discarded` says that `draft` was thrown away just now, and may be had back."""
    page = request.context.drafts.page(request.user, _DRAFTS, request.http.argument("cursor") or None)
    gone = request.http.argument("draft") if request.http.argument("done") == "discarded" else ""
    to = {draft.id: _people(request, draft.writing) for draft in page.items}
    return request.page("drafts.html", drafts=page.items, to=to, next=page.next, gone=gone if ids.is_id(gone) else "")


def resume(request: PageRequest) -> Answer:
    """Show the composer with a draft."""
    draft = request.context.drafts.get(request.user, request.params["draft"])
    if draft is None:
        raise NotFound("there is no such draft")
    return _composer(request, draft, request.context.settings.read(request.user))


def save(request: PageRequest) -> Answer:
    """Save what was typed. What another window saved meanwhile is kept too, each as a draft of its own."""
    form = request.http.form()
    before = version_of(form)
    writing = writing_of(request, form)
    if before == 0 and _untouched(request, writing):
        return Answer("", HTTPStatus.NO_CONTENT)
    now = request.context.clock()
    draft = KeptDraft(request.params["draft"], before + 1, now, writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    apart = had = gone = False
    if not request.context.drafts.write(request.user, draft, before or None):
        present = request.context.drafts.get(request.user, draft.id)
        if present is None or present.writing != writing:
            apart, gone = present is not None, present is None
            draft = KeptDraft(_new_id(request), 1, now, writing)
            request.context.drafts.write(request.user, draft, None)
        else:
            draft, had = present, True
    return Answer(request.part("part/saved.html", draft=draft, apart=apart, had=had, gone=gone))


def ready(request: PageRequest) -> Answer:
    """Return whether a draft is still what its window last saved: only then is it sent from there. Raises Conflict."""
    version = version_of(request.http.form())
    draft = request.context.drafts.get(request.user, request.params["draft"])
    if (draft.version if draft else 0) != version:
        raise Conflict("this draft has been changed, sent or discarded in another window")
    return Answer("", HTTPStatus.NO_CONTENT)


def discard(request: PageRequest) -> Answer:
    """Throw a draft away, as it stood in its window; for some minutes it can be had back."""
    context, identifier, form = request.context, request.params["draft"], request.http.form()
    if not ids.is_id(identifier):
        raise NotFound("there is no such draft")
    kept = context.drafts.get(request.user, identifier)
    writing = writing_of(request, form) if form.has("html") else kept.writing if kept else DraftContent()
    if kept is None and _untouched(request, writing):
        return go(f"/app/drafts?draft={identifier}")
    now = context.clock()
    draft = KeptDraft(identifier, kept.version + 1 if kept else 1, now, writing)
    context.drafts.discard(request.user, draft, now + _UNDONE_MS)
    return go(f"/app/drafts?draft={identifier}&done=discarded")


def restore(request: PageRequest) -> Answer:
    """Put a discarded draft back, and go on writing it."""
    identifier = request.params["draft"]
    known = ids.is_id(identifier)
    if not known or request.context.drafts.restore(request.user, identifier, request.context.clock()) is None:
        raise NotFound("this draft is no longer kept")
    return go(f"/app/drafts/{identifier}")


def _untouched(request: PageRequest, writing: DraftContent) -> bool:
    """Return whether nothing was typed but what every new mail begins with, its signature."""
    pending = text_of(signed("", request.preferences.signature))
    return writing.is_empty or (text_of(writing.html) == pending and replace(writing, html="").is_empty)


def _people(request: PageRequest, writing: DraftContent) -> str:
    """Name those whom a draft is for, known persons by their names."""
    people = [_read(text) for text in addresses(writing.to)]
    known = names(
        request.authenticated.user, [each.address for each in people if not each.name], request.context.sending.items
    )
    return ", ".join(each.name or known.get(each.address.lower(), each.address) for each in people)


def _read(text: str) -> Mailbox:
    """Read what was typed as a mailbox; what is none yet stands as it is."""
    try:
        return parse("to", text)
    except Invalid:
        return Mailbox(text)


def _known(request: PageRequest, address: str) -> str:
    """Spell an address with the name of the person that the asker sees there."""
    name = names(request.authenticated.user, [address], request.context.sending.items).get(address.lower(), "")
    return typed(Mailbox(address, name))


def check(request: PageRequest) -> Answer:
    """Say what will be tracked and what not, before it is sent. With `quiet` nobody asked: nothing cries out."""
    writing = writing_of(request, request.http.form())
    settings = request.context.settings.read(request.user)
    found, refused, warnings = None, "", []
    try:
        found = precheck(draft_of(writing), request.authenticated.user, request.context.sending)
        warnings = [request.say(text) for text in found.warnings]
    except (Invalid, Conflict, TooLarge) as error:
        refused = words_of(request, error)
    body = request.part(
        "part/check.html",
        found=found,
        warnings=warnings,
        refused=refused,
        track=writing,
        known=names(request.authenticated.user, (*found.groups, *found.private), request.context.sending.items)
        if found
        else {},
        settings=settings,
        quiet=request.http.argument("quiet") == "1",
    )
    return Answer(body)


def dispatch(request: PageRequest) -> Answer:
    """Send. What was typed is saved first, and forgotten only once the mail is stored and queued."""
    form = request.http.form()
    version, writing = version_of(form), writing_of(request, form)
    draft = KeptDraft(request.params["draft"], version + 1, request.context.clock(), writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    kept = request.context.drafts.write(request.user, draft, version or None)
    mail = draft_of(writing)
    try:
        request.context.sending.pace.take("send", request.principal)
        # Keyed by its content: whatever became of an earlier press, the same mail of a draft is never sent twice.
        stored = send(
            mail, request.authenticated.user, f"draft {draft.id} {request_digest(mail)}", request.context.sending
        )
    except (Invalid, Conflict, TooLarge, TooMany, Unavailable) as error:
        status = _REFUSED.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        shown = draft if kept else replace(draft, version=version)
        settings = request.context.settings.read(request.user)
        answer = _composer(request, shown, settings, words_of(request, error), status)
        return replace(answer, headers={"Retry-After": str(error.seconds)}) if isinstance(error, TooMany) else answer
    inbox.note(stored, request.context.inbox)
    if kept:  # else another window has written something else into it since, which stays
        request.context.drafts.delete(request.user, draft.id)
    return go(f"/app/conversations/{stored.message.conversation_id}?done=sent&draft={draft.id}")


def _composer(
    request: PageRequest,
    draft: KeptDraft,
    settings: TrackingSettings,
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    catch_up(request.authenticated.user, request.context.sending.messages, request.context.contacts)
    body = request.part(
        "compose.html",
        draft=draft,
        writing=draft.writing,
        settings=settings,
        senders=[account.address for account in senders(request.authenticated.user, request.context.accounts)],
        refused=refused,
        titles=titles(request, [ItemRef(kind, identifier) for kind, identifier in draft.writing.items]),
        gone=_gone(request, draft.writing),
        limits={"file": MAX_MESSAGE_BYTES, "files": MAX_ATTACHMENTS, "slice": SLICE_BYTES, "people": MAX_RECIPIENTS},
    )
    return Answer(body, status)


def _gone(request: PageRequest, writing: DraftContent) -> list[str]:
    """Name the files and images of a draft that are no longer kept: it was left for longer than uploads are."""
    mail = request.context.sending.mail
    files = [each.filename for each in writing.attachments if mail.size(upload_name(request.user, each.upload)) is None]
    lost = any(picture(request.user, identifier, mail) is None for identifier in shown_images(writing.html))
    return [*files, request.say("an image in the text")] if lost else files


def _new_id(request: PageRequest) -> str:
    return ids.uuid7(request.context.clock(), request.context.random_bytes(10))
