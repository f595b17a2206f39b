"""The people who use Ocello: users, their settings, sending accounts and API keys."""

from dataclasses import dataclass, field
from typing import Literal

Security = Literal["tls", "starttls", "none"]
UserState = Literal["invited", "active", "disabled"]
TransportName = Literal["ses", "smtp"]
Scope = Literal["read", "send", "settings"]
SCOPES: tuple[Scope, ...] = ("read", "send", "settings")


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may sign in. `address` is the sign-in address, in lower case."""

    id: str
    address: str
    name: str = ""
    admin: bool = False
    groups: tuple[str, ...] = ()
    disabled: bool = False
    created_at: int = 0  # ms
    given_groups: tuple[str, ...] = ()  # by administrators, where `groups` are those of the identity provider
    invited: bool = False  # and has never come
    signed_out_at: int = 0  # ms: sessions and sign-in tokens of before are over
    told_at: int = 0  # ms of the newest change by an administrator that the user is told of
    told_seen_at: int = 0  # ms of the newest of which the user has said to have seen it
    version: int = 0  # raised by each change

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Name every group that the user is in, in order."""
        return tuple(sorted({*self.groups, *self.given_groups}))

    @property
    def is_told(self) -> bool:
        """Return whether there is a change by an administrator that the user has not seen."""
        return self.told_at > self.told_seen_at

    @property
    def state(self) -> UserState:
        """Return whether the user may come in, and ever did."""
        return "disabled" if self.disabled else "invited" if self.invited else "active"


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """A user's switches, and domains never to track; a new user has tracking off and alerts on."""

    track_opens: bool = False
    track_clicks: bool = False
    alerts: bool = True
    mail_alerts: bool = False
    never_track: tuple[str, ...] = ()  # domains whose links stay as they are, as `hosts.compared` spells them


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A user's own SMTP server. Its password is `sealed`; neither that nor `secret` means no sign-in.

    Passwords stored before they were sealed are in the secret store, under the name `secret`.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    secret: str = ""
    sealed: bytes = b""


@dataclass(frozen=True, slots=True)
class Account:
    """An address that a user may send from, and how: by SES, or by the server of `smtp`."""

    user: str
    address: str  # lower case
    name: str
    transport: TransportName
    verified: bool
    smtp: SmtpServer | None = None
    version: int = 0  # raised by each change
    claimed: bool = field(default=False, compare=False)  # whether its address is known as one of ours; earlier rows: no


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that a user made; of its secret only the digest is kept."""

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
    """Who asks, and what they may do: a user by sign-in (all scopes, and keys and accounts) or by an API key."""

    user: User
    scopes: frozenset[Scope]
    by_key: bool
    key: str = ""  # the id of the API key
