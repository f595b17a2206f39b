"""Settings, keys, accounts, suppressed addresses and users, as JSON."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from functions.api.schemas.base import Answer, Request, Time, whole
from ocello.domain.people import accounts, api_keys, users
from ocello.domain.people.audit import Action
from ocello.domain.people.ringing import TIME_OF_DAY, AlertChoice

type Scope = users.Scope
type Security = users.Security


type TimeOfDay = Annotated[str, Field(pattern=f"^{TIME_OF_DAY}$", examples=["20:00"])]


class QuietHours(Request):
    """Hours of each day, in the user's time zone, in which no channel tells of an alert; they may pass midnight."""

    from_: Annotated[TimeOfDay, Field(alias="from")]
    to: Annotated[TimeOfDay, Field(description="the first minute after them; another than `from`")]


class UserSettings(Request):
    """A user's three switches, the domains whose links are never tracked, and of which alerts the channels tell."""

    track_opens: bool
    track_clicks: bool
    alerts: bool
    never_track: Annotated[
        list[str] | None,
        Field(description="domains, those under them included; left out, they stay as they are"),
    ] = None
    alert_choice: Annotated[
        AlertChoice | None,
        Field(
            description="which alerts ring: every one, each recipient's first open alone, or clicks alone; the others are "
            "listed; left out, it stays as it is"
        ),
    ] = None
    quiet_hours: Annotated[
        QuietHours | None,
        Field(description="when alerts are listed and no channel tells of them; null: never; left out, they stay"),
    ] = None


class NewKey(Request):
    """An API key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=api_keys.LONGEST_NAME)]
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_at: Annotated[Time | None, Field(description="when it stops working; left out: never")] = None


class Key(Answer):
    """An API key, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: Time
    last_used_at: Annotated[Time | None, Field(description="to the day")]
    expires_at: Annotated[Time | None, Field(description="when it stops working; null: never")]


class MadeKey(Key):
    """An API key just made; `key` is shown this once."""

    key: str


class Keys(Answer):
    """A page of API keys, oldest first."""

    items: list[Key]
    next: str | None


class SmtpIn(Request):
    """An SMTP server. A password left out keeps the one that is stored."""

    host: Annotated[str, Field(min_length=1, max_length=accounts.LONGEST_HOST)]
    port: Annotated[int, BeforeValidator(whole), Field(ge=1, le=accounts.HIGHEST_PORT)]
    security: Security = "tls"
    username: Annotated[str, Field(max_length=accounts.LONGEST_USERNAME)] = ""
    password: Annotated[str | None, Field(max_length=accounts.LONGEST_PASSWORD)] = None


class AccountIn(Request):
    """How to send from an address: by SES, or by an SMTP server."""

    name: Annotated[str, Field(max_length=accounts.LONGEST_NAME)] = ""
    transport: users.TransportName
    smtp: SmtpIn | None = None


class Smtp(Answer):
    """An SMTP server, without its password."""

    host: str
    port: int
    security: Security
    username: str


class Account(Answer):
    """An address that the user may send from once it is verified."""

    address: str
    name: str
    transport: users.TransportName
    verified: bool
    smtp: Smtp | None
    warnings: list[str]


class Accounts(Answer):
    """All of a user's accounts, oldest first."""

    items: list[Account]
    next: None = None


class Suppression(Answer):
    """Whether an address is not sent to any more, and why."""

    address: str
    suppressed: bool
    reason: str | None


class NewUser(Request):
    """Someone to be invited."""

    address: Annotated[str, Field(max_length=accounts.LONGEST_ADDRESS, json_schema_extra={"format": "email"})]
    name: Annotated[str, Field(max_length=accounts.LONGEST_NAME)] = ""


class UserChange(Request):
    """What an administrator may change of a user; what is left out stays."""

    disabled: bool | None = None
    groups: Annotated[list[str] | None, Field(description="given, beside those of the identity provider")] = None


class User(Answer):
    """Someone who may sign in."""

    id: str
    address: str
    name: str
    admin: bool
    groups: Annotated[list[str], Field(description="all groups the user is in, the identity provider's too")]
    given_groups: list[str]
    disabled: bool
    state: Annotated[users.UserState, Field(description="invited: was invited and has never come")]
    created_at: Time


class Users(Answer):
    """A page of users, by address."""

    items: list[User]
    next: str | None


class AuditEntry(Answer):
    """A change that somebody made of users, groups, keys, accounts, suppressed addresses or of who sees what."""

    id: str
    at: Time
    actor: Annotated[str, Field(description="sign-in address")]
    by_key: Annotated[bool, Field(description="whether by an API key")]
    action: Action
    target: Annotated[str, Field(description="an address, an item as `deal/42`, a message's id or a key's name")]
    before: str
    after: str


class AuditTrail(Answer):
    """A page of the audit trail, newest first."""

    items: list[AuditEntry]
    next: str | None
