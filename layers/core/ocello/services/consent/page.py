"""The recipient's page: what applies to the reader whom a link names, and what they say there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from ocello.domain.common.errors import Forbidden, NotFound, Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.ledger import Confirmation, ConsentChannel, ConsentEventName, ConsentNotice
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.states import SubjectConsent, stopping
from ocello.domain.consent.subjects import masked
from ocello.domain.tracking.tokens import GRANTS, SEVERAL, Token
from ocello.services.common.ports import Clock
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.ports import Statement, StatementQueue
from ocello.services.sending.ports import RecipientStore

Stop = Literal["stop_opens", "stop_links", "stop_both"]
STOPS: tuple[Stop, ...] = get_args(Stop)
_STOPPED: Mapping[Stop, tuple[Axis, ...]] = {"stop_opens": ("opens",), "stop_links": ("links",), "stop_both": AXES}
GRANT_DAYS = 30  # for which the link of a mail that asks can allow
_HISTORY = 100  # entries that are read at once


class Shown(NamedTuple):
    """What the page shows: the address, masked, what is known of its consent, and the purposes that this link may allow."""

    address: str
    consent: SubjectConsent
    allows: tuple[Axis, ...]


class Proof(NamedTuple):
    """What proves a statement: the text that was shown, and the request that confirmed it."""

    notice: ConsentNotice
    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """What the page reads and does. `objecting`: the rules of this stack need no consent, so that *stop* is an objection.

    A token acts on the one recipient that it names. Only that of a mail which asks for consent can allow, once and for 30
    days; every token can refuse, for ever.
    """

    recipients: RecipientStore
    consents: Consents
    waiting: StatementQueue
    clock: Clock
    objecting: bool

    def show(self, token: Token) -> Shown:
        """Return what applies. Raises NotFound for a mail that is not kept or went to several, and Unavailable."""
        return self._shown(token, self._address(token))

    def stop(self, token: Token, what: Stop, proof: Proof) -> Shown | None:
        """Write down a refusal and return what applies then; None if it was received, and takes effect within minutes.

        Raises NotFound, and Unavailable if it could not even be received.
        """
        now = self.clock()
        try:
            address = self._address(token)
            said = self._stopped(token, what, self.consents.state(address), now, proof)
            return self._after(token, address, self._record(said, address, "page"))
        except Unavailable:
            self.waiting.keep(self._stopped(token, what, SubjectConsent(), now, proof))
            return None

    def allow(self, token: Token, proof: Proof) -> Shown:
        """Write down a consent to what the mail asked for.

        Raises NotFound, Forbidden if this token cannot allow, and Unavailable.
        """
        address = self._address(token)
        now = self.clock()
        consent = self.consents.state(address)
        asked, used = self._question(token, address)
        if _in_time(token, now) and all(consent.of(axis).known(now) == "granted" for axis in asked):
            return self._after(token, address, consent)
        if used or not _in_time(token, now):
            raise Forbidden("this link cannot allow it")
        events: dict[Axis, ConsentEventName] = dict.fromkeys(asked, "granted")
        said = Statement(token.message, token.recipient, events, now, _source(token), *proof)
        return self._after(token, address, self._record(said, address, "double_opt_in"))

    def _stopped(self, token: Token, what: Stop, before: SubjectConsent, now: int, proof: Proof) -> Statement:
        """Return what *stop* says, after what was said before."""
        events: dict[Axis, ConsentEventName] = {
            axis: stopping(before.of(axis), now, objecting=self.objecting) for axis in _STOPPED[what]
        }
        basis: Basis = "none" if self.objecting else "consent"
        return Statement(token.message, token.recipient, events, now, _source(token), *proof, basis=basis)

    def _record(self, said: Statement, address: str, channel: ConsentChannel) -> SubjectConsent:
        return self.consents.record(
            Said(
                address,
                said.events,
                channel,
                said.at,
                source=said.source,
                notice=said.notice,
                confirmation=said.confirmation,
                basis=said.basis,
            )
        )

    def _address(self, token: Token) -> str:
        if token.recipient >= SEVERAL:
            raise NotFound("this link names nobody")
        recipient = self.recipients.read(token.message, token.recipient)
        if recipient is None:
            raise NotFound("this mail is not kept")
        return recipient.mailbox.address

    def _shown(self, token: Token, address: str) -> Shown:
        return self._after(token, address, self.consents.state(address))

    def _after(self, token: Token, address: str, consent: SubjectConsent) -> Shown:
        asked, used = self._question(token, address) if _in_time(token, self.clock()) else ((), True)
        return Shown(masked(address), consent, () if used else asked)

    def _question(self, token: Token, address: str) -> tuple[tuple[Axis, ...], bool]:
        """Return for which purposes the token's mail asked, and whether its link has allowed already.

        By the ledger: both, where it has no line of the question.
        """
        source, cursor = _source(token), None
        asked, used = set[Axis](), False
        while True:
            page = self.consents.history(address, _HISTORY, cursor)
            lines = [entry for entry in page.items if entry.source == source]
            asked |= {entry.purpose for entry in lines if entry.event == "requested"}
            used |= any(entry.event == "granted" for entry in lines)
            cursor = page.next
            if cursor is None:
                return tuple(axis for axis in AXES if axis in asked) or AXES, used


def _in_time(token: Token, now: int) -> bool:
    return bool(token.flags & GRANTS) and now <= token.issued_at * 1000 + GRANT_DAYS * DAY_MS


def _source(token: Token) -> str:
    return source_of(token.message, token.recipient)


def source_of(message: str, recipient: int) -> str:
    """Return where a statement comes from: the link of one copy, by its message and recipient."""
    return f"/p/ {message} {recipient}"
