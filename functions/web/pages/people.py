"""People to write to: offered while a recipient is typed, and named where only their address is known."""

import json

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.mail.addresses import typed
from ocello.services.inbox.contacts import complete, names

_OFFERED = 8
_NAMED = 60


def options(asked: PageRequest) -> Answer:
    """Offer people, as the options of a list box."""
    text = asked.request.asked("find").strip()[:200]
    found = complete(asked.visit.user, text, _OFFERED, asked.house.post.items, asked.house.contacts)
    people = [(each, typed(each)) for each in found]
    return Answer(asked.part("part/people.html", people=people, field=asked.request.asked("field")))


def known(asked: PageRequest) -> Answer:
    """Name the persons at addresses, as JSON: address → name."""
    addresses = [value for key, value in asked.request.query if key == "of"][:_NAMED]
    found = names(asked.visit.user, addresses, asked.house.post.items)
    return Answer(json.dumps(found), content_type="application/json")
