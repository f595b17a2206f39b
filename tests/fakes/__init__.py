"""The ports in memory: small, as strict as the real ones, and easy to make fail."""

from tests.fakes.engagement.alerts import MemoryAlertPanel
from tests.fakes.messages import (
    MemoryConversations,
    MemoryDayStats,
    MemoryMessageStore,
    MemoryMutes,
    MemoryRecipientStore,
)
from tests.fakes.people.consent import (
    SUBJECT_KEY,
    MemoryConsentLedger,
    MemoryHeadSigner,
    MemoryKeySeal,
    MemorySubjectIndex,
    MemorySubjectKeys,
    consents,
    subjects,
)
from tests.fakes.people.people import (
    MemoryApiKeyStore,
    MemoryContactStore,
    MemoryDirectory,
    MemoryPreferenceStore,
    MemorySettingsStore,
    MemorySuppressionList,
    MemoryTrail,
    MemoryUserStore,
)
from tests.fakes.sending.accounts import MemoryAccountStore, MemoryPasswordSeal, MemorySecretStore
from tests.fakes.sending.mail import MemoryDeliveryQueue, MemoryMailStore, MemoryTransport, Posted, queue_body
from tests.fakes.sending.ports import (
    MemoryOwnUsers,
    MemorySendCounts,
    MemorySendingPlaces,
    MemoryServerRecords,
    delivery_ports,
    sending_ports,
)
from tests.fakes.world import ANYTHING, KEYRING, NOON, USER, Clock, PredictableBytes, TimeLeft, paged

__all__ = [
    "ANYTHING",
    "KEYRING",
    "NOON",
    "SUBJECT_KEY",
    "USER",
    "Clock",
    "MemoryAccountStore",
    "MemoryAlertPanel",
    "MemoryApiKeyStore",
    "MemoryConsentLedger",
    "MemoryContactStore",
    "MemoryConversations",
    "MemoryDayStats",
    "MemoryDeliveryQueue",
    "MemoryDirectory",
    "MemoryHeadSigner",
    "MemoryKeySeal",
    "MemoryMailStore",
    "MemoryMessageStore",
    "MemoryMutes",
    "MemoryOwnUsers",
    "MemoryPasswordSeal",
    "MemoryPreferenceStore",
    "MemoryRecipientStore",
    "MemorySecretStore",
    "MemorySendCounts",
    "MemorySendingPlaces",
    "MemoryServerRecords",
    "MemorySettingsStore",
    "MemorySubjectIndex",
    "MemorySubjectKeys",
    "MemorySuppressionList",
    "MemoryTrail",
    "MemoryTransport",
    "MemoryUserStore",
    "Posted",
    "PredictableBytes",
    "TimeLeft",
    "consents",
    "delivery_ports",
    "paged",
    "queue_body",
    "sending_ports",
    "subjects",
]
