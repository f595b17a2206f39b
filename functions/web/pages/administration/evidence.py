"""What was recorded of one mail, for administrators: networks instead of addresses, and nothing of the mail itself."""

from dataclasses import replace
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common.errors import NotFound


def show(request: PageRequest) -> Answer:
    """Ask for a mail, and show what was recorded of it."""
    message = request.http.argument("message").strip()
    page, unknown = None, False
    if message:
        try:
            page = request.context.recorded_mail.page(message, request.http.argument("cursor") or None)
        except NotFound:
            unknown = True
    answer = request.page("administration/evidence.html", message=message, page=page, unknown=unknown)
    return replace(answer, status=HTTPStatus.NOT_FOUND) if unknown else answer
