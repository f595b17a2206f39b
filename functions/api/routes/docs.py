"""The API's own description, and a page to try it. Both are public, and neither loads anything from another host."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import openapi, reference
from functions.api.context import declared, new_router

_KEPT = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding"}  # the bytes differ once they are compressed

router = new_router()


@declared(router, "readDescription", include_in_schema=False)
def description() -> Response[Any]:
    """Return the OpenAPI document."""
    return Response(200, "application/json", openapi.text(), dict(_KEPT), compress=True)


@declared(router, "showReference", include_in_schema=False)
def page() -> Response[Any]:
    """Return the page to try the API."""
    headers = {
        **_KEPT,
        "Content-Security-Policy": reference.policy(),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return Response(200, "text/html; charset=utf-8", openapi.page(), headers, compress=True)
