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
from ocello.services.sending.precheck import forecast
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


def write(asked: PageRequest) -> Answer:
    """Show an empty composer, or one that follows up a mail that the asker sees.

    With `draft`, it is one that a browser has kept while the server never got it.
    """
    house = asked.house
    known = asked.request.asked("draft")
    if ids.is_id(known) and house.drafts.get(asked.user, known) is not None:
        return go(f"/app/drafts/{known}")
    settings = house.settings.read(asked.user)
    writing = DraftContent(
        html=signed("", asked.preferences.signature), opens=settings.track_opens, clicks=settings.track_clicks
    )
    kind, mark, identifier = asked.request.asked("item").partition(":")
    if mark:  # from an item's page, which may name a person's address too
        writing = replace(writing, to=_known(asked, asked.request.asked("to")), items=((kind, identifier),))
    if asked.request.asked("reply"):
        stored = seen(replace(asked, params={"message": asked.request.asked("reply")}))
        subject = stored.message.subject
        sender = stored.message.sender.address
        writing = replace(
            writing,
            to="\n".join(typed(each.mailbox) for each in stored.recipients if each.kind == "to"),  # so no Bcc
            subject=subject if _REPLY.match(subject) else f"Re: {subject}",
            in_reply_to=stored.message.message_id,
            visibility=stored.message.visibility,
            items=tuple((item.type, item.id) for item in stored.message.items),
            sender=sender if any(sender == each.address for each in senders(asked.visit.user, house.accounts)) else "",
        )
    fresh = KeptDraft(known if ids.is_id(known) else _new_id(asked), 0, 0, writing)
    return _composer(asked, fresh, settings)


def signed(html: str, signature: str) -> str:
    """Put a signature under a text: before what it quotes, where it quotes anything, else at its end."""
    if not signature:
        return html
    found = _QUOTED.search(html)
    place = found.start() if found else len(html)
    return f"{html[:place]}<div><br></div><div>-- <br>{signature}</div>{html[place:]}"


def drafts(asked: PageRequest) -> Answer:
    """List drafts; `done=discarded` says that `draft` was thrown away just now, and may be had back."""
    page = asked.house.drafts.page(asked.user, _DRAFTS, asked.request.asked("cursor") or None)
    gone = asked.request.asked("draft") if asked.request.asked("done") == "discarded" else ""
    to = {draft.id: _people(asked, draft.writing) for draft in page.items}
    return asked.page("drafts.html", drafts=page.items, to=to, next=page.next, gone=gone if ids.is_id(gone) else "")


def resume(asked: PageRequest) -> Answer:
    """Show the composer with a draft."""
    draft = asked.house.drafts.get(asked.user, asked.params["draft"])
    if draft is None:
        raise NotFound("there is no such draft")
    return _composer(asked, draft, asked.house.settings.read(asked.user))


def save(asked: PageRequest) -> Answer:
    """Save what was typed. What another window saved meanwhile is kept too, each as a draft of its own."""
    form = asked.request.form()
    before = version_of(form)
    writing = writing_of(asked, form)
    if before == 0 and _untouched(asked, writing):
        return Answer("", HTTPStatus.NO_CONTENT)
    now = asked.house.clock()
    draft = KeptDraft(asked.params["draft"], before + 1, now, writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    apart = had = gone = False
    if not asked.house.drafts.write(asked.user, draft, before or None):
        present = asked.house.drafts.get(asked.user, draft.id)
        if present is None or present.writing != writing:
            apart, gone = present is not None, present is None
            draft = KeptDraft(_new_id(asked), 1, now, writing)
            asked.house.drafts.write(asked.user, draft, None)
        else:
            draft, had = present, True
    return Answer(asked.part("part/saved.html", draft=draft, apart=apart, had=had, gone=gone))


def ready(asked: PageRequest) -> Answer:
    """Return whether a draft is still what its window last saved: only then is it sent from there. Raises Conflict."""
    version = version_of(asked.request.form())
    draft = asked.house.drafts.get(asked.user, asked.params["draft"])
    if (draft.version if draft else 0) != version:
        raise Conflict("this draft has been changed, sent or discarded in another window")
    return Answer("", HTTPStatus.NO_CONTENT)


def discard(asked: PageRequest) -> Answer:
    """Throw a draft away, as it stood in its window; for some minutes it can be had back."""
    house, identifier, form = asked.house, asked.params["draft"], asked.request.form()
    if not ids.is_id(identifier):
        raise NotFound("there is no such draft")
    kept = house.drafts.get(asked.user, identifier)
    writing = writing_of(asked, form) if form.has("html") else kept.writing if kept else DraftContent()
    if kept is None and _untouched(asked, writing):
        return go(f"/app/drafts?draft={identifier}")
    now = house.clock()
    draft = KeptDraft(identifier, kept.version + 1 if kept else 1, now, writing)
    house.drafts.discard(asked.user, draft, now + _UNDONE_MS)
    return go(f"/app/drafts?draft={identifier}&done=discarded")


def restore(asked: PageRequest) -> Answer:
    """Put a discarded draft back, and go on writing it."""
    identifier = asked.params["draft"]
    known = ids.is_id(identifier)
    if not known or asked.house.drafts.restore(asked.user, identifier, asked.house.clock()) is None:
        raise NotFound("this draft is no longer kept")
    return go(f"/app/drafts/{identifier}")


def _untouched(asked: PageRequest, writing: DraftContent) -> bool:
    """Return whether nothing was typed but what every new mail begins with, its signature."""
    begun = text_of(signed("", asked.preferences.signature))
    return writing.is_empty or (text_of(writing.html) == begun and replace(writing, html="").is_empty)


def _people(asked: PageRequest, writing: DraftContent) -> str:
    """Name those whom a draft is for, known persons by their names."""
    people = [_read(text) for text in addresses(writing.to)]
    known = names(asked.visit.user, [each.address for each in people if not each.name], asked.house.post.items)
    return ", ".join(each.name or known.get(each.address.lower(), each.address) for each in people)


def _read(text: str) -> Mailbox:
    """Read what was typed as a mailbox; what is none yet stands as it is."""
    try:
        return parse("to", text)
    except Invalid:
        return Mailbox(text)


def _known(asked: PageRequest, address: str) -> str:
    """Spell an address with the name of the person that the asker sees there."""
    name = names(asked.visit.user, [address], asked.house.post.items).get(address.lower(), "")
    return typed(Mailbox(address, name))


def check(asked: PageRequest) -> Answer:
    """Say what will be tracked and what not, before it is sent. With `quiet` nobody asked: nothing cries out."""
    writing = writing_of(asked, asked.request.form())
    settings = asked.house.settings.read(asked.user)
    found, refused, warnings = None, "", []
    try:
        found = forecast(draft_of(writing), asked.visit.user, asked.house.post)
        warnings = [asked.say(text) for text in found.warnings]
    except (Invalid, Conflict, TooLarge) as error:
        refused = words_of(asked, error)
    body = asked.part(
        "part/check.html",
        found=found,
        warnings=warnings,
        refused=refused,
        track=writing,
        known=names(asked.visit.user, (*found.groups, *found.private), asked.house.post.items) if found else {},
        settings=settings,
        quiet=asked.request.asked("quiet") == "1",
    )
    return Answer(body)


def dispatch(asked: PageRequest) -> Answer:
    """Send. What was typed is saved first, and forgotten only once the mail is stored and queued."""
    form = asked.request.form()
    version, writing = version_of(form), writing_of(asked, form)
    draft = KeptDraft(asked.params["draft"], version + 1, asked.house.clock(), writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    kept = asked.house.drafts.write(asked.user, draft, version or None)
    mail = draft_of(writing)
    try:
        asked.house.post.pace.take("send", asked.principal)
        # Keyed by its content: whatever became of an earlier press, the same mail of a draft is never sent twice.
        stored = send(mail, asked.visit.user, f"draft {draft.id} {request_digest(mail)}", asked.house.post)
    except (Invalid, Conflict, TooLarge, TooMany, Unavailable) as error:
        status = _REFUSED.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        shown = draft if kept else replace(draft, version=version)
        settings = asked.house.settings.read(asked.user)
        answer = _composer(asked, shown, settings, words_of(asked, error), status)
        return replace(answer, headers={"Retry-After": str(error.seconds)}) if isinstance(error, TooMany) else answer
    inbox.note(stored, asked.house.inbox)
    if kept:  # else another window has written something else into it since, which stays
        asked.house.drafts.delete(asked.user, draft.id)
    return go(f"/app/conversations/{stored.message.conversation_id}?done=sent&draft={draft.id}")


def _composer(
    asked: PageRequest,
    draft: KeptDraft,
    settings: TrackingSettings,
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    catch_up(asked.visit.user, asked.house.post.messages, asked.house.contacts)
    body = asked.part(
        "compose.html",
        draft=draft,
        writing=draft.writing,
        settings=settings,
        senders=[account.address for account in senders(asked.visit.user, asked.house.accounts)],
        refused=refused,
        titles=titles(asked, [ItemRef(kind, identifier) for kind, identifier in draft.writing.items]),
        gone=_gone(asked, draft.writing),
        limits={"file": MAX_MESSAGE_BYTES, "files": MAX_ATTACHMENTS, "slice": SLICE_BYTES, "people": MAX_RECIPIENTS},
    )
    return Answer(body, status)


def _gone(asked: PageRequest, writing: DraftContent) -> list[str]:
    """Name the files and images of a draft that are no longer kept: it was left for longer than uploads are."""
    mail = asked.house.post.mail
    files = [each.filename for each in writing.attachments if mail.size(upload_name(asked.user, each.upload)) is None]
    lost = any(picture(asked.user, identifier, mail) is None for identifier in shown_images(writing.html))
    return [*files, asked.say("an image in the text")] if lost else files


def _new_id(asked: PageRequest) -> str:
    return ids.uuid7(asked.house.clock(), asked.house.random_bytes(10))
