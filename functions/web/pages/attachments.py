"""The files that went with a mail, read from its untouched original: so mails of any age show them, tracked or not."""

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.conversations import seen
from ocello.domain.common.errors import NotFound
from ocello.domain.mail import attachments, parts
from ocello.domain.mail.attachments import File
from ocello.services.sending.outgoing import attachment_name, original_name
from ocello.services.sending.track import INLINE_BYTES

_HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_DIGITS = 4  # of a number; no mail has so many parts


def show(request: PageRequest) -> Answer:
    """List a mail's attachments: as a part of its conversation, or as a page where no script asks."""
    stored = seen(request)
    raw = request.context.sending.mail.get(original_name(stored.message.id))
    template = "part/attachments.html" if request.http.by_htmx else "attachments.html"
    files = () if raw is None else attachments.listed(raw)
    return request.page(template, files=files, message=stored.message.id, subject=stored.message.subject)


def fetch(request: PageRequest) -> Answer:
    """Return one attachment as a file; a large one stands in the bucket for a while, and the answer leads there."""
    identifier = seen(request).message.id
    mail = request.context.sending.mail
    raw = mail.get(original_name(identifier))
    number, file = _named(request.params["number"], () if raw is None else attachments.listed(raw))
    if raw is None or file is None:
        raise NotFound("there is no such attachment")
    if file.size <= INLINE_BYTES:
        headers = {**_HARMLESS, "Content-Disposition": attachments.disposition(file.name)}
        return Answer(parts.content(raw, file.leaf), content_type=file.type, headers=headers)
    name = attachment_name(identifier, number)
    if mail.size(name) is None:
        mail.put(name, parts.content(raw, file.leaf), file.type)
    return go(mail.address_to_get(name, file.type, file.name))


def _named(text: str, files: tuple[File, ...]) -> tuple[int, File | None]:
    """Find the file that a number, counted from 1, names."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    return number, files[number - 1] if 1 <= number <= len(files) else None
