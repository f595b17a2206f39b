"""Every port's stores, in memory and on DynamoDB: one suite for both.

`make test` runs it in memory and on moto; `make test-dynamodb` on DynamoDB Local, whose conditions, transactions and
pages are DynamoDB's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from moto import mock_aws

from ocello.adapters.dynamodb import models
from ocello.adapters.dynamodb.consent.ledger import DynamoConsentLedger
from ocello.adapters.dynamodb.consent.open_questions import DynamoOpenQuestions
from ocello.adapters.dynamodb.consent.shown_texts import DynamoShownTexts
from ocello.adapters.dynamodb.consent.states import DynamoConsentStates
from ocello.adapters.dynamodb.consent.subject_index import DynamoSubjectIndex
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.adapters.dynamodb.consent.workspace import DynamoWorkspaceStore
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.imports import DynamoImportStore
from ocello.adapters.dynamodb.mailboxes.mailbox_states import DynamoMailboxStates
from ocello.adapters.dynamodb.mailboxes.received_mails import DynamoReceivedMails
from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel
from ocello.adapters.dynamodb.messages.alerts import DynamoAlertStore
from ocello.adapters.dynamodb.messages.conversations import DynamoConversations
from ocello.adapters.dynamodb.messages.days import DynamoDayStats
from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore
from ocello.adapters.dynamodb.messages.engagements import DynamoEngagements
from ocello.adapters.dynamodb.messages.inbox import DynamoInboxStore
from ocello.adapters.dynamodb.messages.links import DynamoLinkedMessages
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.mutes import DynamoMutes
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.messages.tracked_samples import DynamoTrackedSamples
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.api_keys import DynamoApiKeyStore
from ocello.adapters.dynamodb.people.contacts import DynamoContactStore
from ocello.adapters.dynamodb.people.credentials import DynamoCredentialStore
from ocello.adapters.dynamodb.people.preferences import DynamoPreferenceStore
from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.sign_in_sources import DynamoSignInSources
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.dynamodb.people.trail import DynamoTrail
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.dynamodb.retention.deletions import DynamoDeletionLog
from ocello.adapters.dynamodb.retention.old_alerts import DynamoOldAlerts
from ocello.adapters.dynamodb.retention.rights_tickets import DynamoRightsTickets
from ocello.adapters.dynamodb.retention.runs import DynamoRetentionStore
from ocello.adapters.dynamodb.retention.subject_jobs import DynamoSubjectJobs
from ocello.adapters.dynamodb.sending.mail_domains import DynamoMailDomains
from ocello.adapters.dynamodb.sending.mode_counts import DynamoModeCounts
from ocello.adapters.dynamodb.sending.mode_days import DynamoModeDays
from ocello.adapters.dynamodb.sending.own_users import DynamoOwnUsers
from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces
from ocello.adapters.dynamodb.sending.pools import DynamoPoolStore
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords
from ocello.adapters.hot.hit_archive import DynamoHitArchive
from ocello.adapters.hot.hit_sinks import DynamoConsentGate, DynamoHitSink
from ocello.adapters.hot.load_sinks import DynamoLoadSink
from ocello.adapters.hot.settle_store import DynamoEngagementStore, DynamoHitStore, DynamoSurroundings
from ocello.adapters.hot.withdrawals import DynamoCopyGates, DynamoWithdrawalStore
from ocello.domain.people.audit import AuditEntry
from ocello.services.accounts.ports import AccountStore, CredentialStore
from ocello.services.alerts.ports import AlertPanel, AlertStore, Mutes
from ocello.services.consent.ports import (
    ConsentLedger,
    ConsentStates,
    CopyGates,
    LedgerReader,
    OpenQuestions,
    ShownTexts,
    SubjectIndex,
    SubjectKeys,
    WorkspaceStore,
)
from ocello.services.domains.ports import MailDomains
from ocello.services.drafts.ports import DraftStore
from ocello.services.engagement.ports import HitStore, Surroundings
from ocello.services.imports.ports import ImportStore
from ocello.services.inbox.ports import Engagements, InboxStore
from ocello.services.items.ports import ItemStore, LinkedMessages
from ocello.services.mailboxes.ports import MailboxStates, ReceivedMails
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
from ocello.services.retention.ports import (
    DeletionLog,
    EngagementRows,
    HitArchive,
    OldAlerts,
    RetentionStore,
    RightsTickets,
    SubjectJobs,
)
from ocello.services.sending.ports import (
    Conversations,
    MessageStore,
    OwnUsers,
    RecipientStore,
    SendCounts,
    SendingPlaces,
    ServerRecords,
    SuppressionList,
)
from ocello.services.statistics.ports import DayStats, MessageDays, ModeCounts, ModeDays, PoolStore, TrackedSamples
from tests import fakes, tables
from tests.fakes.engagement.settling import (
    MemoryAlertStore,
    MemoryEngagementStore,
    MemoryHitSink,
    MemoryHitStore,
    MemorySurroundings,
)
from tests.fakes.engagement.statistics import MemoryModeCounts, MemoryPoolStore, MemoryTrackedSamples
from tests.fakes.imports import MemoryImportStore
from tests.fakes.inbox import MemoryDraftStore, MemoryEngagements, MemoryInboxStore
from tests.fakes.items import MemoryItemStore, MemoryLinkedMessages
from tests.fakes.mailboxes import MemoryMailboxStates, MemoryReceivedMails
from tests.fakes.people.consent import MemoryCopyGates, MemorySubjectIndex, MemoryWithdrawalStore
from tests.fakes.people.people import MemoryContactStore, MemoryPreferenceStore
from tests.fakes.people.sessions import MemorySessionStore, MemorySignInSources
from tests.fakes.retention import (
    MemoryDeletionLog,
    MemoryHitArchive,
    MemoryOldAlerts,
    MemoryRetentionStore,
    MemoryRightsTickets,
    MemorySubjectJobs,
)
from tests.fakes.sending.domains import MemoryMailDomains
from tests.fakes.sending.ports import MemoryOwnUsers, MemorySendCounts, MemorySendingPlaces, MemoryServerRecords

KEPT_SECONDS = 86_400  # of a hit


@dataclass(frozen=True)
class Stores:
    """One store for each port, all of the same kind and with shared data."""

    messages: MessageStore
    message_days: MessageDays
    recipients: RecipientStore
    conversations: Conversations
    drafts: DraftStore
    inbox: InboxStore
    engagements: Engagements
    engagement_rows: EngagementRows
    surroundings: Surroundings
    hits: HitStore
    hit_sink: MemoryHitSink | DynamoHitSink  # HitSink, which the hot function knows while it is checked only
    alerts: AlertStore
    alert_panel: AlertPanel
    mutes: Mutes
    items: ItemStore
    linked: LinkedMessages
    imports: ImportStore
    users: UserStore
    accounts: AccountStore
    credentials: CredentialStore
    api_keys: ApiKeyStore
    sessions: SessionStore
    sign_in_sources: SignInSources
    preferences: PreferenceStore
    contacts: ContactStore
    settings: SettingsStore
    suppressions: SuppressionList
    trail: Trail
    own_users: OwnUsers
    places: SendingPlaces
    servers: ServerRecords
    send_counts: SendCounts
    mail_domains: MailDomains
    days: DayStats
    samples: TrackedSamples
    pools: PoolStore
    modes: ModeCounts
    mode_days: ModeDays
    load_sink: MemoryPoolStore | DynamoLoadSink  # LoadSink and SpilledLoads
    subjects: SubjectIndex
    consent_states: ConsentStates
    ledger: ConsentLedger
    ledger_reader: LedgerReader
    subject_keys: SubjectKeys
    shown_texts: ShownTexts
    workspace: WorkspaceStore
    open_questions: OpenQuestions
    copy_gates: CopyGates
    consent_gate: (
        MemoryCopyGates | DynamoConsentGate
    )  # ConsentGate, which the hot function knows while it is checked only
    withdrawals: MemoryWithdrawalStore | DynamoWithdrawalStore  # of two ports
    hit_archive: HitArchive
    retention: RetentionStore
    deletions: DeletionLog
    subject_jobs: SubjectJobs
    rights_tickets: RightsTickets
    old_alerts: OldAlerts
    received: ReceivedMails
    mailbox_states: MailboxStates


def in_memory() -> Stores:
    """Return the fakes, which share the data that their originals share in the table."""
    messages, users, accounts = fakes.MemoryMessageStore(), fakes.MemoryUserStore(), fakes.MemoryAccountStore()
    api_keys, suppressions, items = fakes.MemoryApiKeyStore(), fakes.MemorySuppressionList(), MemoryItemStore()
    linked, alerts, hits = MemoryLinkedMessages(messages), MemoryAlertStore(), MemoryHitStore()
    trail, sources = fakes.MemoryTrail(users.trail), MemorySignInSources()
    ledger = fakes.MemoryConsentLedger()
    pools = MemoryPoolStore()
    modes = MemoryModeCounts()
    copies, gates = MemorySubjectIndex(), MemoryCopyGates()
    accounts.trail = api_keys.trail = suppressions.trail = items.trail = linked.trail = users.trail

    def tell(user: str, note: AuditEntry) -> None:
        trail.kept.setdefault(user, []).append(note)
        users.tell(user, note.at)

    items.tells = tell
    return Stores(
        messages=messages,
        message_days=messages,
        recipients=fakes.MemoryRecipientStore(messages),
        conversations=fakes.MemoryConversations(messages),
        drafts=MemoryDraftStore(),
        inbox=MemoryInboxStore(messages),
        engagements=MemoryEngagements(messages),
        engagement_rows=MemoryEngagementStore(messages),
        surroundings=MemorySurroundings(messages=messages, sources=sources),
        hits=hits,
        hit_sink=MemoryHitSink(hits),
        alerts=alerts,
        alert_panel=fakes.MemoryAlertPanel(store=alerts),
        mutes=fakes.MemoryMutes(messages),
        items=items,
        linked=linked,
        imports=MemoryImportStore(),
        users=users,
        accounts=accounts,
        credentials=accounts.credentials,
        api_keys=api_keys,
        sessions=MemorySessionStore(),
        sign_in_sources=sources,
        preferences=MemoryPreferenceStore(),
        contacts=MemoryContactStore(),
        settings=fakes.MemorySettingsStore(),
        suppressions=suppressions,
        trail=trail,
        own_users=MemoryOwnUsers(store=users, accounts=accounts),
        places=MemorySendingPlaces(),
        servers=MemoryServerRecords(),
        send_counts=MemorySendCounts(),
        mail_domains=MemoryMailDomains(),
        days=fakes.MemoryDayStats(),
        samples=MemoryTrackedSamples(messages),
        pools=pools,
        modes=modes,
        mode_days=modes,
        load_sink=pools,
        subjects=copies,
        copy_gates=gates,
        consent_gate=gates,
        withdrawals=MemoryWithdrawalStore(copies),
        consent_states=ledger,
        ledger=ledger,
        ledger_reader=ledger,
        subject_keys=fakes.MemorySubjectKeys(),
        shown_texts=fakes.MemoryShownTexts(),
        open_questions=fakes.MemoryOpenQuestions(),
        hit_archive=MemoryHitArchive(hits),
        retention=MemoryRetentionStore(),
        deletions=MemoryDeletionLog(),
        subject_jobs=MemorySubjectJobs(users.trail),
        rights_tickets=MemoryRightsTickets(),
        old_alerts=MemoryOldAlerts(alerts),
        received=MemoryReceivedMails(),
        mailbox_states=MemoryMailboxStates(),
        workspace=fakes.MemoryWorkspaceStore(trail=users.trail),
    )


def on_dynamodb() -> Stores:
    """Make the stores of the app table and the hits table, on tables of their own."""
    app, hits = tables.make_table("AppTable")["TableName"], tables.make_table("HitsTable")["TableName"]
    models.bind(app, tables.ENVIRONMENT["AWS_REGION"], tables.LOCAL_URL)
    client = tables.small_client() if tables.LOCAL_URL else tables.BotoClient()
    bucket = fakes.MemoryMailStore()
    messages = DynamoMessageStore(bucket)
    return Stores(
        messages=messages,
        message_days=messages,
        recipients=DynamoRecipientStore(),
        conversations=DynamoConversations(),
        drafts=DynamoDraftStore(),
        inbox=DynamoInboxStore(),
        engagements=DynamoEngagements(),
        engagement_rows=DynamoEngagementStore(client, app),
        surroundings=DynamoSurroundings(client, app),
        hits=DynamoHitStore(client, hits, page_size=7),
        hit_sink=DynamoHitSink(client, hits, KEPT_SECONDS),
        alerts=DynamoAlertStore(),
        alert_panel=DynamoAlertPanel(),
        mutes=DynamoMutes(),
        items=DynamoItemStore(),
        linked=DynamoLinkedMessages(),
        imports=DynamoImportStore(),
        users=DynamoUserStore(),
        accounts=DynamoAccountStore(),
        credentials=DynamoCredentialStore(),
        api_keys=DynamoApiKeyStore(),
        sessions=DynamoSessionStore(),
        sign_in_sources=DynamoSignInSources(),
        preferences=DynamoPreferenceStore(),
        contacts=DynamoContactStore(),
        settings=DynamoSettingsStore(),
        suppressions=DynamoSuppressionList(),
        trail=DynamoTrail(),
        own_users=DynamoOwnUsers(),
        places=DynamoSendingPlaces(),
        servers=DynamoServerRecords(),
        send_counts=DynamoSendCounts(),
        mail_domains=DynamoMailDomains(),
        days=DynamoDayStats(),
        samples=DynamoTrackedSamples(bucket),
        pools=DynamoPoolStore(),
        modes=DynamoModeCounts(lambda: client, app),
        mode_days=DynamoModeDays(),
        load_sink=DynamoLoadSink(client, app),
        subjects=DynamoSubjectIndex(),
        consent_states=DynamoConsentStates(),
        ledger=DynamoConsentLedger(),
        ledger_reader=DynamoConsentLedger(),
        subject_keys=DynamoSubjectKeys(fakes.MemoryKeySeal(), fakes.PredictableBytes()),
        shown_texts=DynamoShownTexts(),
        workspace=DynamoWorkspaceStore(),
        open_questions=DynamoOpenQuestions(),
        copy_gates=DynamoCopyGates(client, app),
        consent_gate=DynamoConsentGate(client, app),
        withdrawals=DynamoWithdrawalStore(client, app),
        hit_archive=DynamoHitArchive(client, hits),
        retention=DynamoRetentionStore(),
        deletions=DynamoDeletionLog(),
        subject_jobs=DynamoSubjectJobs(),
        rights_tickets=DynamoRightsTickets(),
        old_alerts=DynamoOldAlerts(),
        received=DynamoReceivedMails(),
        mailbox_states=DynamoMailboxStates(),
    )


def in_moto() -> Iterator[Stores]:
    """Make stores on an AWS in this process."""
    with tables.environment(), mock_aws():
        yield on_dynamodb()
        tables.close_all()


def locally() -> Iterator[Stores]:
    """Make stores on DynamoDB Local."""
    with tables.environment():
        yield on_dynamodb()
        tables.close_all()


def of_memory() -> Iterator[Stores]:
    """Make stores in memory."""
    yield in_memory()


KINDS: dict[str, Callable[[], Iterator[Stores]]] = (
    {"dynamodb-local": locally} if tables.LOCAL_URL else {"memory": of_memory, "moto": in_moto}
)


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Return every port's store, of each kind in turn."""
    yield from KINDS[request.param]()
