"""What a route is given: who asks, and the ports with which to answer."""

from typing import Any, NamedTuple, cast

from aws_lambda_powertools.event_handler.api_gateway import Router

from ocello.domain.people import Principal
from ocello.domain.sources import Network
from ocello.services import ports, ports_people
from ocello.services.outgoing import PostOffice
from ocello.services.passwords import Passwords
from ocello.services.ports_items import ImportQueue, ImportStore, LinkedMessages
from ocello.services.ports_settle import HitReader
from ocello.services.ports_web import Engagements, InboxStore


class Ports(NamedTuple):
    """All that the API needs of the world; `office` is what sending needs of it."""

    clock: ports.Clock
    chance: ports.Chance
    office: PostOffice
    days: ports.MessageDays
    suppressions: ports.SuppressionList
    users: ports.UserStore
    settings: ports.SettingsStore
    accounts: ports.AccountStore
    passwords: Passwords
    directory: ports_people.Directory | None  # None where the identity provider is not ours
    trail: ports_people.Trail
    keys: ports.ApiKeyStore
    alerts: ports.AlertPanel
    kept_days: ports.DayStats
    hits: HitReader
    linked: LinkedMessages
    engagements: Engagements
    inbox: InboxStore
    imports: ImportStore
    import_queue: ImportQueue
    own_networks: tuple[Network, ...]


class Asked(NamedTuple):
    """One request, as its route sees it."""

    principal: Principal
    ports: Ports
    body: bytes
    query: tuple[tuple[str, str], ...]
    media: str = ""  # of the body

    @property
    def user(self) -> str:
        """Give the id of the user who asks."""
        return self.principal.user.id

    def values(self, name: str) -> tuple[str, ...]:
        """Give every value of a repeatable query parameter, whole, whatever commas are in it."""
        return tuple(value for key, value in self.query if key == name)


def new_router() -> Router:
    """Make a router for a module of routes."""
    return Router()  # type: ignore[no-untyped-call]  # the library left this untyped


def asked(router: Router) -> Asked:
    """Give what the door put into the router's context for this request."""
    context: dict[str, Any] = router.context
    return cast("Asked", context["asked"])
