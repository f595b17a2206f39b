"""Collects the routes in Powertools' resolver, and answers every error with our problem documents."""

import functools
import importlib
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from functions.api import bodies, problems
from functions.api.access import ROUTES, Access
from ocello.adapters.metrics import write_unexpected
from ocello.domain.common.errors import NotFound


@functools.cache
def resolver() -> APIGatewayHttpResolver:
    """Return the resolver, made once for each process, without routes: `answering` adds them.

    It imports pydantic, which only a request that passed authentication needs.
    """
    app = APIGatewayHttpResolver(
        debug=False,
        enable_validation=True,
        response_validation_error_http_code=500,
        json_body_deserializer=bodies.parse,
    )
    app.exception_handler_manager.update_exception_handlers(
        {
            NotFoundError: lambda _error: _response(problems.answer_to(NotFound("there is nothing at this address"))),
            RequestValidationError: lambda error: _response(problems.validation_problem(error.errors())),
            **dict.fromkeys(problems.KNOWN, lambda error: _response(problems.answer_to(error))),
            Exception: lambda error: _failed(error, app.context["now"]),
        }
    )
    return app


@functools.cache
def _include(module: str) -> None:
    resolver().include_router(importlib.import_module(f"functions.api.routes.{module}").router)


def answering(route: Access) -> APIGatewayHttpResolver:
    """Return the resolver with the routes of a route's module, which is imported when first needed: few requests need two."""
    _include(route.module)
    return resolver()


def with_all() -> APIGatewayHttpResolver:
    """Return the resolver with all routes, for the API's description."""
    for route in ROUTES:
        _include(route.module)
    return resolver()


@functools.cache
def parameters_of(wanted: Access) -> frozenset[str]:
    """Return the names of a route's query parameters."""
    app = answering(wanted)
    routes = (*app._static_routes, *app._dynamic_routes)  # noqa: SLF001 — the library has no public list of them
    route = next(each for each in routes if each.path == wanted.template and each.method == wanted.method)
    return frozenset(parameter.alias for parameter in route.dependant.query_params)


def _failed(error: Exception, now: int) -> Response[Any]:
    """Log where an unexpected error was raised, and its class."""
    write_unexpected(error, now)
    return _response(problems.answer_to(error))


def _response(answer: dict[str, Any]) -> Response[Any]:
    headers = dict(answer["headers"])
    content_type = cast("str", headers.pop("Content-Type"))
    return Response(answer["statusCode"], content_type, answer["body"], headers)
