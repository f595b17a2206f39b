"""Writing a mail: drafts that save themselves, the check before sending, and sending."""

import re
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from functions.web.house import Asked
from functions.web.http import Answer, Form, go
from functions.web.pages.conversations import seen
from functions.web.pages.items import titles
from functions.web.pages.written import clean, embedded
from functions.web.refusals import field_name
from ocello.domain import ids
from ocello.domain.bodies import text_of
from ocello.domain.compose import Draft, Enclosed, Track
from ocello.domain.drafts import LONGEST_BODY, LONGEST_FIELD, KeptDraft, Writing
from ocello.domain.errors import Conflict, Invalid, NotFound, OcelloError, TooLarge, Unavailable
from ocello.domain.messages import ItemRef
from ocello.domain.people import TrackingSettings
from ocello.domain.texts import Text
from ocello.services import inbox
from ocello.services.outgoing import upload_name
from ocello.services.precheck import forecast
from ocello.services.send import send

_REPLY = re.compile(r"(?i)^\s*re\s*:")
_DRAFTS = 50


def write(asked: Asked) -> Answer:
    """Show an empty composer, or one that follows up a mail that the asker sees."""
    house = asked.house
    settings = house.settings.read(asked.user)
    signature = asked.preferences.signature
    writing = Writing(
        html=f"<div><br></div><div>-- <br>{signature}</div>" if signature else "",
        opens=settings.track_opens,
        clicks=settings.track_clicks,
    )
    kind, mark, identifier = asked.request.asked("item").partition(":")
    if mark:  # from an item's page, which may name a person's address too
        writing = replace(writing, to=asked.request.asked("to"), items=((kind, identifier),))
    if asked.request.asked("reply"):
        stored = seen(replace(asked, params={"message": asked.request.asked("reply")}))
        subject = stored.message.subject
        to = "\n".join(str(each.mailbox) for each in stored.recipients if each.kind == "to")  # so no Bcc
        writing = replace(
            writing,
            to=to,
            subject=subject if _REPLY.match(subject) else f"Re: {subject}",
            in_reply_to=stored.message.message_id,
            visibility=stored.message.visibility,
            items=tuple((item.type, item.id) for item in stored.message.items),
        )
    fresh = KeptDraft(_new_id(asked), 0, 0, writing)
    return _composer(asked, fresh, settings)


def drafts(asked: Asked) -> Answer:
    """List drafts."""
    page = asked.house.drafts.page(asked.user, _DRAFTS, asked.request.asked("cursor") or None)
    return asked.page("drafts.html", drafts=page.items, next=page.next)


def resume(asked: Asked) -> Answer:
    """Show the composer with a draft."""
    draft = asked.house.drafts.get(asked.user, asked.params["draft"])
    if draft is None:
        raise NotFound("there is no such draft")
    return _composer(asked, draft, asked.house.settings.read(asked.user))


def save(asked: Asked) -> Answer:
    """Save what was typed. What another window saved meanwhile is kept too, each as a draft of its own."""
    form = asked.request.form()
    before = _version(form)
    writing = _writing(asked, form)
    if before == 0 and writing.is_empty:
        return Answer("", HTTPStatus.NO_CONTENT)
    now = asked.house.clock()
    draft = KeptDraft(asked.params["draft"], before + 1, now, writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    apart = False
    if not asked.house.drafts.write(asked.user, draft, before or None):
        present = asked.house.drafts.get(asked.user, draft.id)
        if present is None or present.writing != writing:
            apart = present is not None
            draft = KeptDraft(_new_id(asked), 1, now, writing)
            asked.house.drafts.write(asked.user, draft, None)
        else:
            draft = present
    return Answer(asked.part("part/saved.html", draft=draft, apart=apart))


def discard(asked: Asked) -> Answer:
    """Throw a draft away."""
    asked.house.drafts.delete(asked.user, asked.params["draft"])
    return go(f"/app/drafts?draft={quote(asked.params['draft'], safe='')}")


def check(asked: Asked) -> Answer:
    """Say what will be tracked and what not, before it is sent."""
    writing = _writing(asked, asked.request.form())
    try:
        found = forecast(_draft(writing), _track(writing), asked.visit.user, asked.house.post)
    except (Invalid, Conflict, TooLarge) as error:
        return Answer(asked.part("part/check.html", found=None, refused=_words(asked, error), track=None))
    return Answer(asked.part("part/check.html", found=found, refused="", track=_track(writing)))


def dispatch(asked: Asked) -> Answer:
    """Send. What was typed is saved first, and forgotten only once the mail is stored and queued."""
    form = asked.request.form()
    version, writing = _version(form), _writing(asked, form)
    draft = KeptDraft(asked.params["draft"], version + 1, asked.house.clock(), writing)
    if not ids.is_id(draft.id):
        raise NotFound("there is no such draft")
    kept = asked.house.drafts.write(asked.user, draft, version or None)
    try:
        whole = replace(_draft(writing), track=_track(writing))
        stored = send(whole, asked.visit.user, f"draft {draft.id} {version}", asked.house.post)
    except (Invalid, Conflict, TooLarge, Unavailable) as error:
        status = (
            HTTPStatus.UNPROCESSABLE_ENTITY if not isinstance(error, Unavailable) else HTTPStatus.SERVICE_UNAVAILABLE
        )
        shown = draft if kept else replace(draft, version=version)
        settings = asked.house.settings.read(asked.user)
        return _composer(asked, shown, settings, _words(asked, error), status)
    inbox.note(stored, asked.house.inbox)
    asked.house.drafts.delete(asked.user, draft.id)
    return go(f"/app/conversations/{stored.message.conversation_id}?done=sent&draft={draft.id}")


def upload(asked: Asked) -> Answer:
    """Take a file to be attached."""
    identifier = _new_id(asked)
    if not asked.request.body:
        raise Invalid("file", "is empty")
    asked.house.post.mail.put(upload_name(asked.user, identifier), asked.request.body, "application/octet-stream")
    filename = asked.request.asked("filename").replace("/", "_").replace("\\", "_")[:255] or "file"
    return Answer(asked.part("part/file.html", upload=identifier, filename=filename))


def _composer(
    asked: Asked,
    draft: KeptDraft,
    settings: TrackingSettings,
    refused: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    connected = [account for account in asked.house.accounts.of(asked.user) if account.verified]
    body = asked.part(
        "compose.html",
        draft=draft,
        writing=draft.writing,
        settings=settings,
        connected=connected,
        refused=refused,
        titles=titles(asked, [ItemRef(kind, identifier) for kind, identifier in draft.writing.items]),
    )
    return Answer(body, status)


def _version(form: Form) -> int:
    text = form.one("version", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Invalid("version", "must be a number")
    return int(text)


def _writing(asked: Asked, form: Form) -> Writing:
    """Read what was typed; tracking that settings switch off cannot be switched on by a form."""
    settings = asked.house.settings.read(asked.user)
    if len(form.one("html")) > LONGEST_BODY:
        raise Invalid("html", Text("may have at most %(most)s characters", most=LONGEST_BODY))
    for name in ("to", "cc", "bcc", "subject"):
        if len(form.one(name)) > LONGEST_FIELD:
            raise Invalid(name, Text("may have at most %(most)s characters", most=LONGEST_FIELD))
    files = tuple(zip(form.all("upload"), form.all("filename"), strict=False))
    return Writing(
        to=form.one("to"),
        cc=form.one("cc"),
        bcc=form.one("bcc"),
        subject=form.one("subject"),
        html=clean(form.one("html")),
        opens=form.has("opens") and settings.track_opens,
        clicks=form.has("clicks") and settings.track_clicks,
        visibility=form.one("visibility", "private"),
        items=tuple((kind, rest) for kind, mark, rest in (text.partition(":") for text in form.all("item")) if mark)[
            :40
        ],
        in_reply_to=form.one("in_reply_to"),
        attachments=files[:50],
    )


def _draft(writing: Writing) -> Draft:
    html, uploads = embedded(writing.html.strip())
    return Draft(
        to=addresses(writing.to),
        cc=addresses(writing.cc),
        bcc=addresses(writing.bcc),
        subject=re.sub(r"[\t\r\n]+", " ", writing.subject),
        html=f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{html}</body></html>\n',
        text=text_of(html),
        visibility=writing.visibility,
        items=tuple(ItemRef(kind, identifier) for kind, identifier in writing.items),
        in_reply_to=writing.in_reply_to or None,
        attachments=tuple(Enclosed(upload, filename) for upload, filename in writing.attachments),
        images=uploads,
    )


def addresses(text: str) -> tuple[str, ...]:
    """Split typed recipients at line ends, commas and semicolons, but not inside quotation marks or brackets."""
    found, piece, quoted, deep = [], "", False, False
    for char in text:
        quoted ^= char == '"'
        deep = (deep or char == "<") and char != ">"
        if char == "\n" or (char in ",;" and not quoted and not deep):
            found.append(piece)
            piece, quoted, deep = "", False, False
        else:
            piece += char
    return tuple(each.strip() for each in (*found, piece) if each.strip())


def _track(writing: Writing) -> Track:
    return Track(writing.opens, writing.clicks)


def _words(asked: Asked, error: OcelloError) -> str:
    """Say a refusal, naming an address as it was typed: `to[2]` is the third in To."""
    match = re.fullmatch(r"(to|cc|bcc)\[(\d+)\]", error.field) if isinstance(error, Invalid) else None
    if match is None:
        return asked.refusal(error)
    typed = addresses(asked.request.form().one(match[1]))[int(match[2]) :]
    name = field_name(asked.lang, match[1])
    return asked.refusal(error, {match[0]: f"{name} “{typed[0]}”" if typed else name})


def _new_id(asked: Asked) -> str:
    return ids.uuid7(asked.house.clock(), asked.house.chance(10))
