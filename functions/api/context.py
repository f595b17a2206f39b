"""What a route is given: who asks, and the ports with which to answer."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from aws_lambda_powertools.event_handler.api_gateway import Router

from ocello.domain.people.users import Principal
from ocello.domain.verdicts.sources import Network
from ocello.services.accounts.passwords import Passwords
from ocello.services.accounts.ports import AccountStore
from ocello.services.alerts.ports import AlertPanel
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.engagement.ports import HitReader
from ocello.services.inbox.ports import Engagements, InboxStore
from ocello.services.items.ports import ImportQueue, ImportStore, LinkedMessages
from ocello.services.people.ports import ApiKeyStore, Directory, SettingsStore, Trail, UserStore
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import SuppressionList
from ocello.services.statistics.ports import DayStats, MessageDays


class ApiContext(NamedTuple):
    """All that the API needs of the world; `sending` is what sending needs of it."""

    clock: Clock
    random_bytes: RandomBytes
    sending: SendingPorts
    days: MessageDays
    suppressions: SuppressionList
    users: UserStore
    settings: SettingsStore
    accounts: AccountStore
    passwords: Passwords
    directory: Directory | None  # None where the identity provider is not ours
    trail: Trail
    keys: ApiKeyStore
    alerts: AlertPanel
    kept_days: DayStats
    hits: HitReader
    linked: LinkedMessages
    engagements: Engagements
    inbox: InboxStore
    imports: ImportStore
    import_queue: ImportQueue
    own_networks: tuple[Network, ...]


class Description(NamedTuple):
    """The API's own description, as the OpenAPI document and as a page to try it; both are made when first asked for."""

    text: Callable[[], str]
    page: Callable[[], str]


class ApiRequest(NamedTuple):
    """One request, as its route sees it."""

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
        """Return every value of a repeatable query parameter, whole, whatever commas are in it."""
        return tuple(value for key, value in self.query if key == name)


def new_router() -> Router:
    """Make a router for a module of routes."""
    return Router()  # type: ignore[no-untyped-call]  # the library left this untyped


def request_in(router: Router) -> ApiRequest:
    """Return what the handler put into the router's context for this request."""
    context: dict[str, Any] = router.context
    return cast("ApiRequest", context["request"])


def description_in(router: Router) -> Description:
    """Return the description that the handler put into the router's context: it is made of the routes themselves."""
    context: dict[str, Any] = router.context
    return cast("Description", context["description"])
