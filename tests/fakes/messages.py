"""The ports in memory: small, strict about the same conditions as the real ones, and easy to make fail."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Message, Recipient, Status
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account, ApiKey, TrackingSettings, User
from ocello.domain.tracking.tokens import Keyring
from ocello.services.alerts.ports import ShownAlert
from ocello.services.common.ports import Page
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.sending.ports import KnownId, Sent, StoredMessage
from ocello.services.statistics.ports import KeptDay
from tests.fakes.items import MemoryItemStore

ANYTHING = object()  # whatever stands
NOON = 1_790_000_000_000  # ms; some moment in 2026
USER = User("user-1", "rep@example.test", "Rita Rep")
KEYRING = Keyring.parse("1:" + "k" * 32)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@dataclass
class TimeLeft:
    """The time that a call has left (ms): plenty, for so many questions."""

    questions: int = 1_000_000

    def __call__(self) -> int:
        self.questions -= 1
        return 900_000 if self.questions >= 0 else 0


@dataclass
class Chance:
    """Chance without any: bytes that differ from call to call, and are the same in every run."""

    calls: int = 0

    def __call__(self, size: int) -> bytes:
        self.calls += 1
        return self.calls.to_bytes(4, "big") * (size // 4) + bytes(size % 4)


def paged[T](items: Sequence[T], limit: int, cursor: str | None, key: Callable[[T], str]) -> Page[T]:
    """Page a list whose order is final; cursors are spelled `after:<key>`."""
    start = 0
    if cursor is not None:
        places = [place for place, item in enumerate(items) if f"after:{key(item)}" == cursor]
        if not places:
            raise Invalid("cursor", "is not one that this list gave")
        start = places[0] + 1
    page = tuple(items[start : start + limit])
    return Page(page, f"after:{key(page[-1])}" if start + limit < len(items) else None)


@dataclass
class MemoryMessageStore:
    """MessageStore and MessageDays; its recipients' truth lies in `rows`, which MemoryRecipientStore changes."""

    messages: dict[str, StoredMessage] = field(default_factory=dict)
    rows: dict[tuple[str, int], Recipient] = field(default_factory=dict)
    engagements: dict[str, Engagement] = field(default_factory=dict)
    used: dict[tuple[str, str], str] = field(default_factory=dict)
    conversations: dict[tuple[str, str], KnownId] = field(default_factory=dict)
    down: bool = False

    def create(self, stored: StoredMessage, idempotency: str | None) -> str | None:
        self._answer()
        message = stored.message
        if idempotency is not None:
            if (message.owner, idempotency) in self.used:
                return self.used[message.owner, idempotency]
            self.used[message.owner, idempotency] = message.id
        self.messages[message.id] = stored
        self.conversations[message.owner, message.message_id] = KnownId(message.conversation_id, message.id)
        for recipient in stored.recipients:
            self.rows[message.id, recipient.index] = recipient
        return None

    def earlier(self, owner: str, idempotency: str) -> str | None:
        self._answer()
        return self.used.get((owner, idempotency))

    def load(self, message: str) -> StoredMessage | None:
        self._answer()
        stored = self.messages.get(message)
        if stored is None:
            return None
        recipients = tuple(self.rows[message, each.index] for each in stored.recipients)
        return replace(stored, recipients=recipients, engagement=self.engagements.get(message, stored.engagement))

    def page(self, owner: str, *, tracked: bool, limit: int, cursor: str | None) -> Page[StoredMessage]:
        self._answer()
        found = [self.load(key) for key in sorted(self.messages, reverse=True)]
        own = [s for s in found if s is not None and s.message.owner == owner and (s.message.tracked or not tracked)]
        return paged(own, limit, cursor, lambda stored: stored.message.id)

    def between(self, owner: str, first_ms: int, end_ms: int) -> Sequence[tuple[Message, Engagement | None]]:
        found = [self.load(key) for key in sorted(self.messages)]
        return [
            (stored.message, stored.engagement)
            for stored in found
            if stored is not None and stored.message.owner == owner and first_ms <= stored.message.created_at < end_ms
        ]

    def before(self, owner: str, identifier: str | None, limit: int) -> Sequence[Message]:
        own = sorted((s.message for s in self.messages.values() if s.message.owner == owner), key=lambda m: m.id)
        return [each for each in reversed(own) if identifier is None or each.id < identifier][:limit]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("database: down")


@dataclass
class MemoryConversations:
    """Conversations, sharing what MemoryMessageStore notes."""

    store: MemoryMessageStore

    def find(self, owner: str, message_ids: Sequence[str]) -> Mapping[str, KnownId]:
        known = self.store.conversations
        return {each: known[owner, each] for each in message_ids if (owner, each) in known}

    def claim(self, owner: str, message_id: str, conversation: str) -> str:
        return self.store.conversations.setdefault((owner, message_id), KnownId(conversation)).conversation

    def remember(self, owner: str, message_id: str, known: KnownId) -> None:
        self.store.conversations[owner, message_id] = known


@dataclass
class MemoryRecipientStore:
    """RecipientStore, conditional as the real one is."""

    store: MemoryMessageStore
    down: bool = False
    starts: dict[tuple[str, int], int] = field(default_factory=dict)

    def claim(self, message: str, index: int, now: int) -> Recipient | None:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is None or row.status != "queued":
            return None
        self.store.rows[message, index] = replace(row, status="sending", changed_at=now, attempts=row.attempts + 1)
        self.starts.pop((message, index), None)
        return self.store.rows[message, index]

    def read(self, message: str, index: int) -> Recipient | None:
        self._answer()
        return self.store.rows.get((message, index))

    def record(self, message: str, recipient: Recipient, among: frozenset[Status]) -> bool:
        self._answer()
        row = self.store.rows.get((message, recipient.index))
        if row is None or row.status not in among:
            return False
        self.store.rows[message, recipient.index] = recipient
        self.starts.pop((message, recipient.index), None)
        return True

    def count_start(self, message: str, index: int, by: int) -> int:
        self._answer()
        row = self.store.rows.get((message, index))
        if row is None or row.status != "queued":
            return 0
        self.starts[message, index] = self.starts.get((message, index), 0) + by
        return self.starts[message, index]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("database: down")


@dataclass
class MemoryMailStore:
    """MailStore."""

    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    down: bool = False

    def put(self, name: str, content: bytes, content_type: str) -> None:
        if self.down:
            raise Unavailable("mail bucket: down")
        self.files[name], self.types[name] = content, content_type

    def get(self, name: str) -> bytes | None:
        if self.down:
            raise Unavailable("mail bucket: down")
        return self.files.get(name)

    def size(self, name: str) -> int | None:
        return len(self.files[name]) if name in self.files else None

    def delete(self, names: Sequence[str]) -> None:
        for name in names:
            self.files.pop(name, None)

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        return f"https://bucket.test/{name}?type={content_type}&filename={filename}"

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        return {"url": "https://bucket.test/", "fields": {"key": name, "limit": str(limit)}}


@dataclass
class MemoryDeliveryQueue:
    """DeliveryQueue; the next `refusals` calls refuse everything, the indexes in `refused` never pass."""

    queued: list[tuple[str, int]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    postponed: list[tuple[str, int]] = field(default_factory=list)
    refusals: int = 0
    refused: frozenset[int] = frozenset()

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:
        if self.refusals:
            self.refusals -= 1
            return list(indexes)
        self.queued += [(message, index) for index in indexes if index not in self.refused]
        self.owners.append(owner)
        return [index for index in indexes if index in self.refused]

    def postpone(self, receipt: str, seconds: int) -> None:
        self.postponed.append((receipt, seconds))


@dataclass(frozen=True)
class Posted:
    """What a MemoryTransport took."""

    account: str
    to: str
    copy: bytes
    tags: dict[str, str]


@dataclass
class MemoryTransport:
    """Transport; `answers` are raised or given, one a call, then every copy is taken under its own Message-ID."""

    taken: list[Posted] = field(default_factory=list)
    answers: list[Exception | Sent] = field(default_factory=list)
    calls: int = 0

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else Sent(f"<{tags['message']}.{self.calls}@transport.test>")
        if isinstance(answer, Exception):
            raise answer
        self.taken.append(Posted(account.address, envelope_to, copy, tags))
        return answer


@dataclass
class MemorySuppressionList:
    """SuppressionList."""

    reasons: dict[str, str] = field(default_factory=dict)

    def reason(self, address: str) -> str | None:
        return self.reasons.get(address.lower())

    trail: list[AuditEntry] = field(default_factory=list)

    def add(self, address: str, reason: str, now: int) -> None:
        if self.reasons.get(address.lower()) != "complaint":
            self.reasons[address.lower()] = reason

    def remove(self, address: str, reason: str, note: AuditEntry) -> bool:
        if self.reasons.get(address.lower()) != reason:
            return False
        del self.reasons[address.lower()]
        self.trail.append(note)
        return True


@dataclass
class MemoryUserStore:
    """UserStore."""

    users: dict[str, User] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)
    trail: list[AuditEntry] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None  # what somebody else does before the next change

    def get(self, user: str) -> User | None:
        return self.users.get(user)

    def by_identity(self, digest: str) -> User | None:
        return self.users.get(self.identities.get(digest, ""))

    def by_address(self, address: str) -> User | None:
        return next((user for user in self.users.values() if user.address == address), None)

    def create(self, user: User, note: AuditEntry | None = None) -> bool:
        if self.by_address(user.address) is not None:
            return False
        self.users[user.id] = user
        self.trail += [note] if note else []
        return True

    def change(self, before: User, after: User, notes: Sequence[AuditEntry], witness: str = "") -> bool:
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        present, other = self.users.get(after.id), self.users.get(witness)
        if present is None or present.version != before.version:
            return False
        if witness and (other is None or other.disabled or not other.admin):
            return False
        told = present.told_at, present.told_seen_at
        self.users[after.id] = replace(after, version=before.version + 1, told_at=told[0], told_seen_at=told[1])
        self.trail += notes
        return True

    def seen(self, user: str, told_at: int) -> None:
        self.users[user] = replace(self.users[user], told_seen_at=max(told_at, self.users[user].told_seen_at))

    def update(self, user: User) -> None:
        """Write a user over whatever stands, as no real store does."""
        self.users[user.id] = user

    def bind(self, digest: str, user: str) -> None:
        self.identities[digest] = user

    def page(self, limit: int, cursor: str | None) -> Page[User]:
        users = sorted(self.users.values(), key=lambda user: user.address)
        return paged(users, limit, cursor, lambda user: user.address)


@dataclass
class MemorySettingsStore:
    """SettingsStore."""

    settings: dict[str, TrackingSettings] = field(default_factory=dict)

    def read(self, user: str) -> TrackingSettings:
        return self.settings.get(user, TrackingSettings())

    def switch(self, user: str, settings: TrackingSettings) -> None:
        now = self.read(user)
        self.settings[user] = replace(settings, mail_alerts=now.mail_alerts, never_track=now.never_track)

    def leave_alone(self, user: str, domains: tuple[str, ...]) -> None:
        self.settings[user] = replace(self.read(user), never_track=domains)

    def write(self, user: str, settings: TrackingSettings) -> None:
        self.settings[user] = settings


@dataclass
class MemoryAccountStore:
    """AccountStore."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def of(self, user: str) -> Sequence[Account]:
        return [account for (owner, _), account in sorted(self.accounts.items()) if owner == user]

    trail: list[AuditEntry] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None  # what somebody else does before the next change

    def write(self, account: Account, before: Any = ANYTHING, note: AuditEntry | None = None) -> bool:
        """Write an account over what is told to stand; over whatever stands, as no real store does, if that is not told."""
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()
        key = account.user, account.address
        present = self.accounts.get(key)
        before = present if before is ANYTHING else before
        if (present.version if present else None) != (before.version if before else None):
            return False
        version = before.version + 1 if before else 1
        self.accounts[key] = replace(account, version=version, claimed=account.verified)
        self.trail += [note] if note else []
        return True

    def claim(self, account: Account) -> None:
        self.accounts[account.user, account.address] = replace(account, claimed=True)

    def delete(self, account: Account) -> bool:
        present = self.accounts.get((account.user, account.address))
        if present is None or present.version != account.version:
            return False
        del self.accounts[account.user, account.address]
        return True


@dataclass
class MemorySeal:
    """PasswordSeal: as strict as the real one about whose seal it is."""

    down: bool = False

    def close(self, user: str, address: str, text: str) -> bytes:
        self._answer()
        return f"{user}|{address}|{text[::-1]}".encode()

    def open(self, user: str, address: str, sealed: bytes) -> str:
        self._answer()
        whose, text = sealed.decode().rsplit("|", 1)
        if whose != f"{user}|{address}":
            raise Unavailable("key service: InvalidCiphertextException")
        return text[::-1]

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("key service: down")


@dataclass
class MemoryTrail:
    """Trail of what the memory stores noted in `entries`, which they share."""

    entries: list[AuditEntry]
    kept: dict[str, list[AuditEntry]] = field(default_factory=dict)

    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        newest = sorted(self.entries, key=lambda entry: entry.id, reverse=True)
        return paged(newest, limit, cursor, lambda entry: entry.id)

    def told(self, user: str, limit: int) -> Sequence[AuditEntry]:
        return self.kept.get(user, [])[::-1][:limit]


@dataclass
class MemoryDirectory:
    """Directory: who has a sign-in, and whether they ever used it."""

    people: dict[str, bool] = field(default_factory=dict)
    mailed: list[str] = field(default_factory=list)
    down: bool = False

    def invite(self, address: str, *, again: bool) -> bool:
        if self.down:
            raise Unavailable("user pool: down")
        came = self.people.get(address)
        if came is not None and (came or not again):
            return False
        if came is None and again:
            return False
        self.people[address] = False
        self.mailed.append(address)
        return True


@dataclass
class MemorySecretStore:
    """SecretStore, with what was stored before passwords were sealed."""

    secrets: dict[str, str] = field(default_factory=dict)

    def read(self, name: str) -> str:
        if name not in self.secrets:
            raise Unavailable("secret store: ResourceNotFoundException")
        return self.secrets[name]

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


@dataclass
class MemoryApiKeyStore:
    """ApiKeyStore."""

    keys: dict[tuple[str, str], ApiKey] = field(default_factory=dict)
    trail: list[AuditEntry] = field(default_factory=list)

    def get(self, user: str, identifier: str) -> ApiKey | None:
        return self.keys.get((user, identifier))

    def create(self, key: ApiKey, note: AuditEntry | None = None) -> None:
        self.keys[key.user, key.id] = key
        self.trail += [note] if note else []

    def delete(self, key: ApiKey, note: AuditEntry) -> bool:
        if self.keys.pop((key.user, key.id), None) is None:
            return False
        self.trail.append(note)
        return True

    def page(self, user: str, limit: int, cursor: str | None) -> Page[ApiKey]:
        own = [key for (owner, _), key in sorted(self.keys.items()) if owner == user]
        return paged(own, limit, cursor, lambda key: key.id)

    def touch(self, user: str, identifier: str, now: int) -> None:
        key = self.keys.get((user, identifier))
        if key is not None:
            self.keys[user, identifier] = replace(key, last_used_at=now)


@dataclass
class MemoryDayStats:
    """DayStats."""

    days: dict[tuple[str, str], KeptDay] = field(default_factory=dict)

    def between(self, owner: str, first: str, last: str) -> Mapping[str, KeptDay]:
        return {day: kept for (user, day), kept in self.days.items() if user == owner and first <= day <= last}

    def keep(self, owner: str, days: Mapping[str, KeptDay]) -> None:
        for day, kept in days.items():
            if self.days.get((owner, day), KeptDay(0, None)).generation == kept.generation:
                self.days[owner, day] = kept

    def forget(self, owner: str, day: str) -> None:
        self.days[owner, day] = KeptDay(self.days.get((owner, day), KeptDay(0, None)).generation + 1, None)


@dataclass
class MemoryAlertPanel:
    """AlertPanel."""

    alerts: dict[str, list[ShownAlert]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        newest = sorted(self.alerts.get(owner, ()), key=lambda alert: alert.id, reverse=True)
        mark = self.read.get(owner, "")
        shown = [replace(a, state="read") if a.state == "new" and a.id <= mark else a for a in newest]
        return paged(shown, limit, cursor, lambda alert: alert.id)

    def follow(self, owner: str, alert: str) -> str | None:
        rows = self.alerts.get(owner, [])
        place = next((place for place, each in enumerate(rows) if each.id == alert), None)
        if place is None:
            return None
        if rows[place].state == "new":
            rows[place] = replace(rows[place], state="read")
        return rows[place].message

    def read_up_to(self, owner: str, alert: str) -> None:
        if all(alert != each.id for each in self.alerts.get(owner, ())):
            raise Invalid("up_to", "is no alert's id")
        self.read[owner] = max(alert, self.read.get(owner, ""))


def queue_body(message: str, recipient: int) -> str:
    """Spell a message of the delivery queue."""
    return json.dumps({"message": message, "recipient": recipient})


def post_office(user: User) -> SendingPorts:
    """Furnish a post office whose one account is `user`'s own address, verified, by SES."""
    store = MemoryMessageStore()
    accounts = MemoryAccountStore()
    accounts.write(Account(user.id, user.address, "", "ses", verified=True))
    return SendingPorts(
        messages=store,
        recipients=MemoryRecipientStore(store),
        conversations=MemoryConversations(store),
        mail=MemoryMailStore(),
        queue=MemoryDeliveryQueue(),
        accounts=accounts,
        settings=MemorySettingsStore(),
        items=MemoryItemStore(),
        tracker=Tracker(KEYRING, "https://t.example.test"),
        clock=Clock(),
        random_bytes=Chance(),
    )
