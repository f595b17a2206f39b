"""What a page gets: the request, who asks, and the use cases and ports to answer with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from functions.web import csrf
from functions.web.http import Answer, Request
from functions.web.rendering import refusals
from functions.web.rendering.render import render
from ocello.adapters import language
from ocello.domain.common import hosts
from ocello.domain.common.errors import OcelloError
from ocello.domain.people.preferences import Language, Preferences
from ocello.domain.people.users import SCOPES, Principal
from ocello.services.application import ApplicationContext

if TYPE_CHECKING:
    from ocello.domain.retention.periods import Periods
    from ocello.services.accounts.ports import AccountProbe
    from ocello.services.accounts.try_account import AccountTrial
    from ocello.services.alerts.panel import AlertViews
    from ocello.services.consent.recorded import RecordedMail
    from ocello.services.drafts.composer import ComposerViews
    from ocello.services.drafts.drafts import DraftEditor
    from ocello.services.drafts.ports import DraftStore
    from ocello.services.inbox.contacts import ContactBook
    from ocello.services.inbox.inbox import InboxReader
    from ocello.services.people.ports import ContactStore, PreferenceStore
    from ocello.services.people.preferences import PreferenceEditor
    from ocello.services.people.sign_in import AuthenticatedSession, WebSignIn
    from ocello.services.retention.evidence import StackEvidence
    from ocello.services.retention.ports import DeletionLog
    from ocello.services.statistics.pools import PoolFigures
    from ocello.services.statistics.ports import PoolStore, TrackedSamples
    from ocello.services.views.checks import CheckViews
    from ocello.services.views.consent_pages import ConsentViews
    from ocello.services.views.conversations import ConversationViews
    from ocello.services.views.inbox import InboxViews
    from ocello.services.views.item_pages import ItemViews
    from ocello.services.views.statistics import StatisticsViews
    from ocello.services.views.team import TeamViews


@dataclass(frozen=True, kw_only=True)
class WebContext(ApplicationContext):
    """The ports and use cases of the web application."""

    web_sign_in: "WebSignIn"
    samples: "TrackedSamples"
    pools: "PoolStore"
    preferences: "PreferenceStore"
    drafts: "DraftStore"
    contacts: "ContactStore"
    deletions: "DeletionLog"
    kept_for: "Periods"
    evidence: "StackEvidence"  # what proves how the stack deals with consent
    papers: "Mapping[str, str]"  # drafts, by their names
    probe: "AccountProbe"
    app_origin: str
    form_targets: tuple[str, ...]  # origins, besides our own, to which a form may lead: the provider's
    cookie_key: str
    address_header: str = ""  # of a trusted proxy, in lower case; empty: none

    def address_of(self, request: Request) -> str:
        """Return the address of whoever sent a request."""
        return hosts.client_address(request.headers, self.address_header, request.source)

    @property
    def alert_views(self) -> "AlertViews":
        """Return what makes the views of alerts."""
        from ocello.services.alerts.panel import AlertViews

        return AlertViews(self.alerts, self.settings)

    @property
    def draft_editor(self) -> "DraftEditor":
        """Return the use cases of saving, sending and discarding drafts."""
        from ocello.services.drafts.drafts import DraftEditor

        return DraftEditor(self.drafts, self.inbox, self.sending)

    @property
    def composer_views(self) -> "ComposerViews":
        """Return what makes the views of drafts."""
        from functions.web.rendering.composer_html import shown_images
        from ocello.services.drafts.composer import ComposerViews

        return ComposerViews(self.draft_editor, self.mail_reader, self.contact_book, self.item_reader, shown_images)

    @property
    def inbox_reader(self) -> "InboxReader":
        """Return the use cases of reading inboxes."""
        from ocello.services.inbox.inbox import InboxReader

        return InboxReader(self.inbox, self.sending.messages, self.engagements, self.clock)

    @property
    def inbox_views(self) -> "InboxViews":
        """Return what makes the views of inboxes."""
        from ocello.services.views.inbox import InboxViews

        return InboxViews(self.inbox_reader, self.contact_book, self.accounts)

    @property
    def team_views(self) -> "TeamViews":
        """Return what makes the views of a team's shared mail."""
        from ocello.services.inbox.team_mail import TeamMail
        from ocello.services.views.team import TeamViews

        mail = TeamMail(self.days, self.sending.messages, self.sending.items)
        return TeamViews(self.mail_statistics, mail, self.contact_book)

    @property
    def check_views(self) -> "CheckViews":
        """Return what checks a mail before it is sent."""
        from ocello.services.views.checks import CheckViews

        return CheckViews(self.sending, self.forecasts, self.contact_book)

    @property
    def contact_book(self) -> "ContactBook":
        """Return the use cases of suggesting people to write to."""
        from ocello.services.inbox.contacts import ContactBook

        return ContactBook(self.item_reader, self.contacts, self.sending.messages)

    @property
    def conversation_views(self) -> "ConversationViews":
        """Return what makes the views of conversations."""
        from ocello.services.views.conversations import ConversationViews

        return ConversationViews(
            self.mail_reader, self.contact_book, self.message_hits, self.received_views, self.clock
        )

    @property
    def item_views(self) -> "ItemViews":
        """Return what makes the views of items."""
        from ocello.services.views.item_pages import ItemViews

        return ItemViews(
            self.item_reader, self.mail_reader, self.contact_book, self.users, self.consent_views, self.clock
        )

    @property
    def consent_views(self) -> "ConsentViews":
        """Return what shows people's consent."""
        from ocello.services.views.consent_pages import ConsentViews

        return ConsentViews(self.consents, self.asking, self.sending.decisions)

    @property
    def recorded_mail(self) -> "RecordedMail":
        """Return what shows administrators what was recorded of a mail."""
        from ocello.services.consent.recorded import RecordedMail

        return RecordedMail(self.sending.messages, self.hits, self.judging)

    @property
    def statistics_views(self) -> "StatisticsViews":
        """Return what makes the views of statistics."""
        from ocello.services.statistics.insight import MailInsight
        from ocello.services.views.statistics import StatisticsViews

        return StatisticsViews(self.mail_statistics, MailInsight(self.samples))

    @property
    def pool_figures(self) -> "PoolFigures":
        """Return what is known of closed pools."""
        from ocello.services.statistics.pools import PoolFigures

        return PoolFigures(self.pools, self.clock)

    @property
    def preference_editor(self) -> "PreferenceEditor":
        """Return the use cases of changing preferences and the signature."""
        from ocello.services.people.preferences import PreferenceEditor

        return PreferenceEditor(self.preferences, self.sending.mail)

    @property
    def account_trial(self) -> "AccountTrial":
        """Return the use cases of trying a sending account before it is connected."""
        from ocello.services.accounts.try_account import AccountTrial

        return AccountTrial(self.sending_accounts, self.probe)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request of a signed-in person."""

    http: Request
    context: WebContext
    authenticated: "AuthenticatedSession"
    preferences: Preferences
    params: dict[str, str]

    @property
    def user(self) -> str:
        """Return the id of the user who asks."""
        return self.authenticated.user.id

    @property
    def principal(self) -> Principal:
        """Return what the person may do: all that is theirs, because they signed in."""
        return Principal(self.authenticated.user, frozenset(SCOPES), by_key=False)

    @property
    def lang(self) -> Language:
        """Return the language to answer in."""
        return self.preferences.language or language.best_language(self.http.headers.get("accept-language", ""))

    @property
    def forms(self) -> language.Forms:
        """Return how dates and numbers are written for the person."""
        return language.Forms(self.lang, self.preferences.zone, self.context.clock())

    def say(self, text: str) -> str:
        """Return a text of ours in the person's language."""
        return language.say(self.lang, text)

    def refusal(self, error: OcelloError, names: Mapping[str, str] | None = None) -> str:
        """Return why something was refused, as a sentence; `names` are a page's own names of fields, if they differ."""
        return refusals.words(self.lang, error, names)

    def part(self, template: str, **values: Any) -> str:
        """Return a rendered template, with `values` and what every template may use."""
        return render(
            template,
            lang=self.lang,
            forms=self.forms,
            me=self.authenticated.user,
            csrf=csrf.mask(self.authenticated.session.csrf, self.context.random_bytes),
            theme=self.preferences.theme,
            zone=self.preferences.zone,
            shortcuts=self.preferences.shortcuts,
            path=self.http.path,
            kept_for=self.context.kept_for,
            now=self.context.clock(),
            no_rules=self.context.workspace_rules.says_no_rules,
            **values,
        )

    def page(self, template: str, **values: Any) -> Answer:
        """Return an answer with a whole page."""
        return Answer(self.part(template, **values))


Need = Literal["person", "administrator"]
