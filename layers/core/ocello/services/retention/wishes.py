"""Writes to a person what they asked for on their page: the mail's link proves that the address is theirs.

Whoever holds a mail that was passed on can ask, but only who reads the address itself can go on. The mail leaves from who sent
the mail that led to the page, and is not stored: its link opens to nobody else, not to the sender either.
"""

import html
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ocello.domain.common import ids
from ocello.domain.common.errors import Unavailable
from ocello.domain.consent.notices import NoticeLanguage, NoticeText
from ocello.domain.consent.subjects import subject_of
from ocello.domain.mail import compose
from ocello.domain.mail.compose import Draft
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected
from ocello.domain.messages.message import Mailbox
from ocello.domain.people.users import Account, TransportName
from ocello.domain.retention.tickets import GOOD_FOR_MS, SECRET_BYTES, RightsTicket, RightsWish, digest_of
from ocello.domain.tracking import tokens
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.consent.ports import SubjectKeys
from ocello.services.retention.ports import RightsTickets
from ocello.services.sending.outgoing import Tracker
from ocello.services.sending.ports import MessageStore, SuppressionList, Transport

_CHANCE = 22  # random bytes: ten for the id, twelve for the MIME boundaries
WishOutcome = Literal["sent", "not known", "too late", "recently", "suppressed", "no account", "refused"]


@dataclass(frozen=True, slots=True)
class RightsMails:
    """Sends such mails; `key` makes subjects of addresses, `texts` are those of the mail, by language."""

    messages: MessageStore
    accounts: AccountStore
    suppressions: SuppressionList
    transports: Mapping[TransportName, Transport]
    tickets: RightsTickets
    keys: SubjectKeys
    key: bytes
    tracker: Tracker
    texts: Mapping[NoticeLanguage, NoticeText]
    clock: Clock
    random_bytes: RandomBytes

    def send(self, wish: RightsWish) -> WishOutcome:
        """Send the mail for a wish, and say what became of it. Raises Unavailable where it may be tried again."""
        stored, now = self.messages.load(wish.message), self.clock()
        found = None if stored is None else next((r for r in stored.recipients if r.index == wish.recipient), None)
        if stored is None or found is None:
            return "not known"
        if now - wish.at > GOOD_FOR_MS:
            return "too late"
        address = found.mailbox.address
        if self.suppressions.reason(address) is not None:
            return "suppressed"
        account = self._account(stored.message.owner, stored.message.sender.address)
        if account is None:
            return "no account"
        subject = subject_of(address, self.key)
        if not self.tickets.claim(subject, wish.do, wish.at):
            return "recently"
        secret = urlsafe_b64encode(self.random_bytes(SECRET_BYTES)).decode()
        sealed = self.keys.seal(subject, address)
        self.tickets.put(RightsTicket(digest_of(secret), subject, wish.do, wish.message, wish.recipient, sealed, now))
        sender = Mailbox(account.address, account.name or stored.message.sender.name)
        return self._sent(account, address, self._mail(sender, address, wish, secret, now))

    def _account(self, owner: str, address: str) -> Account | None:
        """Return the account that the mail came from, or another one of the same person."""
        verified = [each for each in self.accounts.of(owner) if each.verified]
        return next((each for each in verified if each.address == address), next(iter(verified), None))

    def _mail(self, sender: Mailbox, address: str, wish: RightsWish, secret: str, now: int) -> bytes:
        token = tokens.Token(tokens.PRIVACY, wish.message, wish.recipient, now // 1000, tokens.ASK)
        link = f"{self.tracker.page_url(token)}?lang={wish.language}&ticket={secret}"
        random_bytes = self.random_bytes(_CHANCE)
        draft = draft_of(address, wish, self.texts[wish.language], str(sender.name or sender.address), link)
        composed = compose.check(draft)
        message_id = compose.message_id_of(ids.uuid7(now, random_bytes[:10]), sender)
        return compose.build_original(
            composed, sender, message_id, at_ms=now, attachments=(), random_bytes=random_bytes[10:]
        )

    def _sent(self, account: Account, address: str, raw: bytes) -> WishOutcome:
        """Send the mail. Where it is not known whether it left, it is not sent again: the person can ask tomorrow."""
        try:
            self.transports[account.transport].send(account, address, raw, {})
        except (Rejected, OutcomeUnknown):
            return "refused"
        except (Deferred, NotTried) as error:
            raise Unavailable(f"mail server: {error}") from error
        return "sent"


def draft_of(address: str, wish: RightsWish, text: NoticeText, sender: str, link: str) -> Draft:
    """Return the mail to an address; `sender` is the name that the mail which led to the page came from."""
    lines = [text.line(f"{wish.do}_asked", sender=sender), text.line("how"), text.line("not_you")]
    label, end = text.line(f"{wish.do}_link"), text.line("untracked")
    paragraphs = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines)
    return Draft(
        to=(address,),
        subject=text.line(f"{wish.do}_subject"),
        html=f'<!DOCTYPE html>\n<html lang="{text.language}">\n<head><meta charset="utf-8"></head>\n<body>\n{paragraphs}'
        f'<p><a href="{html.escape(link)}">{html.escape(label)}</a></p>\n<p>{html.escape(end)}</p>\n</body>\n</html>\n',
        text="\n\n".join((*lines, f"{label}:\n{link}", end)) + "\n",
    )
