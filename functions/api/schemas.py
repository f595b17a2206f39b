"""The JSON of requests and answers, as pydantic models: what is checked, and what OpenAPI shows."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

type Time = Annotated[str, Field(description="RFC 3339, UTC, with milliseconds", examples=["2026-01-31T09:30:00.000Z"])]
type Scope = Literal["read", "send", "settings"]
type Visibility = Literal["private", "shared"]
type Security = Literal["tls", "starttls", "none"]

_SENDING: JsonDict = {
    "to": ["buyer@customer.test"],
    "cc": [],
    "bcc": [],
    "subject": "Offer",
    "html": '<p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p>',
    "track": {"opens": True, "clicks": True},
    "visibility": "private",
    "items": [{"type": "deal", "id": "42"}],
}


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Item(_Request):
    """A deal, lead, project, person or organization."""

    type: str
    id: str


class TrackChoice(_Request):
    """What to track of this one message; what is left out follows the user's settings."""

    opens: bool | None = None
    clicks: bool | None = None


class UploadedFile(_Request):
    """An attachment that was uploaded before."""

    upload: str
    filename: Annotated[str, Field(min_length=1, max_length=255)]


class Sending(_Request):
    """A message to be sent. Addresses are RFC 5322 mailboxes."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [_SENDING]})

    to: list[str] = []
    cc: list[str] = []
    bcc: list[str] = []
    subject: str = ""
    html: str | None = None
    text: str | None = None
    track: TrackChoice | None = None
    visibility: Visibility = "private"
    items: list[Item] = []
    in_reply_to: Annotated[str | None, Field(description="the Message-ID of the mail that this one answers")] = None
    attachments: list[UploadedFile] = []


class Summary(_Answer):
    """Hits of one kind: those that count, those of machines, and the rest. Times are oldest first."""

    count: int
    machine: int
    unknown: int
    first: Time | None
    last: Time | None
    times: list[Time]


class Recipient(_Answer):
    """One address of a message and what became of its copy."""

    index: int
    address: str
    kind: Literal["to", "cc", "bcc"]
    status: Literal["queued", "sent", "bounced", "complained", "failed", "unknown"]
    words: Annotated[str, Field(description="the server's own words on what went wrong")]
    message_id: Annotated[str | None, Field(description="the Message-ID that the transport really used, once known")]
    opens: Summary
    clicks: Summary


class Link(_Answer):
    """One tracked address in a message."""

    index: int
    url: str
    text: str
    clicks: Summary


class Untracked(_Answer):
    """Something left as it was, and why."""

    what: str
    where: str
    reason: str


class Tracking(_Answer):
    """What is tracked of a message."""

    opens: bool
    clicks: bool


class Message(_Answer):
    """A message with its engagement."""

    id: str
    message_id: str
    conversation_id: str
    status: Literal["queued", "sending", "sent", "partly_failed", "failed", "unknown"]
    from_: Annotated[str, Field(alias="from")]
    to: list[str]
    cc: list[str]
    bcc: Annotated[list[str], Field(description="shown to the owner alone")]
    subject: str
    sent_at: Annotated[Time | None, Field(description="when the first copy left")]
    tracking: Tracking
    visibility: Visibility
    items: list[Item]
    opens: Summary
    clicks: Summary
    recipients: list[Recipient]
    links: list[Link]
    untracked: list[Untracked]


class Messages(_Answer):
    """A page of messages, newest first."""

    items: list[Message]
    next: str | None


class Hit(_Answer):
    """One raw hit and what is made of it now."""

    at: Time
    kind: Literal["open", "click"]
    recipient: Annotated[int | None, Field(description="its index; null where hits are not told apart")]
    link: Annotated[int | None, Field(description="its index; null for an open")]
    method: str
    address: Annotated[str, Field(description="the network address it came from")]
    agent: str
    verdict: Literal["human", "proxy", "privacy_proxy", "prefetch", "scanner", "bot", "self", "unknown"]
    confidence: float
    reasons: list[str]
    explanation: Annotated[str, Field(description="verdict and reasons in words")]


class Hits(_Answer):
    """A page of hits, oldest first."""

    items: list[Hit]
    next: str | None


class Copy(_Answer):
    """The copy of one recipient."""

    recipient: str
    raw: Annotated[str, Field(description="base64 of the whole copy")]


class CopyAt(_Answer):
    """Where the copy of one recipient can be fetched for some minutes: all copies together are over 4 MB."""

    recipient: str
    url: str


class Instrumented(_Answer):
    """A message to be sent by the caller, with a copy for each recipient."""

    message: Message
    copies: list[Copy] | list[CopyAt]


class UserSettings(_Request):
    """A user's three switches."""

    track_opens: bool
    track_clicks: bool
    alerts: bool


class UploadForm(_Answer):
    """Where and how to upload one attachment: POST `fields` and then the file, as multipart/form-data, to `url`."""

    id: str
    url: str
    fields: dict[str, Any]


class AlertMessage(_Answer):
    """The message that an alert is about."""

    id: str
    subject: str


class Alert(_Answer):
    """Someone opened a message or clicked in it."""

    id: str
    kind: Literal["open", "click"]
    at: Time
    message: AlertMessage
    recipient: str
    link: str | None
    state: Literal["new", "read", "withdrawn"]


class Alerts(_Answer):
    """A page of alerts, newest first."""

    items: list[Alert]
    next: str | None


class ReadUpTo(_Request):
    """The newest alert that was read."""

    up_to: Annotated[str, Field(min_length=1, max_length=200)]


class Figures(_Answer):
    """Messages sent, tracked, and of those sent: opened and clicked at any time since."""

    sent: int
    tracked: int
    opened: int
    clicked: int


class Day(Figures):
    """A UTC day's figures."""

    day: str


class Stats(_Answer):
    """Figures per day, oldest first, and in all."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    days: list[Day]
    total: Figures


class NewKey(_Request):
    """An API key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1)]


class Key(_Answer):
    """An API key, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: Time
    last_used_at: Annotated[Time | None, Field(description="to the day")]


class MadeKey(Key):
    """An API key just made; `key` is shown this once."""

    key: str


class Keys(_Answer):
    """A page of API keys, oldest first."""

    items: list[Key]
    next: str | None


class SmtpIn(_Request):
    """An SMTP server. A password left out keeps the one that is stored."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)]
    security: Security = "tls"
    username: Annotated[str, Field(max_length=320)] = ""
    password: Annotated[str | None, Field(max_length=1_000)] = None


class AccountIn(_Request):
    """How to send from an address: by SES, or by an SMTP server."""

    name: Annotated[str, Field(max_length=200)] = ""
    transport: Literal["ses", "smtp"]
    smtp: SmtpIn | None = None


class Smtp(_Answer):
    """An SMTP server, without its password."""

    host: str
    port: int
    security: Security
    username: str


class Account(_Answer):
    """An address that the user may send from once it is verified."""

    address: str
    name: str
    transport: Literal["ses", "smtp"]
    verified: bool
    smtp: Smtp | None
    warnings: list[str]


class Accounts(_Answer):
    """All of a user's accounts, oldest first."""

    items: list[Account]
    next: None = None


class Suppression(_Answer):
    """Whether an address is not sent to any more, and why."""

    address: str
    suppressed: bool
    reason: str | None


class NewUser(_Request):
    """Someone to be invited."""

    address: Annotated[str, Field(max_length=254)]
    name: Annotated[str, Field(max_length=200)] = ""


class UserChange(_Request):
    """What an administrator may change of a user."""

    disabled: bool


class User(_Answer):
    """Someone who may sign in."""

    id: str
    address: str
    name: str
    admin: bool
    disabled: bool
    created_at: Time


class Users(_Answer):
    """A page of users, by address."""

    items: list[User]
    next: str | None


class FieldError(_Answer):
    """A field and what is wrong with it."""

    field: str
    reason: str


class Problem(_Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
