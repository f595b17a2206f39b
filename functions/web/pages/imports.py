"""Bulk imports of items and of consent: a form for a file, the progress while an import runs, and its refused lines."""

import csv
import io
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from ocello.domain.common.errors import Invalid, NotFound
from ocello.domain.imports.imports import (
    FORMATS,
    KEPT_REFUSALS,
    MAX_LINES,
    Import,
    ImportKind,
    Refusal,
    format_in,
    format_of,
)
from ocello.domain.messages.message import MAX_REQUEST_BYTES

_RECENT = 20
_RUNNING = ("queued", "running")
_ITEMS = (
    ("type", "id", "title", "owner", "visibility", "group", "person", "organization", "addresses"),
    ("organization", "acme", "Acme S.p.A.", "", "company", "", "", "", ""),
    ("person", "maria", "Maria Rossi", "", "company", "", "", "acme", "maria@acme.example m.rossi@acme.example"),
    ("deal", "1042", "New press for Acme", "", "company", "", "maria", "acme", ""),
    ("lead", "17", "Line 3, first talk", "", "owner", "", "maria", "acme", ""),
)
_CONSENTS = (
    ("address", "opens", "links", "at", "source", "notice"),
    (
        "maria@acme.example",
        "granted",
        "granted",
        "2026-01-31T09:30:00Z",
        "form on paper, fair in Milan",
        "Yes, you may see whether I open your mail and which links I follow.",
    ),
    (
        "rossi@acme.example",
        "granted",
        "refused",
        "2026-02-03T16:05:00+01:00",
        "newsletter tool, export of 2026-03-01",
        "You may see whether I open your mail, but not which links I follow.",
    ),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that begins so as a formula


class _Place(NamedTuple):
    """The pages of one kind of import: where they are, their template, and the sample to begin with."""

    kind: ImportKind
    address: str
    template: str
    sample: tuple[tuple[str, ...], ...]


_PLACES = (
    _Place("items", "/app/items/import", "imports/items.html", _ITEMS),
    _Place("consents", "/app/consents/import", "imports/consents.html", _CONSENTS),
)


def _place(request: PageRequest) -> _Place:
    return next(place for place in _PLACES if request.http.path.startswith(place.address))


def show(request: PageRequest) -> Answer:
    """Show the form to choose a file, and the latest imports."""
    return _page(request)


def _page(request: PageRequest, wrong: Invalid | None = None) -> Answer:
    cursor = request.http.argument("cursor") or None
    recent = request.context.bulk_imports.page(request.authenticated.user, _RECENT, cursor)
    place = _place(request)
    body = request.part(
        place.template,
        place=place.address,
        places={each.kind: each.address for each in _PLACES},
        recent=recent.items,
        next=recent.next,
        formats=FORMATS,
        wrong=wrong.field if wrong else "",
        reason=request.say(wrong.reason) if wrong else "",
        most=MAX_REQUEST_BYTES,
        lines=MAX_LINES,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def take(request: PageRequest) -> Answer:
    """Start the import of a file."""
    form, place = request.http.form(), _place(request)
    file = form.files.get("file")
    if file is None or not file.content:
        return _page(request, Invalid("file", "choose a file that is not empty"))
    try:
        form_of_file = format_of(form.one("format")) if form.one("format") else format_in(file.name)
    except Invalid as error:
        return _page(request, error)
    made = request.context.bulk_imports.begin(request.authenticated.user, place.kind, form_of_file, file.content, None)
    return go(f"{place.address}/{made.id}")


def read(request: PageRequest) -> Answer:
    """Show one import: its progress, and the refused lines."""
    return request.page("imports/import.html", **_about(request))


def progress(request: PageRequest) -> Answer:
    """Show an import's progress to the page, which asks again until the import is over; then the report is included."""
    return Answer(request.part("imports/part/progress.html", apart=True, **_about(request)))


def refused(request: PageRequest) -> Answer:
    """Return the refused lines as a CSV."""
    made = _found(request)
    rows = [(str(line), field, reason) for line, field, reason in _refusals(request, made)]
    return _table(request, f"refused-{made.id}.csv", [("line", "field", "reason"), *rows])


def sample(request: PageRequest) -> Answer:
    """Return a CSV file as an example."""
    return _table(request, "sample.csv", _place(request).sample)


def _found(request: PageRequest) -> Import:
    made = request.context.bulk_imports.read(request.authenticated.user, request.params["import"])
    if made.kind != _place(request).kind:
        raise NotFound("no such import")
    return made


def _about(request: PageRequest) -> dict[str, object]:
    """Return what is shown of an import. Its reasons may quote the file, so a template must not translate them again."""
    made = _found(request)
    return {
        "made": made,
        "place": _place(request).address,
        "running": made.status in _RUNNING,
        "kept": KEPT_REFUSALS,
        "why": request.say(made.reason),
        "refusals": _refusals(request, made),
    }


def _refusals(request: PageRequest, made: Import) -> list[Refusal]:
    return [refusal._replace(reason=request.say(refusal.reason)) for refusal in made.refusals]


def _table(request: PageRequest, name: str, rows: Iterable[Sequence[str]]) -> Answer:
    """Return a CSV file for the user's spreadsheet: with a byte order mark, and `;` if numbers are written with a comma."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";" if request.lang == "it" else ",")
    writer.writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(made.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)
