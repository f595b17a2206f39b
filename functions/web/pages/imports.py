"""Bulk imports: a file is taken, its progress is told while it runs, and what was refused is named."""

import csv
import io
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from ocello.domain.common.errors import Invalid
from ocello.domain.crm.imports import FORMATS, KEPT_REFUSALS, MAX_LINES, Import, Refusal, format_in, format_of
from ocello.domain.messages.message import MAX_REQUEST_BYTES
from ocello.services.items import imports

_RECENT = 20
_RUNNING = ("queued", "running")
_SAMPLE = (
    ("type", "id", "title", "owner", "visibility", "group", "person", "organization", "addresses"),
    ("organization", "acme", "Acme S.p.A.", "", "company", "", "", "", ""),
    ("person", "maria", "Maria Rossi", "", "company", "", "", "acme", "maria@acme.example m.rossi@acme.example"),
    ("deal", "1042", "New press for Acme", "", "company", "", "maria", "acme", ""),
    ("lead", "17", "Line 3, first talk", "", "owner", "", "maria", "acme", ""),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would act on what begins so


def show(asked: PageRequest) -> Answer:
    """Show the form to choose a file, and the imports of late."""
    return _page(asked)


def _page(asked: PageRequest, wrong: Invalid | None = None) -> Answer:
    recent = imports.page(asked.visit.user, _RECENT, asked.request.asked("cursor") or None, asked.house.imports)
    body = asked.part(
        "imports.html",
        recent=recent.items,
        next=recent.next,
        formats=FORMATS,
        wrong=wrong.field if wrong else "",
        reason=asked.say(wrong.reason) if wrong else "",
        most=MAX_REQUEST_BYTES,
        lines=MAX_LINES,
    )
    return Answer(body, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def take(asked: PageRequest) -> Answer:
    """Take a file to be imported."""
    form, house = asked.request.form(), asked.house
    file = form.files.get("file")
    if file is None or not file.content:
        return _page(asked, Invalid("file", "choose a file that is not empty"))
    try:
        kind = format_of(form.one("format")) if form.one("format") else format_in(file.name)
    except Invalid as error:
        return _page(asked, error)
    made = imports.begin(
        asked.visit.user,
        kind,
        file.content,
        None,
        mail=house.post.mail,
        imports_=house.imports,
        queue=house.import_queue,
        clock=house.clock,
        random_bytes=house.random_bytes,
    )
    return go(f"/app/items/import/{made.id}")


def read(asked: PageRequest) -> Answer:
    """Show one import: how far it is, and what was refused."""
    return asked.page("import.html", **_about(asked))


def progress(asked: PageRequest) -> Answer:
    """Show how far an import is, to the page that asks again until it is over; then the report comes with it."""
    return Answer(asked.part("part/import_progress.html", apart=True, **_about(asked)))


def refused(asked: PageRequest) -> Answer:
    """Return the refused lines as a CSV."""
    made = _found(asked)
    rows = [(str(line), field, reason) for line, field, reason in _refusals(asked, made)]
    return _table(asked, f"refused-{made.id}.csv", [("line", "field", "reason"), *rows])


def sample(asked: PageRequest) -> Answer:
    """Return a CSV to begin with."""
    return _table(asked, "sample.csv", _SAMPLE)


def _found(asked: PageRequest) -> Import:
    return imports.found(asked.visit.user, asked.params["import"], asked.house.imports)


def _about(asked: PageRequest) -> dict[str, object]:
    """Return what is shown of an import. Its reasons may quote the file, so a template must not translate them itself."""
    made = _found(asked)
    return {
        "made": made,
        "running": made.status in _RUNNING,
        "kept": KEPT_REFUSALS,
        "why": asked.say(made.reason),
        "refusals": _refusals(asked, made),
    }


def _refusals(asked: PageRequest, made: Import) -> list[Refusal]:
    return [refusal._replace(reason=asked.say(refusal.reason)) for refusal in made.refusals]


def _table(asked: PageRequest, name: str, rows: Iterable[Sequence[str]]) -> Answer:
    """Write a CSV as the asker's spreadsheet opens it: with a mark of UTF-8, and `;` where a comma is within numbers."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";" if asked.lang == "it" else ",")
    writer.writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(made.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)
