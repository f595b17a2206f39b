"""Bulk imports of items."""

import json
from typing import Any

from functions.api import bodies, schemas
from functions.api.context import ApiRequest, declared, new_router, request_in
from functions.api.routes.parameters import Cursor, ImportId, Limit
from ocello.domain.common.errors import Invalid
from ocello.domain.crm.imports import Format, format_of
from ocello.services.views.items import import_json, listed_import_json

router = new_router()

_FORMATS: dict[str, Format] = {bodies.CSV: "csv", bodies.JSONL: "jsonl"}
_FIELDS = "type, id, title, owner, visibility, group, person, organization, addresses, country"
_CONTENT: dict[str, Any] = {
    bodies.CSV: {"schema": {"type": "string"}, "example": "type,id,title\ndeal,42,Bicycles for the town\n"},
    bodies.JSONL: {"schema": {"type": "string"}},
    bodies.JSON: {
        "schema": {
            "oneOf": [
                {"type": "array", "items": {"type": "object"}},
                {
                    "type": "object",
                    "required": ["upload", "format"],
                    "additionalProperties": False,
                    "properties": {
                        "upload": {"type": "string"},
                        "format": {"type": "string", "enum": ["csv", "json", "jsonl"]},
                    },
                },
            ]
        }
    },
}


@declared(
    router,
    "importItems",
    summary="Import items in bulk",
    description="CSV with a head line, divided by commas, semicolons or tabs, a JSON array, or JSON lines, in UTF-8, up to "
    f"50,000 items, with the fields {_FIELDS}. "
    'Up to 4 MB in the request; or `{"upload": id, "format": "csv"}`, for a file uploaded before. The work goes on after '
    "the answer: ask for the import to see how far it is.",
    status_code=202,
    response_description="Taken, to be worked through",
    openapi_extensions={"requestBody": {"required": True, "content": _CONTENT}},
    tags=["items"],
)
def begin() -> schemas.Import:
    """Start an import of a file."""
    request = request_in(router)
    made = request.ports.item_imports.begin(request.principal.user, *_file(request))
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
    found = request.ports.item_imports.page(request.principal.user, limit, cursor)
    return schemas.Imports.model_validate(
        {"items": [listed_import_json(each) for each in found.items], "next": found.next}
    )


@declared(router, "readImport", summary="See how far an import is", tags=["items"])
def read(import_id: ImportId) -> schemas.Import:
    """Return one of the user's own imports."""
    request = request_in(router)
    return schemas.Import.model_validate(
        import_json(request.ports.item_imports.read(request.principal.user, import_id))
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
            raise Invalid("body", "must be an array of items, each an object")
        return "json", request.body, None
    if not isinstance(found, dict) or set(found) != {"upload", "format"}:
        raise Invalid("body", "must be an array of items, or an object with `upload` and `format`")
    if not isinstance(found["upload"], str) or not isinstance(found["format"], str):
        raise Invalid("body", "must name `upload` and `format` as texts")
    return format_of(found["format"]), None, found["upload"]
