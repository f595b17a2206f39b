"""What colleagues and programs write down of other people's consent, with its evidence; and the proof of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text
from ocello.domain.consent.heads import ConsentProof, SignedProof
from ocello.domain.consent.ledger import (
    GRANTING,
    LONGEST_NOTICE,
    LONGEST_SOURCE,
    ConsentChannel,
    ConsentEventName,
    LedgerEntry,
)
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.notices import elsewhere
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.people.accounts import plain_address
from ocello.domain.people.users import User
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.ports import DocumentSigner, ShownTexts

StatedEvent = Literal["granted", "refused", "withdrawn"]
STATED_EVENTS: tuple[StatedEvent, ...] = get_args(StatedEvent)
StatedChannel = Literal["form", "import", "api", "spoken"]
_PAGE, _MOST = 200, 2_000  # entries that are read at once, and of one person


class StatedEvidence(NamedTuple):
    """Where a statement comes from, when it was made (ms), the text that was shown, and how it was made.

    Of a spoken one `source` says what was said; who heard it is whoever writes it down.
    """

    source: str
    at: int
    notice: str
    channel: StatedChannel


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """Writes down what people said elsewhere, reads what is known of them, and proves it.

    `own_texts` gives the texts of our own pages and mails, whole, by their digests.
    """

    consents: Consents
    texts: ShownTexts
    own_texts: Callable[[], Mapping[str, str]]
    signer: DocumentSigner

    def read(self, address: str) -> tuple[str, SubjectConsent, Sequence[LedgerEntry]]:
        """Return the plain address, what is known, and all that was said, newest first. Raises Invalid, Unavailable."""
        plain = plain_address("address", address)
        return plain, self.consents.state(plain), self._history(plain)

    def record(
        self, by: User, address: str, events: Mapping[Axis, StatedEvent], evidence: StatedEvidence
    ) -> tuple[str, SubjectConsent]:
        """Write down what somebody said of some purposes; return the plain address and what is known then.

        Raises Invalid for what proves nothing, Conflict for what nobody else may say for them, Unavailable.
        """
        plain = plain_address("address", address)
        said = self._said(by, plain, events, evidence)
        if said.notice:
            self.texts.keep(said.notice.sha256, evidence.notice)
        try:
            return plain, self.consents.record(said)
        except Invalid as error:
            raise Invalid(f"evidence.{error.field}", error.reason) from None

    def proof(self, address: str) -> SignedProof:
        """Return what is known of a person, with the lines of the ledger and the texts they rest on, signed.

        Raises Invalid, Unavailable.
        """
        plain, consent, history = self.read(address)
        digests = {entry.notice.sha256 for entry in history if entry.notice}
        own = self.own_texts()
        found = {sha256: own[sha256] if sha256 in own else self.texts.of(sha256) for sha256 in sorted(digests)}
        texts = {sha256: text for sha256, text in found.items() if text is not None}
        made = ConsentProof(plain, self.consents.clock(), consent, tuple(history), texts, self.consents.reader.head())
        return SignedProof(made, self.signer.public_key(), self.signer.sign(made.statement()))

    def _history(self, plain: str) -> Sequence[LedgerEntry]:
        entries, cursor = list[LedgerEntry](), None
        while len(entries) < _MOST:
            page = self.consents.history(plain, _PAGE, cursor)
            entries += page.items
            cursor = page.next
            if cursor is None:
                break
        return entries

    def _said(self, by: User, plain: str, stated: Mapping[Axis, StatedEvent], evidence: StatedEvidence) -> Said:
        if not stated:
            raise Invalid("body", "must say something of `opens` or of `links`")
        for field, text, longest in (
            ("evidence.source", evidence.source, LONGEST_SOURCE),
            ("evidence.notice", evidence.notice, LONGEST_NOTICE),
        ):
            if len(text) > longest:
                raise Invalid(field, Text("must be at most %(most)s characters", most=longest))
        if not evidence.source.strip() and evidence.channel == "spoken":
            raise Invalid("evidence.source", "must say who heard what: a spoken consent proves nothing else")
        if not evidence.source.strip():
            raise Invalid("evidence.source", "must say where this comes from")
        shown = bool(evidence.notice.strip())
        if not shown and evidence.channel != "spoken" and (GRANTING & set(stated.values())):
            raise Invalid("evidence.notice", "must be the text that was shown")
        events: dict[Axis, ConsentEventName] = dict(stated)
        channel: ConsentChannel = evidence.channel
        notice = elsewhere(evidence.notice) if shown else None
        return Said(plain, events, channel, evidence.at, actor=by.address, source=evidence.source, notice=notice)
