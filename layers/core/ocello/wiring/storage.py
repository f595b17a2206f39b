"""The parts that store something: the app table's stores, and the mail bucket."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ocello.wiring.hot import HotWiring

if TYPE_CHECKING:
    from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
    from ocello.adapters.networks.https_lists import HttpsLists
    from ocello.services.accounts.ports import AccountStore
    from ocello.services.alerts.ports import AlertPanel, AlertStore, Mutes
    from ocello.services.domains.ports import MailDomains
    from ocello.services.drafts.ports import DraftStore
    from ocello.services.imports.ports import ImportStore
    from ocello.services.inbox.ports import Engagements, InboxStore
    from ocello.services.items.ports import ItemStore, LinkedMessages
    from ocello.services.people.ports import (
        ApiKeyStore,
        ContactStore,
        PreferenceStore,
        SessionStore,
        SettingsStore,
        SignInSources,
        Trail,
        UserStore,
    )
    from ocello.services.retention.ports import DeletionLog
    from ocello.services.sending.ports import (
        Conversations,
        MailStore,
        MessageStore,
        OwnUsers,
        RecipientStore,
        SendCounts,
        SendingPlaces,
        ServerRecords,
        SuppressionList,
    )
    from ocello.services.statistics.ports import DayStats, MessageDays, PoolStore, TrackedSamples


class BucketWiring(HotWiring):
    """The parts of a function that uses the bucket, but not the app table's models."""

    @cached_property
    def mail(self) -> "MailStore":
        """The mail bucket: originals and uploads."""
        from ocello.adapters.aws.s3_mail import S3MailStore

        return S3MailStore(self._settings.mail_bucket)

    @cached_property
    def network_lists(self) -> "HttpsLists":
        """The lists of networks that providers publish."""
        from ocello.adapters.networks.https_lists import HttpsLists

        return HttpsLists()


class StorageWiring(BucketWiring):
    """The parts of a function that uses the app table's models. It binds the models to the table, and metrics to the stack."""

    def __init__(self, settings: Any, environment: Mapping[str, str], **parts: object) -> None:
        """Take the arguments of HotWiring."""
        from ocello.adapters import metrics
        from ocello.adapters.dynamodb import models

        super().__init__(settings, environment, **parts)
        metrics.bind(settings.stack_name)
        endpoint = environment.get("AWS_ENDPOINT_URL_DYNAMODB") or environment.get("AWS_ENDPOINT_URL")
        models.bind(settings.app_table, settings.aws_region, endpoint or None)

    @cached_property
    def users(self) -> "UserStore":
        """The users."""
        from ocello.adapters.dynamodb.people.users import DynamoUserStore

        return DynamoUserStore()

    @cached_property
    def keys(self) -> "ApiKeyStore":
        """API keys."""
        from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore

        return DynamoApiKeyStore()

    @cached_property
    def user_settings(self) -> "SettingsStore":
        """Users' tracking settings."""
        from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore

        return DynamoSettingsStore()

    @cached_property
    def preferences(self) -> "PreferenceStore":
        """Users' language, zone, theme and signature."""
        from ocello.adapters.dynamodb.people.preferences import DynamoPreferenceStore

        return DynamoPreferenceStore()

    @cached_property
    def sessions(self) -> "SessionStore":
        """Sessions of the web application."""
        from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore

        return DynamoSessionStore()

    @cached_property
    def sign_in_sources(self) -> "SignInSources":
        """From where users were signed in of late."""
        from ocello.adapters.dynamodb.people.sign_in_sources import DynamoSignInSources

        return DynamoSignInSources()

    @cached_property
    def contacts(self) -> "ContactStore":
        """Users' contacts."""
        from ocello.adapters.dynamodb.people.contacts import DynamoContactStore

        return DynamoContactStore()

    @cached_property
    def deletion_log(self) -> "DeletionLog":
        """The log of what was deleted."""
        from ocello.adapters.dynamodb.retention.deletions import DynamoDeletionLog

        return DynamoDeletionLog()

    @cached_property
    def trail(self) -> "Trail":
        """The audit trail."""
        from ocello.adapters.dynamodb.people.trail import DynamoTrail

        return DynamoTrail()

    @cached_property
    def accounts(self) -> "AccountStore":
        """Addresses to send from."""
        from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore

        return DynamoAccountStore()

    @cached_property
    def suppressions(self) -> "SuppressionList":
        """Suppressed addresses."""
        from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList

        return DynamoSuppressionList()

    @cached_property
    def _message_store(self) -> "DynamoMessageStore":
        from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore

        return DynamoMessageStore(self.mail)

    @cached_property
    def messages(self) -> "MessageStore":
        """Messages, their reports and recipients."""
        return self._message_store

    @cached_property
    def message_days(self) -> "MessageDays":
        """The messages of a day."""
        return self._message_store

    @cached_property
    def recipients(self) -> "RecipientStore":
        """Recipients, and the state of their copies."""
        from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore

        return DynamoRecipientStore()

    @cached_property
    def conversations(self) -> "Conversations":
        """The conversations of Message-IDs."""
        from ocello.adapters.dynamodb.messages.conversations import DynamoConversations

        return DynamoConversations()

    @cached_property
    def linked(self) -> "LinkedMessages":
        """The messages of an item."""
        from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages

        return DynamoLinkedMessages()

    @cached_property
    def alert_rows(self) -> "AlertStore":
        """Alerts as the alerts function writes them."""
        from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore

        return DynamoAlertStore()

    @cached_property
    def alert_panel(self) -> "AlertPanel":
        """Alerts as their reader sees them."""
        from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel

        return DynamoAlertPanel()

    @cached_property
    def mutes(self) -> "Mutes":
        """The mails of which their owners want to be told nothing."""
        from ocello.adapters.dynamodb.messages.mutes import DynamoMutes

        return DynamoMutes()

    @cached_property
    def pools(self) -> "PoolStore":
        """Pools and their counters."""
        from ocello.adapters.dynamodb.sending.pools import DynamoPoolStore

        return DynamoPoolStore()

    @cached_property
    def day_stats(self) -> "DayStats":
        """The statistics of closed days."""
        from ocello.adapters.dynamodb.messages.days import DynamoDayStats

        return DynamoDayStats()

    @cached_property
    def samples(self) -> "TrackedSamples":
        """Tracked messages with details, for statistics."""
        from ocello.adapters.dynamodb.messages.tracked_samples import DynamoTrackedSamples

        return DynamoTrackedSamples(self.mail)

    @cached_property
    def inbox(self) -> "InboxStore":
        """Entries of conversations and the lists of the inbox."""
        from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore

        return DynamoInboxStore()

    @cached_property
    def engagements(self) -> "Engagements":
        """The engagement of many messages at once."""
        from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements

        return DynamoEngagements()

    @cached_property
    def drafts(self) -> "DraftStore":
        """Drafts."""
        from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore

        return DynamoDraftStore()

    @cached_property
    def items(self) -> "ItemStore":
        """Deals, leads, projects, persons and organizations."""
        from ocello.adapters.dynamodb.crm.items import DynamoItemStore

        return DynamoItemStore()

    @cached_property
    def imports(self) -> "ImportStore":
        """Bulk imports."""
        from ocello.adapters.dynamodb.imports import DynamoImportStore

        return DynamoImportStore()

    @cached_property
    def sending_places(self) -> "SendingPlaces":
        """The places for copies that are sent at once."""
        from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces

        return DynamoSendingPlaces()

    @cached_property
    def server_records(self) -> "ServerRecords":
        """The records of mail servers."""
        from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords

        return DynamoServerRecords()

    @cached_property
    def send_counts(self) -> "SendCounts":
        """The counts of what somebody sent in a minute."""
        from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts

        return DynamoSendCounts()

    @cached_property
    def mail_domains(self) -> "MailDomains":
        """What is known of the domains that mail goes to."""
        from ocello.adapters.dynamodb.sending.mail_domains import DynamoMailDomains

        return DynamoMailDomains()

    @cached_property
    def team_addresses(self) -> "OwnUsers":
        """The recipients who are users."""
        from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers

        return DynamoOwnUsers()
