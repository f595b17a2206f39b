"""What a route gets: who asks, and the use cases and ports to answer with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.api import access
from ocello.domain.people.users import Principal
from ocello.services.application import ApplicationContext

if TYPE_CHECKING:
    from ocello.services.engagement.rejudge import Rejudging
    from ocello.services.engagement.settle import Judge
    from ocello.services.people.suppressions import SuppressionEditor


@dataclass(frozen=True, kw_only=True)
class ApiContext(ApplicationContext):
    """The ports and use cases of the API."""

    judge: "Callable[[], Judge]"

    @property
    def rejudging(self) -> "Rejudging":
        """Return what judges messages anew."""
        from ocello.services.engagement.rejudge import Rejudging

        return Rejudging(self.sending.messages, self.judge())

    @property
    def suppression_editor(self) -> "SuppressionEditor":
        """Return the use cases of reading and lifting suppressions."""
        from ocello.services.people.suppressions import SuppressionEditor

        return SuppressionEditor(self.suppressions, self.clock)


class ApiRequest(NamedTuple):
    """One request, as its route gets it."""

    principal: Principal
    ports: ApiContext
    body: bytes
    query: tuple[tuple[str, str], ...]
    media: str = ""  # of the body

    @property
    def user(self) -> str:
        """Return the id of the user who asks."""
        return self.principal.user.id

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a repeatable query parameter, not split at commas."""
        return tuple(value for key, value in self.query if key == name)


def new_router() -> Router:
    """Return a new router for a module of routes."""
    return Router()  # type: ignore[no-untyped-call]  # the library left this untyped


def declared[F: Callable[..., Any]](router: Router, operation: str, **description: Any) -> Callable[[F], F]:
    """Return a decorator that makes a function answer the route of `operation`, which `access` declares.

    `description` holds what the OpenAPI document says of the operation.
    """
    route = access.named(operation)
    return router.route(route.template, route.method, operation_id=operation, **description)


def request_in(router: Router) -> ApiRequest:
    """Return what the handler stored in the router's context for this request."""
    context: dict[str, Any] = router.context
    return cast("ApiRequest", context["request"])
