"""A mail's attachments, read from its untouched original: so mails of any age show them, tracked or not."""

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import parse_number
from ocello.domain.mail.attachments import content_disposition

_HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_DIGITS = 4  # of a number; no mail has that many parts


def show(request: PageRequest) -> Answer:
    """List a mail's attachments, as a part of its conversation, or as a whole page if no script asks."""
    found = request.context.stored_mail.attachments(request.authenticated.user, request.params["message"])
    template = "mail/part/attachments.html" if request.http.by_htmx else "mail/attachments.html"
    return request.page(template, files=found.files, message=found.message.id, subject=found.message.subject)


def fetch(request: PageRequest) -> Answer:
    """Return one attachment as a file; for a large one, redirect to the bucket, where it is kept for a while."""
    number = parse_number(request.params["number"], _DIGITS) or 0
    file = request.context.stored_mail.attachment(request.authenticated.user, request.params["message"], number)
    if file.content is None:
        return go(file.address)
    headers = {**_HARMLESS, "Content-Disposition": content_disposition(file.name)}
    return Answer(file.content, content_type=file.type, headers=headers)
