"""The ports of sending and of fair turns, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocello.adapters.consent.notice_files import texts
from ocello.domain.common.errors import Unavailable
from ocello.domain.messages.servers import ServerRecord
from ocello.domain.people.users import Account, TransportName, User
from ocello.services.sending.deliver import DeliveryPorts
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.sending.ports import SendingPlace, SendKind, Transport
from tests.fakes.inbox import MemoryInboxStore
from tests.fakes.items import MemoryItemStore
from tests.fakes.messages import MemoryConversations, MemoryDayStats, MemoryMessageStore, MemoryRecipientStore
from tests.fakes.people.consent import DecisionsInMemory, SubjectsInMemory, decisions, subjects
from tests.fakes.people.people import MemorySettingsStore, MemorySuppressionList, MemoryUserStore
from tests.fakes.sending.accounts import MemoryAccountStore
from tests.fakes.sending.mail import MemoryDeliveryQueue, MemoryMailStore, MemoryTransport
from tests.fakes.world import KEYRING, Clock, PredictableBytes


@dataclass
class MemorySendingPlaces:
    """Places."""

    held: dict[tuple[str, int], int] = field(default_factory=dict)
    down_for: str = ""  # places whose name begins so are never free

    def take(self, name: str, count: int, now: int, until: int) -> SendingPlace | None:
        if self.down_for and name.startswith(self.down_for):
            raise Unavailable("database: down")
        for number in range(count):
            if self.held.get((name, number), 0) <= now:
                self.held[name, number] = until
                return SendingPlace(name, number, until)
        return None

    def give_back(self, place: SendingPlace) -> None:
        if self.held.get((place.name, place.number)) == place.until:
            del self.held[place.name, place.number]


@dataclass
class MemoryServerRecords:
    """ServerRecords."""

    known: dict[str, ServerRecord] = field(default_factory=dict)
    writes: int = 0

    def read(self, server: str) -> ServerRecord:
        return self.known.get(server, ServerRecord())

    def write(self, server: str, record: ServerRecord, now: int) -> None:
        self.writes += 1
        self.known[server] = record


@dataclass
class MemorySendCounts:
    """SendCounts."""

    counts: dict[tuple[str, SendKind, int], int] = field(default_factory=dict)

    def count(self, who: str, kind: SendKind, minute: int, most: int) -> bool:
        so_far = self.counts.get((who, kind, minute), 0)
        if so_far >= most:
            return False
        self.counts[who, kind, minute] = so_far + 1
        return True


@dataclass
class MemoryOwnUsers:
    """OwnUsers: those named in `users`, and those of stores."""

    users: list[User] = field(default_factory=list)
    request: list[Sequence[str]] = field(default_factory=list)
    store: MemoryUserStore = field(default_factory=MemoryUserStore)
    accounts: MemoryAccountStore = field(default_factory=MemoryAccountStore)

    def among(self, addresses: Sequence[str]) -> frozenset[str]:
        self.request.append(addresses)
        present = [user for user in (*self.users, *self.store.users.values()) if not user.disabled]
        sent_from = {each.address for user in present for each in self.accounts.of(user.id) if each.claimed}
        return frozenset({*(user.address for user in present), *sent_from}) & frozenset(addresses)


@dataclass(frozen=True, slots=True)
class SendingInMemory(SendingPorts):
    """SendingPorts in memory: a test may look into each, and move the clock."""

    messages: MemoryMessageStore
    recipients: MemoryRecipientStore
    mail: MemoryMailStore
    queue: MemoryDeliveryQueue
    accounts: MemoryAccountStore
    settings: MemorySettingsStore
    items: MemoryItemStore
    subjects: SubjectsInMemory
    decisions: DecisionsInMemory
    clock: Clock
    random_bytes: PredictableBytes


@dataclass(frozen=True, slots=True)
class DeliveryInMemory(DeliveryPorts):
    """DeliveryPorts in memory, with any transport."""

    messages: MemoryMessageStore
    recipients: MemoryRecipientStore
    mail: MemoryMailStore
    accounts: MemoryAccountStore
    suppressions: MemorySuppressionList
    inbox: MemoryInboxStore
    days: MemoryDayStats
    transports: dict[TransportName, Transport]
    clock: Clock


def sending_ports(user: User) -> SendingInMemory:
    """Return the ports of sending, whose one account is `user`'s own address, verified, by SES."""
    store = MemoryMessageStore()
    accounts = MemoryAccountStore()
    accounts.write(Account(user.id, user.address, "", "ses", verified=True))
    return SendingInMemory(
        messages=store,
        recipients=MemoryRecipientStore(store),
        conversations=MemoryConversations(store),
        mail=MemoryMailStore(),
        queue=MemoryDeliveryQueue(),
        accounts=accounts,
        settings=MemorySettingsStore(),
        items=MemoryItemStore(),
        subjects=subjects(),
        decisions=decisions(),
        tracker=Tracker(KEYRING, "https://t.example.test", footers=texts("footer")),
        clock=Clock(),
        random_bytes=PredictableBytes(),
    )


def delivery_ports(
    sending: SendingInMemory, *, ses: Transport | None = None, smtp: Transport | None = None
) -> DeliveryInMemory:
    """Return the ports that deliver what `sending` stores; a transport that is not given is one in memory."""
    return DeliveryInMemory(
        messages=sending.messages,
        recipients=sending.recipients,
        conversations=sending.conversations,
        mail=sending.mail,
        accounts=sending.accounts,
        decisions=sending.decisions,
        suppressions=MemorySuppressionList(),
        inbox=MemoryInboxStore(sending.messages),
        days=MemoryDayStats(),
        transports={"ses": ses or MemoryTransport(), "smtp": smtp or MemoryTransport()},
        tracker=sending.tracker,
        clock=sending.clock,
    )
