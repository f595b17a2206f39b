"""The composer: drafts that save themselves, the check before sending, and sending."""

from dataclasses import replace
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.compose.form import addresses, draft_of, parse_content, refusal_of, version_of
from functions.web.pages.compose.html import shown_images
from functions.web.pages.items.items import titles
from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid, NotQueued, OcelloError, TooMany, Unavailable
from ocello.domain.mail.addresses import format_mailbox, parse
from ocello.domain.mail.compose import MAX_ATTACHMENTS
from ocello.domain.messages.drafts import DraftContent, StoredDraft
from ocello.domain.messages.message import MAX_MESSAGE_BYTES, MAX_RECIPIENTS, ItemRef, Mailbox
from ocello.services.files.uploads import SLICE_BYTES
from ocello.services.sending.send import senders

_DRAFTS = 50
_REFUSED: dict[type[OcelloError | None], HTTPStatus] = {
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    NotQueued: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def write(request: PageRequest) -> Answer:
    """Show an empty composer, or a follow-up to a mail that the user sees.

    With `draft`, it is a draft that a browser kept and that was never saved here.
    """
    identifier = request.http.argument("draft")
    if request.context.draft_editor.find(request.user, identifier) is not None:
        return go(f"/app/drafts/{identifier}")
    reply = request.http.argument("reply")
    reply_to = request.context.mail_reader.read(request.authenticated.user, reply) if reply else None
    draft = request.context.draft_editor.begin(
        request.authenticated.user, identifier, request.preferences.signature, reply_to
    )
    kind, mark, item = request.http.argument("item").partition(":")
    if mark and reply_to is None:  # from an item's page; the address may name a person's address too
        to = _with_name(request, request.http.argument("to"))
        draft = replace(draft, content=replace(draft.content, to=to, items=((kind, item),)))
    return _composer(request, draft)


def drafts(request: PageRequest) -> Answer:
    """List drafts; `done=discarded` means that `draft` was discarded just now and can be restored."""
    page = request.context.draft_editor.page(request.user, _DRAFTS, request.http.argument("cursor") or None)
    gone = request.http.argument("draft") if request.http.argument("done") == "discarded" else ""
    to = {draft.id: _people(request, draft.content) for draft in page.items}
    return request.page(
        "compose/drafts.html", drafts=page.items, to=to, next=page.next, gone=gone if ids.is_id(gone) else ""
    )


def resume(request: PageRequest) -> Answer:
    """Show the composer with a draft."""
    return _composer(request, request.context.draft_editor.read(request.user, request.params["draft"]))


def save(request: PageRequest) -> Answer:
    """Save a draft. If another window saved something else meanwhile, that is kept as a draft of its own."""
    form = request.http.form()
    version, content = version_of(form), parse_content(request, form)
    signature = request.preferences.signature
    saved = request.context.draft_editor.save(request.user, request.params["draft"], version, content, signature)
    if saved.outcome == "untouched":
        return Answer("", HTTPStatus.NO_CONTENT)
    return Answer(request.part("compose/part/saved.html", draft=saved.draft, outcome=saved.outcome))


def ready(request: PageRequest) -> Answer:
    """Return whether a draft is still as its window last saved it; only then is it sent from there. Raises Conflict."""
    version = version_of(request.http.form())
    request.context.draft_editor.check_current(request.user, request.params["draft"], version)
    return Answer("", HTTPStatus.NO_CONTENT)


def discard(request: PageRequest) -> Answer:
    """Discard a draft as its window shows it; it can be restored for some minutes."""
    identifier, form = request.params["draft"], request.http.form()
    content = parse_content(request, form) if form.has("html") else None
    signature = request.preferences.signature
    discarded = request.context.draft_editor.discard(request.user, identifier, content, signature)
    return go(f"/app/drafts?draft={identifier}{'&done=discarded' if discarded else ''}")


def restore(request: PageRequest) -> Answer:
    """Restore a discarded draft, and show it in the composer."""
    identifier = request.params["draft"]
    request.context.draft_editor.restore(request.user, identifier)
    return go(f"/app/drafts/{identifier}")


def _people(request: PageRequest, content: DraftContent) -> str:
    """Return the names of a draft's recipients, or their addresses."""
    people = [_parse(text) for text in addresses(content.to)]
    unnamed = [each.address for each in people if not each.name]
    known = request.context.contact_book.names(request.authenticated.user, unnamed)
    return ", ".join(each.name or known.get(each.address.lower(), each.address) for each in people)


def _parse(text: str) -> Mailbox:
    """Return a typed recipient as a mailbox; a text that is not one yet stays as it is."""
    try:
        return parse("to", text)
    except Invalid:
        return Mailbox(text)


def _with_name(request: PageRequest, address: str) -> str:
    """Return an address with the name of the person at it, if the user sees one, as people type it."""
    name = request.context.contact_book.names(request.authenticated.user, [address]).get(address.lower(), "")
    return format_mailbox(Mailbox(address, name))


def check(request: PageRequest) -> Answer:
    """Show what will be tracked and what not, before the mail is sent.

    With `quiet` nobody asked for the check, so a screen reader does not announce it.
    """
    content = parse_content(request, request.http.form())
    view = request.context.check_views.read(request.authenticated.user, draft_of(content))
    body = request.part(
        "compose/part/check.html",
        found=view.found,
        wanted=content.opens or content.clicks,
        counted=view.counts,
        partly=view.partly,
        warnings=[request.say(text) for text in view.found.warnings] if view.found else [],
        forecasts=view.forecasts,
        refused=refusal_of(request, view.refusal) if view.refusal else "",
        track=content,
        known=view.names,
        settings=view.settings,
        quiet=request.http.argument("quiet") == "1",
    )
    return Answer(body)


def dispatch(request: PageRequest) -> Answer:
    """Send the mail. The draft is saved first, and deleted only once the mail is stored and queued."""
    form = request.http.form()
    version, content = version_of(form), parse_content(request, form)
    outcome = request.context.draft_editor.send(
        request.principal, request.params["draft"], version, content, draft_of(content)
    )
    if outcome.message is not None:
        conversation = outcome.message.message.conversation_id
        return go(f"/app/conversations/{conversation}?done=sent&draft={outcome.draft.id}")
    error = outcome.refusal
    status = _REFUSED.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    answer = _composer(request, outcome.draft, refusal_of(request, error) if error else "", status)
    return replace(answer, headers={"Retry-After": str(error.seconds)}) if isinstance(error, TooMany) else answer


def _composer(
    request: PageRequest, draft: StoredDraft, refused: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Answer:
    context = request.context
    context.contact_book.catch_up(request.authenticated.user)
    body = request.part(
        "compose/compose.html",
        draft=draft,
        content=draft.content,
        settings=context.settings.read(request.user),
        senders=[account.address for account in senders(request.authenticated.user, context.accounts)],
        refused=refused,
        titles=titles(request, [ItemRef(kind, identifier) for kind, identifier in draft.content.items]),
        gone=_gone(request, draft.content),
        limits={"file": MAX_MESSAGE_BYTES, "files": MAX_ATTACHMENTS, "slice": SLICE_BYTES, "people": MAX_RECIPIENTS},
    )
    return Answer(body, status)


def _gone(request: PageRequest, content: DraftContent) -> list[str]:
    """Return the names of a draft's files and images that are no longer stored: uploads expire earlier than drafts."""
    missing = request.context.draft_editor.missing_files(request.user, content, shown_images(content.html))
    return [*missing.attachments, *([request.say("an image in the text")] if missing.image else [])]
