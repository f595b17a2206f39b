"""What a page is given: the request, who asks, and the ports with which to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from functions.web import csrf, refusals
from functions.web.http import Answer, Request
from functions.web.render import render
from ocello.adapters import language
from ocello.domain.common.errors import OcelloError
from ocello.domain.people.preferences import Language, Preferences
from ocello.domain.people.users import SCOPES, Principal
from ocello.domain.verdicts.sources import Network
from ocello.services.accounts.passwords import Passwords
from ocello.services.accounts.ports import AccountProbe, AccountStore
from ocello.services.alerts.ports import AlertPanel
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.engagement.ports import HitReader
from ocello.services.inbox.ports import DraftStore, Engagements, InboxStore
from ocello.services.items.ports import ImportQueue, ImportStore, LinkedMessages
from ocello.services.people.ports import (
    ApiKeyStore,
    ContactStore,
    Directory,
    PreferenceStore,
    SettingsStore,
    Trail,
    UserStore,
)
from ocello.services.people.sign_in import AuthenticatedSession, WebSignIn
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.statistics.ports import DayStats, MessageDays, TrackedSamples


class WebContext(NamedTuple):
    """All that the web application needs of the world."""

    web_sign_in: WebSignIn
    sending: SendingPorts
    users: UserStore
    settings: SettingsStore
    accounts: AccountStore
    passwords: Passwords
    directory: Directory | None  # None where the identity provider is not ours
    trail: Trail
    keys: ApiKeyStore
    alerts: AlertPanel
    days: MessageDays
    kept_days: DayStats
    samples: TrackedSamples
    hits: HitReader
    preferences: PreferenceStore
    inbox: InboxStore
    engagements: Engagements
    linked: LinkedMessages
    imports: ImportStore
    import_queue: ImportQueue
    drafts: DraftStore
    contacts: ContactStore
    probe: AccountProbe
    clock: Clock
    random_bytes: RandomBytes
    own_networks: tuple[Network, ...]
    app_origin: str
    form_targets: tuple[str, ...]  # origins to which a form may lead besides our own: the provider's
    cookie_key: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request of a signed-in person."""

    http: Request
    context: WebContext
    authenticated: AuthenticatedSession
    preferences: Preferences
    params: dict[str, str]

    @property
    def user(self) -> str:
        """Return the id of the user who asks."""
        return self.authenticated.user.id

    @property
    def principal(self) -> Principal:
        """Say what the person may do: everything of theirs, since they signed in."""
        return Principal(self.authenticated.user, frozenset(SCOPES), by_key=False)

    @property
    def lang(self) -> Language:
        """Return the language to answer in."""
        return self.preferences.language or language.best(self.http.headers.get("accept-language", ""))

    def say(self, text: str) -> str:
        """Translate a text of our own."""
        return language.say(self.lang, text)

    def refusal(self, error: OcelloError, names: Mapping[str, str] | None = None) -> str:
        """Say why something was refused; `names` are a page's own names of fields, where they differ."""
        return refusals.words(self.lang, error, names)

    def part(self, template: str, **values: Any) -> str:
        """Fill a template with what every template may use, and `values`."""
        return render(
            template,
            lang=self.lang,
            forms=language.Forms(self.lang, self.preferences.zone, self.context.clock()),
            me=self.authenticated.user,
            csrf=csrf.mask(self.authenticated.session.csrf, self.context.random_bytes),
            theme=self.preferences.theme,
            zone=self.preferences.zone,
            path=self.http.path,
            **values,
        )

    def page(self, template: str, **values: Any) -> Answer:
        """Answer with a whole page."""
        return Answer(self.part(template, **values))


Need = Literal["person", "administrator"]
