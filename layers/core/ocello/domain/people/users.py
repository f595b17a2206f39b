"""The people who use Ocello: users, their settings, sending accounts and API keys."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from ocello.domain.people.ringing import AlertChoice, QuietHours

Security = Literal["tls", "starttls", "none"]
UserState = Literal["invited", "active", "disabled"]
TransportName = Literal["ses", "smtp"]
Scope = Literal["read", "send", "settings", "consent:read", "consent:write"]
MAX_GROUPS = 20  # groups given to one user; each is a list to be read when items are listed
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in. `address` is the sign-in address, in lower case."""

    id: str
    address: str
    name: str = ""
    admin: bool = False
    groups: tuple[str, ...] = ()
    disabled: bool = False
    created_at: int = 0  # ms
    given_groups: tuple[str, ...] = ()  # those that administrators added; `groups` are those of the identity provider
    invited: bool = False  # and has never signed in
    signed_out_at: int = 0  # ms: older sessions and sign-in tokens are no longer valid
    notices_at: int = 0  # ms: the newest change by an administrator that the user is shown
    notices_seen_at: int = 0  # ms: the newest of them that the user has confirmed
    version: int = 0  # raised by each change

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Return the groups that the user is in, sorted."""
        return tuple(sorted({*self.groups, *self.given_groups}))

    @property
    def has_notices(self) -> bool:
        """Return whether the user is to be shown a change by an administrator."""
        return self.notices_at > self.notices_seen_at

    @property
    def state(self) -> UserState:
        """Return whether the user may sign in, and has ever done so."""
        return "disabled" if self.disabled else "invited" if self.invited else "active"


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """A user's tracking and alert settings; a new user has tracking off and alerts on."""

    track_opens: bool = False
    track_clicks: bool = False
    alerts: bool = True
    mail_alerts: bool = False
    never_track: tuple[
        str, ...
    ] = ()  # domains whose links are not tracked, in the form that `hosts.normalized` returns
    alert_choice: AlertChoice = "every"
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A user's own SMTP server; without a user name there is no sign-in. What signs in is stored as the account's credential.

    Earlier versions kept passwords sealed here, or before that in the secret store, under the name `secret`.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    secret: str = ""
    sealed: bytes = b""


@dataclass(frozen=True, slots=True)
class Account:
    """An address that a user may send from, by SES or by the server `smtp`."""

    user: str
    address: str  # lower case
    name: str
    transport: TransportName
    verified: bool
    smtp: SmtpServer | None = None
    version: int = 0  # raised by each change
    claimed: bool = field(default=False, compare=False)  # its address is registered as ours; older rows: no


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that a user made; only a digest of its secret is stored."""

    id: str
    user: str
    name: str
    scopes: tuple[Scope, ...]
    digest: str
    created_at: int  # ms
    last_used_at: int = 0  # ms, to the day
    expires_at: int = 0  # ms; 0: never


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent a request, and what they may do: a signed-in user (all scopes, keys and accounts) or an API key (its scopes)."""

    user: User
    scopes: frozenset[Scope]
    by_key: bool
    key: str = ""  # the id of the API key
