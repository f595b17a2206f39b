"""The ports that pages and API share, and the use cases built from them, each in one place.

A use case is imported when it is first asked for: importing all takes longer than everything else that most requests
need.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ocello.domain.consent.notices import NoticeLanguage, NoticeText
    from ocello.domain.verdicts.context import Context
    from ocello.services.accounts.accounts import SendingAccounts
    from ocello.services.accounts.credentials import AccountCredentials
    from ocello.services.accounts.ports import AccountStore
    from ocello.services.alerts.mute import Muting
    from ocello.services.alerts.ports import AlertPanel, Mutes
    from ocello.services.common.ports import Clock, RandomBytes
    from ocello.services.consent.asking.ask import Asking
    from ocello.services.consent.consents import Consents
    from ocello.services.consent.evidence import ConsentEvidence
    from ocello.services.consent.ports import DocumentSigner, OpenQuestions, ShownTexts
    from ocello.services.consent.workspace import WorkspaceRules
    from ocello.services.domains.forecast import MailForecasts
    from ocello.services.domains.ports import LookupQueue, MailDomains
    from ocello.services.engagement.ports import HitReader
    from ocello.services.files.stored_mail import StoredMail
    from ocello.services.files.uploads import Uploads
    from ocello.services.imports.imports import BulkImports
    from ocello.services.imports.ports import ImportQueue, ImportStore
    from ocello.services.inbox.conversations import MailReader
    from ocello.services.inbox.ports import Engagements, InboxStore
    from ocello.services.inbox.sharing import MessageSharing
    from ocello.services.items.change_items import ItemWriter
    from ocello.services.items.items import ItemReader
    from ocello.services.items.ports import LinkedMessages
    from ocello.services.mailboxes.ports import ReceivedMails
    from ocello.services.mailboxes.shown import ReceivedViews
    from ocello.services.people.api_keys import ApiKeys
    from ocello.services.people.ports import ApiKeyStore, Directory, SettingsStore, Trail, UserStore
    from ocello.services.people.tracking_settings import SettingsEditor
    from ocello.services.people.users import UserAdministration
    from ocello.services.retention.jobs import SubjectRequests
    from ocello.services.sending.outgoing import SendingPorts
    from ocello.services.sending.ports import SuppressionList
    from ocello.services.sending.submission import Submission
    from ocello.services.statistics.ports import DayStats, MessageDays
    from ocello.services.statistics.statistics import MailStatistics
    from ocello.services.views.hits import MessageHits


@dataclass(frozen=True, kw_only=True)
class ApplicationContext:
    """The ports of pages and API, and their use cases; `sending` holds the ports of sending."""

    clock: "Clock"
    random_bytes: "RandomBytes"
    sending: "SendingPorts"
    workspace_rules: "WorkspaceRules"  # the use cases of the rules of tracking that hold for everybody
    days: "MessageDays"
    users: "UserStore"
    settings: "SettingsStore"
    accounts: "AccountStore"
    credentials: "AccountCredentials"
    directory: "Directory | None"  # None if the identity provider is not ours
    trail: "Trail"
    keys: "ApiKeyStore"
    alerts: "AlertPanel"
    mutes: "Mutes"
    kept_days: "DayStats"
    hits: "HitReader"
    linked: "LinkedMessages"
    engagements: "Engagements"
    inbox: "InboxStore"
    imports: "ImportStore"
    import_queue: "ImportQueue"
    mail_domains: "MailDomains"
    lookup_queue: "LookupQueue"
    subject_requests: "SubjectRequests"  # the use cases of having exported or erased what is held of people
    received: "ReceivedMails"
    judging: "Context"  # what verdicts need besides what is known of the message
    suppressions: "SuppressionList"
    consents: "Consents"
    shown_texts: "ShownTexts"
    signer: "DocumentSigner"
    questions: "OpenQuestions"
    asking_texts: "Callable[[], Mapping[NoticeLanguage, NoticeText]]"
    notices: "Callable[[], Mapping[str, str]]"  # the texts of ours, whole, by their digests

    @property
    def submission(self) -> "Submission":
        """Return the use cases of submitting mail."""
        from ocello.services.sending.submission import Submission

        return Submission(self.sending)

    @property
    def asking(self) -> "Asking":
        """Return the use case of asking for consent."""
        from ocello.services.consent.asking.ask import Asking

        return Asking(self.consents, self.sending, self.suppressions, self.questions, self.asking_texts())

    @property
    def consent_evidence(self) -> "ConsentEvidence":
        """Return the use cases of writing down and proving what people said."""
        from ocello.services.consent.evidence import ConsentEvidence

        return ConsentEvidence(self.consents, self.shown_texts, self.notices, self.signer)

    @property
    def forecasts(self) -> "MailForecasts":
        """Return the use cases of forecasting what can be known of mail."""
        from ocello.services.domains.forecast import MailForecasts

        return MailForecasts(self.mail_domains, self.lookup_queue, self.clock)

    @property
    def uploads(self) -> "Uploads":
        """Return the use cases of uploading files for a mail that is being written."""
        from ocello.services.files.uploads import Uploads

        return Uploads(self.sending.mail, self.clock, self.random_bytes)

    @property
    def stored_mail(self) -> "StoredMail":
        """Return the use cases of reading the files of stored mail."""
        from ocello.services.files.stored_mail import StoredMail

        return StoredMail(self.sending.mail, self.mail_reader)

    @property
    def item_reader(self) -> "ItemReader":
        """Return the use cases of reading items."""
        from ocello.services.items.items import ItemReader

        return ItemReader(self.sending.items, self.linked, self.engagements)

    @property
    def item_writer(self) -> "ItemWriter":
        """Return the use cases of changing items."""
        from ocello.services.items.change_items import ItemWriter

        return ItemWriter(self.sending.items, self.users, self.clock)

    @property
    def bulk_imports(self) -> "BulkImports":
        """Return the use cases of importing files."""
        from ocello.services.imports.imports import BulkImports

        return BulkImports(self.imports, self.import_queue, self.sending.mail, self.clock, self.random_bytes)

    @property
    def mail_reader(self) -> "MailReader":
        """Return the use cases of reading messages and conversations."""
        from ocello.services.inbox.conversations import MailReader

        return MailReader(self.sending.messages, self.item_reader)

    @property
    def message_hits(self) -> "MessageHits":
        """Return the use cases of listing a message's hits."""
        from ocello.services.views.hits import MessageHits

        return MessageHits(self.mail_reader, self.hits, self.judging)

    @property
    def received_views(self) -> "ReceivedViews":
        """Return what shows received mail."""
        from ocello.services.mailboxes.shown import ReceivedViews

        return ReceivedViews(self.mail_reader, self.received)

    @property
    def message_sharing(self) -> "MessageSharing":
        """Return the use cases of changing who sees a message."""
        from ocello.services.inbox.sharing import MessageSharing

        return MessageSharing(self.sending.messages, self.sending.items, self.linked, self.inbox, self.clock)

    @property
    def muting(self) -> "Muting":
        """Return what mutes mails."""
        from ocello.services.alerts.mute import Muting

        return Muting(self.mail_reader, self.mutes)

    @property
    def mail_statistics(self) -> "MailStatistics":
        """Return the use cases of counting mail by days."""
        from ocello.services.statistics.statistics import MailStatistics

        return MailStatistics(self.days, self.kept_days, self.users, self.clock)

    @property
    def user_administration(self) -> "UserAdministration":
        """Return the use cases of inviting and changing users."""
        from ocello.services.people.users import UserAdministration

        return UserAdministration(self.users, self.directory, self.clock, self.random_bytes)

    @property
    def api_keys(self) -> "ApiKeys":
        """Return the use cases of making and revoking API keys."""
        from ocello.services.people.api_keys import ApiKeys

        return ApiKeys(self.keys, self.clock, self.random_bytes)

    @property
    def settings_editor(self) -> "SettingsEditor":
        """Return the use cases of changing what is tracked."""
        from ocello.services.people.tracking_settings import SettingsEditor

        return SettingsEditor(self.settings, self.accounts)

    @property
    def sending_accounts(self) -> "SendingAccounts":
        """Return the use cases of connecting and disconnecting sending accounts."""
        from ocello.services.accounts.accounts import SendingAccounts

        return SendingAccounts(self.accounts, self.credentials, self.clock)
