"""A mail's attachments, read from its untouched original: so mails of any age show them, tracked or not."""

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import parse_number
from ocello.domain.mail.attachments import content_disposition

_HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_DIGITS = 4  # of a number; no mail has that many parts


def show(request: PageRequest) -> Answer:
    """List a mail's attachments, as a part of its conversation, or as a whole page if no script asks."""
    stored = request.context.mail_reader.read(request.authenticated.user, request.params["message"])
    template = "mail/part/attachments.html" if request.http.by_htmx else "mail/attachments.html"
    files = request.context.stored_mail.attachments(stored.message.id)
    return request.page(template, files=files, message=stored.message.id, subject=stored.message.subject)


def fetch(request: PageRequest) -> Answer:
    """Return one attachment as a file; for a large one, redirect to the bucket, where it is kept for a while."""
    stored = request.context.mail_reader.read(request.authenticated.user, request.params["message"])
    file = request.context.stored_mail.attachment(
        stored.message.id, parse_number(request.params["number"], _DIGITS) or 0
    )
    if file.content is None:
        return go(file.address)
    headers = {**_HARMLESS, "Content-Disposition": content_disposition(file.name)}
    return Answer(file.content, content_type=file.type, headers=headers)
