"""People and what is theirs, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ocello.domain.common.errors import Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Language, Preferences
from ocello.domain.people.ringing import AlertChoice, QuietHours
from ocello.domain.people.users import ApiKey, TrackingSettings, User
from ocello.services.common.ports import Page
from tests.fakes.world import paged


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
        times = present.notices_at, present.notices_seen_at
        self.users[after.id] = replace(after, version=before.version + 1, notices_at=times[0], notices_seen_at=times[1])
        self.trail += notes
        return True

    def mark_seen(self, user: str, up_to: int) -> None:
        if user in self.users and self.users[user].notices_seen_at < up_to:
            self.users[user] = replace(self.users[user], notices_seen_at=up_to)

    def tell(self, user: str, at: int) -> None:
        """Record that a user is notified of a change, as the real stores do in the change's own transaction."""
        if user in self.users:
            self.users[user] = replace(self.users[user], notices_at=at)

    def update(self, user: User) -> None:
        """Write a user over anything, as no real store does."""
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
    usual: TrackingSettings = field(default_factory=TrackingSettings)

    def read(self, user: str) -> TrackingSettings:
        return self.settings.get(user, self.usual)

    def save_switches(self, user: str, settings: TrackingSettings) -> None:
        now = self.read(user)
        kept = replace(now, track_opens=settings.track_opens, track_clicks=settings.track_clicks)
        self.settings[user] = replace(kept, alerts=settings.alerts)

    def save_never_track(self, user: str, domains: tuple[str, ...]) -> None:
        self.settings[user] = replace(self.read(user), never_track=domains)

    def choose_alerts(self, user: str, choice: AlertChoice, quiet: QuietHours | None) -> None:
        self.settings[user] = replace(self.read(user), alert_choice=choice, quiet_hours=quiet)

    def write(self, user: str, settings: TrackingSettings) -> None:
        self.settings[user] = settings


@dataclass
class MemoryTrail:
    """Trail of the entries that the memory stores write into the shared `entries`."""

    entries: list[AuditEntry]
    kept: dict[str, list[AuditEntry]] = field(default_factory=dict)

    def page(self, limit: int, cursor: str | None) -> Page[AuditEntry]:
        newest = sorted(self.entries, key=lambda entry: entry.id, reverse=True)
        return paged(newest, limit, cursor, lambda entry: entry.id)

    def notices(self, user: str, limit: int) -> Sequence[AuditEntry]:
        return self.kept.get(user, [])[::-1][:limit]


@dataclass
class MemoryDirectory:
    """Directory: who has a sign-in, and whether it was ever used."""

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
        key, day = self.keys.get((user, identifier)), now // DAY_MS * DAY_MS
        if key is not None and key.last_used_at < day:
            self.keys[user, identifier] = replace(key, last_used_at=day)


@dataclass
class MemoryPreferenceStore:
    """PreferenceStore."""

    kept: dict[str, Preferences] = field(default_factory=dict)

    def read(self, user: str) -> Preferences:
        return self.kept.get(user, Preferences())

    def write(self, user: str, preferences: Preferences) -> None:
        """Write preferences over anything, as no real store does."""
        self.kept[user] = preferences

    def save_choices(self, user: str, preferences: Preferences) -> None:
        now = self.read(user)
        self.kept[user] = replace(preferences, signature=now.signature, browser_language=now.browser_language)

    def save_signature(self, user: str, signature: str) -> None:
        self.kept[user] = replace(self.read(user), signature=signature)

    def save_zone_if_unknown(self, user: str, zone: str) -> None:
        if not self.read(user).zone:
            self.kept[user] = replace(self.read(user), zone=zone)

    def remember_browser_language(self, user: str, language: Language) -> None:
        self.kept[user] = replace(self.read(user), browser_language=language)


@dataclass
class MemoryContactStore:
    """ContactStore."""

    kept: dict[str, Contacts] = field(default_factory=dict)

    def read(self, owner: str) -> Contacts:
        return self.kept.get(owner, Contacts())

    def write(self, owner: str, known: Contacts) -> bool:
        if self.read(owner).version != known.version - 1:
            return False
        self.kept[owner] = known
        return True


def settings_of(*, alerts: bool = True, mail_alerts: bool = False) -> MemorySettingsStore:
    """Make a store in which everybody has these settings."""
    return MemorySettingsStore(usual=TrackingSettings(alerts=alerts, mail_alerts=mail_alerts))
