"""Bulk imports: of items, and of what people said of being tracked."""

import json
from typing import Any

from functions.api import bodies, schemas
from functions.api.context import ApiRequest, declared, new_router, request_in
from functions.api.routes.parameters import Cursor, ImportId, Limit
from ocello.domain.common.errors import Invalid
from ocello.domain.imports.imports import FORMATS, Format, ImportKind, format_of
from ocello.services.views.items import import_json, listed_import_json

router = new_router()

_FORMATS: dict[str, Format] = {bodies.CSV: "csv", bodies.JSONL: "jsonl"}
_FIELDS = "type, id, title, owner, visibility, group, person, organization, addresses, country"
_ITEMS_CSV = "type,id,title\ndeal,42,Bicycles for the town\n"
_CONSENTS_CSV = (
    "address,opens,links,at,source,notice\n"
    "buyer@customer.test,granted,granted,2026-01-31T09:30:00Z,fair in Milan,You may see whether I open your mail.\n"
)
_GOES_ON = (
    'Up to 4 MB in the request; or `{"upload": id, "format": "csv"}`, for a file uploaded before. The work goes on after '
    "the answer: ask for the import to see how far it is."
)


def _taking(example: str) -> dict[str, Any]:
    """Return how the document describes a body that is a file, or names one."""
    named: dict[str, Any] = {
        "type": "object",
        "required": ["upload", "format"],
        "additionalProperties": False,
        "properties": {"upload": {"type": "string"}, "format": {"type": "string", "enum": list(FORMATS)}},
    }
    content: dict[str, Any] = {
        bodies.CSV: {"schema": {"type": "string"}, "example": example},
        bodies.JSONL: {"schema": {"type": "string"}},
        bodies.JSON: {"schema": {"oneOf": [{"type": "array", "items": {"type": "object"}}, named]}},
    }
    return {"requestBody": {"required": True, "content": content}}


@declared(
    router,
    "importItems",
    summary="Import items in bulk",
    description="CSV with a head line, divided by commas, semicolons or tabs, a JSON array, or JSON lines, in UTF-8, up to "
    f"50,000 items, with the fields {_FIELDS}. {_GOES_ON}",
    status_code=202,
    response_description="Taken, to be worked through",
    openapi_extensions=_taking(_ITEMS_CSV),
    tags=["items"],
)
def import_items() -> schemas.Import:
    """Start an import of items."""
    return _begun("items")


@declared(
    router,
    "importConsents",
    summary="Import in bulk what people said of being tracked",
    description="CSV, JSON lines or a JSON array, as items are imported, with the fields `address`, `opens` and `links` (each "
    "`granted`, `refused`, `withdrawn` or left out; one is needed), `at` (RFC 3339 with its zone), `source` (where it comes "
    "from), `notice` (the text that was shown) and, if wished, `basis` (`consent`). A line is refused if a field is missing "
    "or wrong, or if the person refused themself; the others are written down all the same. The same file again adds "
    f"nothing. {_GOES_ON}",
    status_code=202,
    response_description="Taken, to be worked through",
    openapi_extensions=_taking(_CONSENTS_CSV),
    tags=["consents"],
)
def import_consents() -> schemas.Import:
    """Start an import of consent."""
    return _begun("consents")


def _begun(kind: ImportKind) -> schemas.Import:
    request = request_in(router)
    made = request.ports.bulk_imports.begin(request.principal.user, kind, *_file(request))
    return schemas.Import.model_validate(import_json(made))


@declared(
    router,
    "listImports",
    summary="List your imports, newest first",
    description="Those of the last thirty days, without the lines that they refused.",
    tags=["items"],
)
def page(limit: Limit = 50, cursor: Cursor = None) -> schemas.Imports:
    """Return a page of the user's own imports."""
    request = request_in(router)
    found = request.ports.bulk_imports.page(request.principal.user, limit, cursor)
    return schemas.Imports.model_validate(
        {"items": [listed_import_json(each) for each in found.items], "next": found.next}
    )


@declared(router, "readImport", summary="See how far an import is", tags=["items"])
def read(import_id: ImportId) -> schemas.Import:
    """Return one of the user's own imports."""
    request = request_in(router)
    return schemas.Import.model_validate(
        import_json(request.ports.bulk_imports.read(request.principal.user, import_id))
    )


def _file(request: ApiRequest) -> tuple[Format, bytes | None, str | None]:
    """Return what to import: the format, and the content or the upload that holds it. Raises Invalid or Malformed."""
    if request.media in _FORMATS:
        return _FORMATS[request.media], request.body, None
    text = bodies.decode(request.body)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise bodies.Malformed("the body is not JSON") from None
    if isinstance(found, list):
        if not all(isinstance(entry, dict) for entry in found):
            raise Invalid("body", "must be an array of objects")
        return "json", request.body, None
    if not isinstance(found, dict) or set(found) != {"upload", "format"}:
        raise Invalid("body", "must be an array of objects, or an object with `upload` and `format`")
    if not isinstance(found["upload"], str) or not isinstance(found["format"], str):
        raise Invalid("body", "must name `upload` and `format` as texts")
    return format_of(found["format"]), None, found["upload"]
