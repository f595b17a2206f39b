"""The audit trail, for administrators, and for each person what administrators changed of that person's items."""

from typing import NamedTuple

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import TIME_DIGITS, number_in
from functions.web.rendering import labels
from ocello.domain.common.texts import Text
from ocello.domain.people.audit import KEEP_DAYS, AuditEntry

_ENTRIES = 50
_WITH_WORDS = (
    "item.visibility",
    "item.deleted",
    "mail.visibility",
    "user.administrator",
    "workspace.opens",
    "workspace.links",
    "workspace.footers",
)


class Shown(NamedTuple):
    """An entry, with the states before and after in the reader's language."""

    entry: AuditEntry
    before: str
    after: str


def trail(request: PageRequest) -> Answer:
    """Show the audit trail, newest first."""
    page = request.context.trail.page(_ENTRIES, request.http.argument("cursor") or None)
    shown = [_shown(request, entry) for entry in page.items]
    return request.page("administration/audit.html", entries=shown, next=page.next, kept=KEEP_DAYS)


def notices(request: PageRequest) -> Answer:
    """Show a person what administrators changed of their items, newest first."""
    found = request.context.trail.notices(request.user, _ENTRIES)
    return request.page("administration/notices.html", entries=[_shown(request, entry) for entry in found])


def seen(request: PageRequest) -> Answer:
    """Record that a person has seen what the page showed."""
    up_to = number_in("up_to", request.http.form().one("up_to"), TIME_DIGITS)
    request.context.user_administration.mark_notices_seen(request.authenticated.user, up_to)
    return go("/app/notices")


def _shown(request: PageRequest, entry: AuditEntry) -> Shown:
    if entry.action not in _WITH_WORDS:
        return Shown(entry, entry.before, entry.after)
    return Shown(entry, _said(request, entry.before), _said(request, entry.after))


def _said(request: PageRequest, text: str) -> str:
    """Return the words for what an entry stores, such as `group sales, owner rep@example.test`."""
    seen_by, _, owner = text.partition(", owner ")
    kind, _, who = seen_by.partition(" ")
    if kind == "owner":
        words = request.say(Text("only %(who)s", who=who))
    elif kind == "group":
        words = request.say(Text("the group %(who)s", who=who))
    else:
        words = request.say(labels.AUDIT_VALUES.get(seen_by, seen_by))
    return f"{words} ({request.say(Text('owner: %(who)s', who=owner))})" if owner else words
