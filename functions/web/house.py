"""What a page is given: the request, who asks, and the ports with which to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from functions.web import csrf, refusals
from functions.web.http import Answer, Request
from functions.web.render import render
from ocello.adapters import language
from ocello.domain.errors import OcelloError
from ocello.domain.people import SCOPES, Principal
from ocello.domain.preferences import Language, Preferences
from ocello.domain.sources import Network
from ocello.services import ports, ports_items, ports_people, ports_settle, ports_web
from ocello.services.outgoing import PostOffice
from ocello.services.passwords import Passwords
from ocello.services.sign_in import Entrance, Visit


class House(NamedTuple):
    """All that the web application needs of the world."""

    entrance: Entrance
    post: PostOffice
    users: ports.UserStore
    settings: ports.SettingsStore
    accounts: ports.AccountStore
    passwords: Passwords
    directory: ports_people.Directory | None  # None where the identity provider is not ours
    trail: ports_people.Trail
    keys: ports.ApiKeyStore
    alerts: ports.AlertPanel
    days: ports.MessageDays
    kept_days: ports.DayStats
    looks: ports_web.MessageLooks
    hits: ports_settle.HitReader
    preferences: ports_web.PreferenceStore
    inbox: ports_web.InboxStore
    engagements: ports_web.Engagements
    linked: ports_items.LinkedMessages
    imports: ports_items.ImportStore
    import_queue: ports_items.ImportQueue
    drafts: ports_web.DraftStore
    contacts: ports_web.ContactStore
    probe: ports_web.AccountProbe
    clock: ports.Clock
    chance: ports.Chance
    own_networks: tuple[Network, ...]
    app_origin: str
    form_targets: tuple[str, ...]  # origins to which a form may lead besides our own: the provider's
    cookie_key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a signed-in person."""

    request: Request
    house: House
    visit: Visit
    preferences: Preferences
    params: dict[str, str]

    @property
    def user(self) -> str:
        """Give the id of the user who asks."""
        return self.visit.user.id

    @property
    def principal(self) -> Principal:
        """Say what the person may do: everything of theirs, since they signed in."""
        return Principal(self.visit.user, frozenset(SCOPES), by_key=False)

    @property
    def lang(self) -> Language:
        """Give the language to answer in."""
        return self.preferences.language or language.best(self.request.headers.get("accept-language", ""))

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
            forms=language.Forms(self.lang, self.preferences.zone, self.house.clock()),
            me=self.visit.user,
            csrf=csrf.mask(self.visit.session.csrf, self.house.chance),
            theme=self.preferences.theme,
            zone=self.preferences.zone,
            path=self.request.path,
            **values,
        )

    def page(self, template: str, **values: Any) -> Answer:
        """Answer with a whole page."""
        return Answer(self.part(template, **values))


Need = Literal["person", "administrator"]
