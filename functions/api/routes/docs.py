"""The API's own description, and a page to try it; both public, and neither asks another host for anything."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import reference
from functions.api.context import description_in, new_router

_KEPT = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding"}  # what is compressed differs

router = new_router()


@router.get("/v1/openapi.json", include_in_schema=False)
def description() -> Response[Any]:
    """Return the OpenAPI document."""
    return Response(200, "application/json", description_in(router).text(), dict(_KEPT), compress=True)


@router.get("/v1/docs", include_in_schema=False)
def page() -> Response[Any]:
    """Return the page to try the API."""
    headers = {
        **_KEPT,
        "Content-Security-Policy": reference.policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return Response(200, "text/html; charset=utf-8", description_in(router).page(), headers, compress=True)
