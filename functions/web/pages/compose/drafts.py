"""The composer: drafts that save themselves, the check before sending, and sending."""

from dataclasses import replace
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.compose.form import draft_of, parse_content, refusal_of, version_of
from functions.web.pages.items.items import named
from ocello.domain.common import ids
from ocello.domain.common.errors import NotQueued, OcelloError, TooMany, Unavailable
from ocello.domain.mail.compose import MAX_ATTACHMENTS
from ocello.domain.messages.message import MAX_MESSAGE_BYTES, MAX_RECIPIENTS, ItemRef
from ocello.services.drafts.composer import ComposerView, NewMail
from ocello.services.drafts.drafts import SendOutcome
from ocello.services.files.uploads import SLICE_BYTES

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
    http = request.http
    kind, mark, item = http.argument("item").partition(":")
    new = NewMail(http.argument("draft"), http.argument("reply"), http.argument("to"), (kind, item) if mark else None)
    view = request.context.composer_views.begin(request.authenticated.user, request.preferences.signature, new)
    return go(f"/app/drafts/{new.draft}") if view is None else _composer(request, view)


def drafts(request: PageRequest) -> Answer:
    """List drafts; `done=discarded` means that `draft` was discarded just now and can be restored."""
    cursor = request.http.argument("cursor") or None
    view = request.context.composer_views.page(request.authenticated.user, _DRAFTS, cursor)
    gone = request.http.argument("draft") if request.http.argument("done") == "discarded" else ""
    return request.page(
        "compose/drafts.html", drafts=view.drafts, to=view.people, next=view.next, gone=gone if ids.is_id(gone) else ""
    )


def resume(request: PageRequest) -> Answer:
    """Show the composer with a draft."""
    return _composer(request, request.context.composer_views.read(request.authenticated.user, request.params["draft"]))


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
        people=view.people,
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
    return answer_of(request, outcome)


def answer_of(request: PageRequest, outcome: SendOutcome) -> Answer:
    """Return the page after sending: the conversation, or the composer, which says why nothing was sent."""
    if outcome.message is not None:
        conversation = outcome.message.message.conversation_id
        return go(f"/app/conversations/{conversation}?done=sent&draft={outcome.draft.id}")
    error = outcome.refusal
    status = _REFUSED.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    view = request.context.composer_views.view(request.authenticated.user, outcome.draft)
    answer = _composer(request, view, refusal_of(request, error) if error else "", status)
    return replace(answer, headers={"Retry-After": str(error.seconds)}) if isinstance(error, TooMany) else answer


def _composer(
    request: PageRequest, view: ComposerView, refused: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Answer:
    refs = [ItemRef(kind, identifier) for kind, identifier in view.draft.content.items]
    lost_image = [request.say("an image in the text")] if view.missing.image else []
    body = request.part(
        "compose/compose.html",
        draft=view.draft,
        content=view.draft.content,
        settings=view.settings,
        senders=view.senders,
        refused=refused,
        titles=named(request, refs, view.titles),
        gone=[*view.missing.attachments, *lost_image],
        limits={"file": MAX_MESSAGE_BYTES, "files": MAX_ATTACHMENTS, "slice": SLICE_BYTES, "people": MAX_RECIPIENTS},
    )
    return Answer(body, status)
