"""What proves how the stack deals with consent, for administrators: nothing is changed here."""

from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.common.errors import NotFound
from ocello.services.retention.evidence import PART

_DAYS = 50
_JSON, _LINES, _MARKDOWN = "application/json", "application/x-ndjson", "text/markdown; charset=utf-8"


def overview(request: PageRequest) -> Answer:
    """Show the ledger's heads, the rules and when each ruled, the texts, and where the rest is."""
    evidence = request.context.evidence
    found = evidence.overview()
    periods = evidence.periods(_cursor(request))
    parts = range(0, max(found.head.number, 1), PART)
    return request.page(
        "privacy/overview.html", found=found, periods=periods.items, next=periods.next, parts=parts, part=PART
    )


def counts(request: PageRequest) -> Answer:
    """Show how the copies of each day were tracked, newest first."""
    page = request.context.evidence.modes(_DAYS, _cursor(request))
    return request.page("privacy/counts.html", days=page.items, next=page.next)


def closings(request: PageRequest) -> Answer:
    """Show who said no, without names, and how long it took to write it down, newest first."""
    return request.page("privacy/closings.html", page=request.context.evidence.closings(_cursor(request)))


def ledger(request: PageRequest) -> Answer:
    """Hand over a part of the ledger as a file."""
    after = request.http.argument("after", "0")
    number, lines = request.context.evidence.ledger_part(after)
    return _file(f"ledger-{int(after) + 1}-{int(after) + number}.ndjson", lines, _LINES)


def head(_request: PageRequest) -> Answer:
    """Hand over the last signed head. Raises NotFound before the first night."""
    document = _request.context.evidence.signed_head()
    if document is None:
        raise NotFound("no head has been signed yet")
    return _file("head.json", document.decode(), _JSON)


def paper(request: PageRequest) -> Answer:
    """Hand over a draft of a paper. Raises NotFound."""
    name = request.params["paper"]
    drafts = request.context.papers
    if name not in drafts:
        raise NotFound("there is nothing at this address")
    return _file(name, drafts[name], _MARKDOWN)


def _cursor(request: PageRequest) -> str | None:
    return request.http.argument("cursor") or None


def _file(name: str, content: str, kind: str) -> Answer:
    return Answer(content, HTTPStatus.OK, kind, {"Content-Disposition": f'attachment; filename="{name}"'})
