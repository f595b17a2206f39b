"""Parses the composer's form, as the content of a draft and as a mail that can be sent."""

import re

from functions.web.context import PageRequest
from functions.web.http import Form
from functions.web.numbers import number_in
from functions.web.rendering.composer_html import clean, embedded
from functions.web.rendering.refusals import field_name
from ocello.domain.common.errors import OcelloError
from ocello.domain.mail.addresses import split_typed
from ocello.domain.mail.bodies import html_to_text
from ocello.domain.mail.compose import MAX_ATTACHMENTS, MAX_FILENAME, Draft, Enclosed, Track
from ocello.domain.messages import drafts
from ocello.domain.messages.drafts import DraftContent, DraftFile
from ocello.domain.messages.message import ItemRef

_DIGITS = 12


def version_of(form: Form) -> int:
    """Return the version that a form was made from; 0 is a mail that was never saved. Raises Invalid."""
    return number_in("version", form.one("version", "0"), _DIGITS)


def parse_content(request: PageRequest, form: Form) -> DraftContent:
    """Return a form's content; a form cannot switch on tracking that the settings switch off. Raises Invalid."""
    drafts.check_lengths({name: form.one(name) for name in ("html", "to", "cc", "bcc", "subject", "except")})
    sizes = (*form.all("size"), *("0" for _ in form.all("upload")))
    files = zip(form.all("upload"), form.all("filename"), sizes, strict=False)
    parts = (text.partition(":") for text in form.all("item"))
    content = DraftContent(
        to=form.one("to"),
        cc=form.one("cc"),
        bcc=form.one("bcc"),
        subject=form.one("subject"),
        html=clean(form.one("html")),
        opens=form.has("opens"),
        clicks=form.has("clicks"),
        visibility=form.one("visibility", "private"),
        items=tuple((kind, rest) for kind, mark, rest in parts if mark)[: drafts.MOST_ITEMS],
        in_reply_to=form.one("in_reply_to"),
        attachments=tuple(
            DraftFile(upload, _filename(name), number_in("size", size, _DIGITS)) for upload, name, size in files
        )[:MAX_ATTACHMENTS],
        sender=form.one("from"),
        excepted=tuple(dict.fromkeys(each.strip() for each in form.one("except").splitlines() if each.strip())),
    )
    return request.context.draft_editor.within_settings(request.user, content)


def draft_of(content: DraftContent) -> Draft:
    """Return the content of a draft as a mail that can be sent."""
    html, uploads = embedded(content.html.strip())
    return Draft(
        to=split_typed(content.to),
        cc=split_typed(content.cc),
        bcc=split_typed(content.bcc),
        subject=re.sub(r"[\t\r\n]+", " ", content.subject),
        html=f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{html}</body></html>\n',
        text=html_to_text(html),
        track=Track(content.opens, content.clicks),
        visibility=content.visibility,
        items=tuple(ItemRef(kind, identifier) for kind, identifier in content.items),
        in_reply_to=content.in_reply_to or None,
        attachments=tuple(Enclosed(each.upload, each.filename) for each in content.attachments),
        images=uploads,
        sender=content.sender,
        excepted=content.excepted,
    )


def refusal_of(request: PageRequest, error: OcelloError) -> str:
    """Return why a mail was refused, with the address or file as it was typed: `to[2]` is the third in To."""
    match = re.fullmatch(r"(to|cc|bcc|attachments)\[(\d+)\](?:\.\w+)?", getattr(error, "field", ""))
    if match is None:
        return request.refusal(error)
    form = request.http.form()
    typed = form.all("filename") if match[1] == "attachments" else split_typed(form.one(match[1]))
    name, place = field_name(request.lang, match[1]), int(match[2])
    return request.refusal(error, {match[0]: f"{name} “{typed[place]}”" if place < len(typed) else name})


def _filename(name: str) -> str:
    return re.sub(r"[/\\]", "_", name)[:MAX_FILENAME] or "file"
