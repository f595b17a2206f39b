"""Asks somebody for their consent, by a mail that is not tracked: its link leads to the page where they say yes or no.

The mail is the first step of a double opt-in, *allow* on its page the second.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import AskingRefused, Conflict, Invalid, Unavailable
from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.consent.ledger import ConsentEventName, LedgerEntry
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.notices import NoticeLanguage, NoticeText
from ocello.domain.consent.states import PAUSE_DAYS, SubjectConsent, obstacle
from ocello.domain.mail import compose
from ocello.domain.messages import delivery
from ocello.domain.messages.message import Mailbox, Report
from ocello.domain.people.accounts import plain_address
from ocello.domain.people.users import Account, Principal
from ocello.domain.tracking import tokens
from ocello.services.consent.asking.mail import draft_of
from ocello.services.consent.consents import Consents, Said
from ocello.services.consent.page import source_of
from ocello.services.consent.ports import OpenQuestions
from ocello.services.items.items import link_persons
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import StoredMessage, SuppressionList
from ocello.services.sending.send import queue_copies, sending_account, store, write

_RANDOM_BYTES = 22  # random bytes: ten for the id, twelve for the MIME boundaries
_LOOK = 50  # a person's newest entries, among which earlier questions are looked for
_UNDER_WAY_MS = 60_000  # for which a question whose mail is not stored yet may still be sent
_PAUSE_MS = PAUSE_DAYS * DAY_MS


class Question(NamedTuple):
    """What is asked: of whom, for which purposes, and in which language."""

    address: str
    purposes: tuple[Axis, ...]
    language: NoticeLanguage


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks for consent; `texts` are those of the mail, by language."""

    consents: Consents
    sending: SendingPorts
    suppressions: SuppressionList
    questions: OpenQuestions
    texts: Mapping[NoticeLanguage, NoticeText]

    def ask(
        self, principal: Principal, address: str, language: NoticeLanguage, purposes: Collection[Axis]
    ) -> tuple[Question, StoredMessage]:
        """Ask somebody from the user's account; write down that they were asked before the mail is queued.

        What they have consented to already is not asked. Raises Invalid, also without a verified account;
        AskingRefused; Conflict where nothing is left to ask; TooMany, NotQueued and Unavailable. A question whose mail
        was never queued may be asked again.
        """
        plain = plain_address("address", address)
        now = self.sending.clock()
        account, left = self._checked(principal, plain, purposes, now)
        self.sending.pace.take("send", principal)
        random_bytes = self.sending.random_bytes(_RANDOM_BYTES)
        question = Question(plain, left, language)
        message = self._record(principal, question, ids.uuid7(now, random_bytes[:10]), now)
        return question, self._send(principal, account, question, message, now, random_bytes[10:])

    def hindrance(self, principal: Principal, address: str) -> Invalid | Conflict | None:
        """Return why the user cannot ask somebody anything now; None where they can. Raises Unavailable."""
        try:
            plain = plain_address("address", address)
            self._checked(principal, plain, self._open(plain), self.sending.clock())
        except (Invalid, Conflict) as error:
            return error
        return None

    def _open(self, plain: str) -> Collection[Axis]:
        """Return the purposes of which nothing is known, all of them where there is none."""
        consent, now = self.consents.state(plain), self.sending.clock()
        return [axis for axis in AXES if consent.of(axis).known(now) == "unknown"] or AXES

    def _checked(
        self, principal: Principal, plain: str, purposes: Collection[Axis], now: int
    ) -> tuple[Account, tuple[Axis, ...]]:
        """Return the account to ask from, and the purposes that are left to ask. Raises as `ask` does."""
        if not purposes:
            raise Invalid("purposes", "must name `opens`, `links` or both")
        account = self._account(principal)
        if self.suppressions.reason(plain) is not None:
            raise AskingRefused("this address is suppressed: mail to it bounced or was complained of", "suppressed")
        consent = self.consents.state(plain)
        self._refuse_if_hindered(plain, consent, purposes, now)
        left = tuple(axis for axis in AXES if axis in purposes and consent.of(axis).known(now) != "granted")
        if not left:
            raise Conflict("this person has consented already")
        return account, left

    def _account(self, principal: Principal) -> Account:
        try:
            return sending_account(principal.user, self.sending.accounts)
        except Conflict as none:
            raise Invalid("from", none.text) from None

    def _refuse_if_hindered(self, plain: str, consent: SubjectConsent, purposes: Collection[Axis], now: int) -> None:
        found = obstacle(consent, purposes, now)
        if found == "refused":
            raise AskingRefused("this person refused: only they can change that", "refused")
        if found == "recently-asked" and any(self._asked(entry, now) for entry in self._newest(plain)):
            raise _recently()

    def _record(self, principal: Principal, question: Question, message: str, now: int) -> str:
        """Write down the question; return its message's id. Of two at once the one that the ledger has first is asked."""
        events: dict[Axis, ConsentEventName] = dict.fromkeys(question.purposes, "requested")
        source, notice = source_of(message, 0), self.texts[question.language].notice
        by = principal.user.address
        self.consents.record(
            Said(question.address, events, "double_opt_in", now, actor=by, source=source, notice=notice)
        )
        entries = self._newest(question.address)
        own = min((entry.number for entry in entries if entry.source == source), default=None)
        earlier = (entry for entry in entries if own is None or entry.number < own)
        if own is None or any(self._asked(entry, now) for entry in earlier if entry.event == "requested"):
            raise _recently()
        self.questions.add(day_of(now), message)
        return message

    def _newest(self, plain: str) -> tuple[LedgerEntry, ...]:
        return tuple(self.consents.history(plain, _LOOK).items)

    def _asked(self, entry: LedgerEntry, now: int) -> bool:
        """Return whether an entry says that the person was asked within six months, by a mail that left or may leave."""
        if entry.event not in ("requested", "no_answer") or now >= entry.at + _PAUSE_MS:
            return False
        if entry.event == "no_answer" or now < entry.recorded_at + _UNDER_WAY_MS:
            return True
        message = entry.source.split(" ")[1:2]
        stored = self.sending.messages.load(message[0]) if message else None
        return stored is not None and any(each.diagnostic != delivery.NOT_QUEUED for each in stored.recipients)

    def _send(
        self,
        principal: Principal,
        account: Account,
        question: Question,
        identifier: str,
        now: int,
        random_bytes: bytes,
    ) -> StoredMessage:
        """Store and queue the mail. Nothing of it was decided by the ladder, so it carries no pixel, link or footer of ours."""
        user, sending = principal.user, self.sending
        sender = Mailbox(account.address, account.name or user.name)
        flags = tokens.ASK | tokens.GRANTS
        token = tokens.Token(tokens.PRIVACY, identifier, 0, now // 1000, flags)
        link = f"{sending.tracker.page_url(token)}?lang={question.language}"
        text, name = self.texts[question.language], str(sender.name or sender.address)
        draft = draft_of(question.address, question.purposes, text, name, link)
        composed = compose.check(draft)
        message, raw = write(composed, identifier, user, sender, sending, now, random_bytes)
        message = link_persons(message, composed.recipients, user, sending.items)
        stored = store(StoredMessage(message, composed.recipients, Report(), None), raw, None, sending)
        if isinstance(stored, str):
            raise Unavailable("the mail that asks is another's")
        return queue_copies(stored, stored.recipients, sending)


def _recently() -> AskingRefused:
    return AskingRefused("this person was asked within the last six months", "recently-asked")
