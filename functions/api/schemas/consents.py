"""What people said of being tracked, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Request, Time
from ocello.domain.consent.ledger import LONGEST_NOTICE, LONGEST_SOURCE, ConsentChannel, ConsentEventName
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.notices import NoticeLanguage
from ocello.domain.consent.rules import ConsentState
from ocello.domain.people import accounts
from ocello.services.consent.evidence import StatedChannel, StatedEvent


class Evidence(Request):
    """What proves a statement. Of a spoken one `source` says who heard what."""

    source: Annotated[str, Field(min_length=1, max_length=LONGEST_SOURCE, description="where it comes from")]
    at: Annotated[Time, Field(description="when it was said", json_schema_extra={"format": "date-time"})]
    notice: Annotated[
        str, Field(max_length=LONGEST_NOTICE, description="the text that was shown; needed where something is granted")
    ] = ""
    channel: StatedChannel


class ConsentIn(Request):
    """What somebody said of being tracked; one of `opens` and `links` is needed."""

    opens: StatedEvent | None = None
    links: StatedEvent | None = None
    evidence: Evidence


class AskIn(Request):
    """Whom to ask for consent, in which language, and for which purposes."""

    address: Annotated[str, Field(max_length=accounts.LONGEST_ADDRESS, json_schema_extra={"format": "email"})]
    language: NoticeLanguage
    purposes: Annotated[list[Axis], Field(min_length=1)]


class Asked(Answer):
    """Who was asked, and the mail that asks."""

    address: str
    language: NoticeLanguage
    purposes: Annotated[list[Axis], Field(description="those to which there was no consent yet")]
    message: Annotated[str, Field(description="id of the message")]
    asked_at: Time


class PurposeConsent(Answer):
    """What is known of one purpose, and since when."""

    state: ConsentState
    at: Time | None


class Consent(Answer):
    """What is known of an address."""

    address: str
    opens: PurposeConsent
    links: PurposeConsent


class ShownNotice(Answer):
    """The text that was shown: its name, version, language, and the SHA-256 of its UTF-8 bytes in hex."""

    id: str
    version: str
    language: str
    sha256: str


class ConsentConfirmation(Answer):
    """How a statement was confirmed: the request's id, and the kind of program."""

    request: str
    agent: str


class ConsentEntry(Answer):
    """A line of the ledger, without what could not be shown: the sealed address, and the network."""

    id: str
    subject: Annotated[str, Field(description="a keyed digest of the address")]
    event: ConsentEventName
    purpose: Axis
    basis: str
    at: Time
    recorded_at: Time
    channel: ConsentChannel
    actor: Annotated[str, Field(description="who wrote it down or heard it; empty for the person's own word")]
    source: str
    notice: ShownNotice | None
    confirmation: ConsentConfirmation | None
    country: str
    rules: str
    valid_until: Time | None
    number: int
    prev: str
    hash: str


class ConsentHistory(Consent):
    """What is known of an address, and what was said, newest first."""

    history: list[ConsentEntry]


class ProvenNotice(ShownNotice):
    """A text that was shown, in full."""

    text: Annotated[str | None, Field(description="null where it is no longer kept")]


class LedgerHead(Answer):
    """The number and hash of the ledger's last line."""

    number: int
    hash: str


class Proof(Consent):
    """What is proven: `lines` are the ledger's, newest first, as they were hashed."""

    made_at: Time
    lines: list[str]
    notices: list[ProvenNotice]
    head: LedgerHead


class SignedProof(Answer):
    """A proof and its signature, of the text `signed`, which holds the SHA-256 of `proof` as JSON.

    That JSON is in ASCII, its keys sorted, without spaces.
    """

    proof: Proof
    signed: str
    algorithm: str
    public_key: Annotated[str, Field(description="base64 of its DER, SubjectPublicKeyInfo")]
    signature: Annotated[str, Field(description="base64")]
