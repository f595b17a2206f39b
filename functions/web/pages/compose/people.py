"""Suggests recipients while a person types, and finds names by addresses."""

import json

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.mail.addresses import format_mailbox
from ocello.domain.messages.inbox import LONGEST_SEARCH

_OFFERED = 8
_NAMED = 60


def options(request: PageRequest) -> Answer:
    """Return suggested people as the options of a list box."""
    text = request.http.argument("find").strip()[:LONGEST_SEARCH]
    found = request.context.contact_book.complete(request.authenticated.user, text, _OFFERED)
    people = [(each, format_mailbox(each)) for each in found]
    return Answer(request.part("compose/part/people.html", people=people, field=request.http.argument("field")))


def known(request: PageRequest) -> Answer:
    """Return the names of persons by their addresses, as JSON: address → name."""
    addresses = [value for key, value in request.http.query if key == "of"][:_NAMED]
    found = request.context.contact_book.names(request.authenticated.user, addresses)
    return Answer(json.dumps(found), content_type="application/json")
