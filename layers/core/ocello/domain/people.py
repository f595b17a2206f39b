"""The people who use Ocello: users, their settings, sending accounts and API keys."""

from dataclasses import dataclass
from typing import Literal

Security = Literal["tls", "starttls", "none"]
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

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Name every group that the user is in, in order."""
        return tuple(sorted({*self.groups, *self.given_groups}))


@dataclass(frozen=True, slots=True)
class TrackingSettings:
    """A user's three switches; a new user has tracking off and alerts on."""

    track_opens: bool = False
    track_clicks: bool = False
    alerts: bool = True
    mail_alerts: bool = False


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A user's own SMTP server. The password lives in the secret store, under `secret`; empty means no sign-in."""

    host: str
    port: int
    security: Security
    username: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An address that a user may send from, and how: by SES, or by the server of `smtp`."""

    user: str
    address: str  # lower case
    name: str
    transport: TransportName
    verified: bool
    smtp: SmtpServer | None = None


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


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what they may do: a user by sign-in (all scopes, and keys and accounts) or by an API key."""

    user: User
    scopes: frozenset[Scope]
    by_key: bool
    key: str = ""  # the id of the API key
