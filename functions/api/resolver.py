"""Puts the routes together under Powertools' resolver, with our problem documents for whatever goes wrong."""

import functools
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from functions.api import bodies, problems
from functions.api.routes import docs
from functions.api.routes.items import imports, items
from functions.api.routes.mail import alerts, messages, stats, suppressions, track, uploads
from functions.api.routes.people import accounts, audit, keys, sessions, settings
from functions.api.routes.people import users as users_
from ocello.adapters.metrics import write_unexpected
from ocello.domain.common.errors import NotFound

ROUTERS = (
    docs.router,
    messages.router,
    track.router,
    uploads.router,
    imports.router,
    items.router,
    settings.router,
    alerts.router,
    stats.router,
    keys.router,
    accounts.router,
    suppressions.router,
    users_.router,
    sessions.router,
    audit.router,
)


@functools.cache
def resolver() -> APIGatewayHttpResolver:
    """Make the resolver, once for the process: its middleware is built when a route is first asked."""
    app = APIGatewayHttpResolver(
        debug=False,
        enable_validation=True,
        response_validation_error_http_code=500,
        json_body_deserializer=bodies.parse,
    )
    for router in ROUTERS:
        app.include_router(router)

    app.exception_handler_manager.update_exception_handlers(
        {
            NotFoundError: lambda _error: _response(problems.answer_to(NotFound("there is nothing at this address"))),
            RequestValidationError: lambda error: _response(problems.unfit(error.errors())),
            **dict.fromkeys(problems.KNOWN, lambda error: _response(problems.answer_to(error))),
            Exception: lambda error: _failed(error, app.context["now"]),
        }
    )
    return app


@functools.cache
def parameters_of(method: str, template: str) -> frozenset[str]:
    """Name the query parameters of a route."""
    app = resolver()
    routes = (*app._static_routes, *app._dynamic_routes)  # noqa: SLF001 — the library has no other list of them
    route = next(each for each in routes if each.path == template and each.method == method)
    return frozenset(parameter.alias for parameter in route.dependant.query_params)


def _failed(error: Exception, now: int) -> Response[Any]:
    """Log where an unexpected error arose, and of what kind."""
    write_unexpected(error, now)
    return _response(problems.answer_to(error))


def _response(answer: dict[str, Any]) -> Response[Any]:
    headers = dict(answer["headers"])
    content_type = cast("str", headers.pop("Content-Type"))
    return Response(answer["statusCode"], content_type, answer["body"], headers)
