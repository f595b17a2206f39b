"""Messages, their hits, copies and uploads, as JSON."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from functions.api.schemas.base import ITEM_ID, ITEM_TYPE, Answer, Request, Time, no_number
from ocello.domain.consent.ladder import Basis, Level, Reason
from ocello.domain.consent.modes import Mode
from ocello.domain.engagement.counters import HitKind
from ocello.domain.mail.compose import MAX_FILENAME
from ocello.domain.messages import message, untracked
from ocello.domain.verdicts.evidence import VerdictKind

type Visibility = message.Visibility
type Mailbox = Annotated[str, Field(json_schema_extra={"format": "mailbox"})]
type TrackValue = Annotated[
    Literal[True, False, "off", "pooled", "individual"],
    BeforeValidator(no_number),
    Field(
        description="true: as far as allowed; a mode: just that, or 422 whose type ends in `tracking-not-permitted`",
    ),
]

_SENDING: JsonDict = {
    "to": ["buyer@customer.test"],
    "cc": [],
    "bcc": [],
    "subject": "Offer",
    "html": '<p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p>',
    "track": {"opens": True, "clicks": True, "except": ["https://example.com/terms"]},
    "visibility": "private",
    "items": [{"type": "deal", "id": "42"}],
}


class Item(Request):
    """A deal, lead, project, person or organization."""

    type: Annotated[str, Field(json_schema_extra=ITEM_TYPE)]
    id: Annotated[str, Field(json_schema_extra=ITEM_ID)]


class TrackChoice(Request):
    """What to track of this one message; what is left out follows the user's settings."""

    opens: TrackValue | None = None
    clicks: TrackValue | None = None
    except_: Annotated[
        list[str],
        Field(
            alias="except",
            description="addresses of links to leave untracked, exactly as their targets; one that no link has is ignored",
        ),
    ] = Field(default_factory=list)


class UploadedFile(Request):
    """An attachment that was uploaded before."""

    upload: str
    filename: Annotated[str, Field(min_length=1, max_length=MAX_FILENAME)]


class Sending(Request):
    """A message to be sent. Addresses are RFC 5322 mailboxes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENDING]})

    to: list[Mailbox] = Field(default_factory=list)
    cc: list[Mailbox] = Field(default_factory=list)
    bcc: list[Mailbox] = Field(default_factory=list)
    subject: str = ""
    html: str | None = None
    text: str | None = None
    track: TrackChoice | None = None
    visibility: Visibility = "private"
    items: list[Item] = Field(default_factory=list)
    in_reply_to: Annotated[str | None, Field(description="the Message-ID of the mail that this one answers")] = None
    attachments: list[UploadedFile] = Field(default_factory=list)


class Sharing(Request):
    """What to change of a message that was sent; what is left out stays as it is."""

    visibility: Visibility | None = None
    items: Annotated[
        list[Item] | None,
        Field(description="in place of those linked so far; persons who are recipients stay linked"),
    ] = None


class Summary(Answer):
    """Hits of one kind: those that count, those of machines, and the rest. Times are oldest first."""

    count: int
    machine: int
    unknown: int
    first: Time | None
    last: Time | None
    times: list[Time]


class RecipientTracking(Answer):
    """How a recipient's copy is tracked, and which level allows no more; links are what a request calls clicks."""

    opens: Mode
    links: Mode
    basis: Annotated[Basis | None, Field(description="on what the recording rests; null where nothing is recorded")]
    rules: Annotated[str, Field(description="the rule sets that hold, with their versions", examples=["eu-strict/1"])]
    limited_by: Annotated[Level | None, Field(description="null where all that was asked is done")]
    reason: Reason


class Bounce(Answer):
    """What was reported of a copy that did not arrive."""

    status: Annotated[str | None, Field(description="RFC 3463; null where it is not told", examples=["5.1.1"])]
    diagnostic: str


class Recipient(Answer):
    """One address of a message and what became of its copy."""

    index: int
    address: str
    kind: message.Kind
    status: message.ShownStatus
    words: Annotated[str, Field(description="the server's own words on what went wrong")]
    message_id: Annotated[str | None, Field(description="the Message-ID that the transport really used, once known")]
    tracking: Annotated[RecipientTracking | None, Field(description="null for mail of early releases")]
    replied_at: Annotated[Time | None, Field(description="when the first answer of theirs came into the mailbox")]
    away_at: Annotated[Time | None, Field(description="when the latest automatic answer of theirs came in")]
    bounce: Annotated[Bounce | None, Field(description="null unless the copy bounced")]
    opens: Summary
    clicks: Summary


class Link(Answer):
    """One tracked address in a message."""

    index: int
    url: str
    text: str
    clicks: Summary


class Untracked(Answer):
    """Something left as it was, and why."""

    what: str
    where: str
    reason: Annotated[
        untracked.Reason | Annotated[str, Field(pattern="^error: [A-Za-z]+$")],
        Field(description="why; `error: …` names what went wrong, and the mail went out as it was written"),
    ]


class Tracking(Answer):
    """What is tracked of a message, in any of its copies."""

    opens: bool
    clicks: bool


class Message(Answer):
    """A message with its engagement."""

    id: str
    message_id: str
    conversation_id: str
    status: message.MessageStatus
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


class Messages(Answer):
    """A page of messages, newest first."""

    items: list[Message]
    next: str | None


class Hit(Answer):
    """One raw hit and what is made of it now."""

    at: Time
    kind: HitKind
    recipient: Annotated[int | None, Field(description="its index; null where hits are not told apart")]
    link: Annotated[int | None, Field(description="its index; null for an open")]
    method: str
    agent: str
    verdict: VerdictKind
    confidence: float
    reasons: list[str]
    explanation: Annotated[str, Field(description="verdict and reasons in words")]
    folded: Annotated[bool, Field(description="true: it repeats a hit before it, and adds to no counter")]


class Hits(Answer):
    """A page of hits, oldest first."""

    items: list[Hit]
    next: str | None


class Rejudged(Answer):
    """What judging a message's hits anew came to."""

    id: str
    result: Annotated[
        Literal["rebuilt", "unchanged", "beyond"],
        Field(description="`beyond`: hits that were counted have expired, and the counts stand as they are"),
    ]
    opens: Summary
    clicks: Summary


class Copy(Answer):
    """The copy of one recipient."""

    recipient: str
    raw: Annotated[str, Field(description="base64 of the whole copy")]


class CopyAt(Answer):
    """Where the copy of one recipient can be fetched for some minutes: all copies together are over 4 MB."""

    recipient: str
    url: str


class Instrumented(Answer):
    """A message to be sent by the caller, with a copy for each recipient."""

    message: Message
    copies: list[Copy] | list[CopyAt]


class UploadForm(Answer):
    """Where and how to upload one attachment: POST `fields` and then the file, as multipart/form-data, to `url`."""

    id: str
    url: str
    fields: dict[str, Any]
