"""What the use cases of sending share: their ports, the names of stored mail, and a message's tracked copies."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from ocello.domain.common import hosts, ids
from ocello.domain.common.errors import BadToken
from ocello.domain.consent.countries import country_of
from ocello.domain.consent.modes import OFF, Mode, Modes
from ocello.domain.consent.notices import NoticeLanguage, NoticeText, language_for
from ocello.domain.mail import rewriting
from ocello.domain.messages.footers import NO_DATES, ConsentDates, sentence
from ocello.domain.messages.message import OWN_USER, WHOLE, Message, Recipient, Report, Untracked
from ocello.domain.tracking import pools, tokens
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.consent.deciding import TrackingDecisions
from ocello.services.consent.subjects import Subjects
from ocello.services.items.ports import ItemStore
from ocello.services.people.ports import SettingsStore
from ocello.services.sending.pace import Pace
from ocello.services.sending.ports import (
    Conversations,
    DeliveryQueue,
    MailStore,
    MessageStore,
    OwnUsers,
    RecipientStore,
)
from ocello.services.statistics.pools import PooledMail
from ocello.services.statistics.ports import ModeCounts

_OPEN, _CLICK, _PAGE = "/o/", "/c/", "/p/"
_OURS = re.compile(r"https?://[^/?#]++(/[ocp]/)([A-Za-z0-9_\-]++)(?:[?#]|\Z)", re.ASCII | re.IGNORECASE)


_NO_TEXTS: Mapping[NoticeLanguage, NoticeText] = MappingProxyType({})
FooterDates = Mapping[int, ConsentDates] | None  # of the recipients' consents, by index; None: there are no footers


class Copy(NamedTuple):
    """What one recipient gets; if the message is tracked and this copy is not, also the reason."""

    raw: bytes
    untracked: str = ""
    pooled: bool = False  # it has the pixel of all pooled mail of its week


@dataclass(frozen=True, slots=True)
class Tracker:
    """How mail is tracked: the keys that sign, the origin of the links (`https://host`), what is left alone, and footers."""

    keyring: tokens.Keyring
    origin: str
    plain_text: bool = False
    leave_address_text: rewriting.AddressText = "auto"
    excluded_domains: frozenset[str] = frozenset()
    footers: Mapping[NoticeLanguage, NoticeText] = _NO_TEXTS  # where mail carries footers, in all languages
    language: NoticeLanguage = "en"  # of a footer whose reader's country nobody knows

    def copy(self, raw: bytes, message: Message, recipient: Recipient, dates: FooterDates = None) -> Copy:
        """Return one recipient's copy, without Bcc, tracked as was decided for them.

        It has the same bytes each time, because its tokens carry the time of the message. Where nothing is tracked it
        equals the original, but for its footer and for addresses of ours that it quotes: they would tell of somebody else.
        `dates` are those of the consents that the footer names, by recipient; None: there is no footer.
        """
        return self.copier(raw, message, dates)(recipient)

    def copier(self, raw: bytes, message: Message, dates: FooterDates = None) -> Callable[[Recipient], Copy]:
        """Return a function that makes each recipient's copy, as `copy` does, but parses the message only once."""
        copiers: dict[tuple[Modes, bool], Callable[[rewriting.TrackingContext], rewriting.Tracked]] = {}

        def copy(recipient: Recipient) -> Copy:
            modes = message.modes_of(recipient)
            context = self._context(message, recipient.index, modes, recipient.mailbox.address)
            context = replace(context, footer=self._footer(message, recipient, dates))
            kind = modes, context.footer is not None
            if kind not in copiers:
                copiers[kind] = rewriting.copier(raw, context)
            tracked = copiers[kind](context)
            left = next((entry.reason for entry in tracked.untracked if entry.what == WHOLE), "")
            pooled = modes.opens == "pooled" and not any(entry.what in (WHOLE, "pixel") for entry in tracked.untracked)
            untracked = OWN_USER if recipient.untracked == OWN_USER else "" if modes == OFF else left
            return Copy(tracked.copy, untracked, pooled)

        return copy

    def report(
        self, raw: bytes, message: Message, recipients: Sequence[Recipient], dates: FooterDates = None
    ) -> Report:
        """Return what tracking will do to a message, in any of its copies.

        A link that holds a recipient's address is said to be untracked, and is no link of the message if all hold it.
        """
        footers = (self._footer(message, each, dates) for each in recipients)
        footer = next((each for each in footers if each is not None), None)
        tracked = rewriting.track_or_leave(raw, replace(self._context(message, 0), footer=footer))
        readers = [each.mailbox.address for each in recipients if message.modes_of(each).links != "off"]
        held = {link: [rewriting.holds(link.url, reader) for reader in readers] for link in tracked.links}
        left = [Untracked("link", link.url[: rewriting.SHOWN], "holds-address") for link in held if any(held[link])]
        links = tuple(link for link in tracked.links if not held[link] or not all(held[link]))
        return Report(links, tuple(dict.fromkeys((*tracked.untracked, *left))))

    def page_url(self, token: tokens.Token) -> str:
        """Return the address of the recipient's page that a token opens."""
        return f"{self.origin}{_PAGE}{tokens.sign_token(self.keyring, token)}"

    def own_in(self, message: str) -> Callable[[str], str | None]:
        """Return `own` for the addresses in a message: the link by which it asks for consent itself is no quoted one."""

        def own(url: str) -> str | None:
            found = _OURS.match(url)
            try:
                token = tokens.verify(self.keyring, found[2], tokens.PRIVACY) if found and found[1] == _PAGE else None
            except BadToken:
                return None
            asking = token is not None and token.message == message and bool(token.flags & tokens.GRANTS)
            return None if asking else self.own(url)

        return own

    def own(self, url: str) -> str | None:
        """Return the target if `url` is a tracked link of ours, a mark if it is a pixel of ours, otherwise None.

        Of the link in a footer the target is the page about this host.
        """
        found = _OURS.match(url)
        if found is None or not (url.startswith(f"{self.origin}/") or self._has_our_host(url)):
            return None
        try:
            if found[1] == _CLICK:
                target: str = tokens.verify(self.keyring, found[2], tokens.CLICK).target
                return target
            if found[1] == _PAGE:
                tokens.verify(self.keyring, found[2], tokens.PRIVACY)
                return self._about
            tokens.verify(self.keyring, found[2], tokens.OPEN)
        except BadToken:
            return None
        return rewriting.PIXEL

    @property
    def _about(self) -> str:
        return f"{self.origin}/about"

    def _footer(self, message: Message, recipient: Recipient, dates: FooterDates) -> rewriting.Footer | None:
        """Return the footer of a recipient's copy; a user's own has none, nor has mail of which nothing was decided."""
        if dates is None or recipient.tracking is None or recipient.untracked == OWN_USER:
            return None
        country = country_of(recipient.mailbox.address)
        text = self.footers[language_for(country, recipient=recipient.language, workspace=self.language)]
        token = tokens.Token(tokens.PRIVACY, message.id, recipient.index, message.created_at // 1000, tokens.ASK)
        url = self.page_url(token)
        said = sentence(recipient.tracking, dates.get(recipient.index, NO_DATES), text)
        return rewriting.Footer(said, text.line("link"), url, text.language)

    def _has_our_host(self, url: str) -> bool:
        """Return whether `url` has the host of our tracking addresses, in any form that mail clients give it when they quote."""
        return hosts.host_of(url) == hosts.host_of(self.origin)

    def _context(
        self, message: Message, recipient: int, modes: Modes | None = None, reader: str = ""
    ) -> rewriting.TrackingContext:
        modes = modes or message.modes
        issued = message.created_at // 1000

        def click_url(link: int, target: str) -> str:
            token = tokens.Token(tokens.CLICK, message.id, recipient, issued, tokens.ASK, link, target)
            return f"{self.origin}{_CLICK}{tokens.sign_token(self.keyring, token)}"

        return rewriting.TrackingContext(
            tracking_host=urlsplit(self.origin).netloc,
            open_url=self._pixel(message, recipient, modes.opens),
            click_url=click_url if modes.links == "individual" else None,
            own=self.own_in(message.id),
            about=self._about,
            plain_text=self.plain_text,
            leave_address_text=self.leave_address_text,
            excluded_domains=self.excluded_domains,
            never_track=frozenset(message.never_track),
            excepted=frozenset(message.excepted),
            reader=reader,
        )

    def _pixel(self, message: Message, recipient: int, mode: Mode) -> str | None:
        """Return the address of a copy's pixel: the recipient's own, or that of all pooled mail of the week."""
        if mode == "off":
            return None
        token = tokens.Token(tokens.OPEN, message.id, recipient, message.created_at // 1000, tokens.ASK)
        if mode == "pooled":
            token = pools.pool_token(self.keyring, message.created_at)
        return f"{self.origin}{_OPEN}{tokens.sign_token(self.keyring, token)}"


@dataclass(frozen=True, slots=True)
class SendingPorts:
    """The ports of sending. If `own_users` is None, the team's own copies are tracked like all others."""

    messages: MessageStore
    recipients: RecipientStore
    conversations: Conversations
    mail: MailStore
    queue: DeliveryQueue
    accounts: AccountStore
    settings: SettingsStore
    items: ItemStore
    subjects: Subjects
    decisions: TrackingDecisions
    tracker: Tracker
    clock: Clock
    random_bytes: RandomBytes
    own_users: OwnUsers | None = None
    pools: PooledMail | None = None  # None: the recipients of pools are not counted
    modes: ModeCounts | None = None  # None: how copies that callers send are tracked is not counted
    pace: Pace = Pace()  # noqa: RUF009 — has no state


def original_name(message: str) -> str:
    """Return the name of a message's stored original."""
    return f"messages/{message}/original.eml"


def copy_name(message: str, recipient: int) -> str:
    """Return the name of a stored copy of a message that its caller sends."""
    return f"messages/{message}/copies/{recipient}.eml"


def attachment_name(message: str, number: int) -> str:
    """Return the name of a decoded attachment, which is kept for some days among the uploads."""
    return f"uploads/attachments/{message}/{number}"


def upload_name(user: str, upload: str) -> str:
    """Return the name of a user's stored upload."""
    return f"uploads/{user}/{upload}"


def slice_name(user: str, upload: str, number: int) -> str:
    """Return the name of a stored slice of an upload that is not joined yet."""
    return f"{upload_name(user, upload)}/{number}"


def signature_image_name(user: str, upload: str) -> str:
    """Return the name of an image in a user's signature."""
    return f"signatures/{user}/{upload}"


def read_image(user: str, upload: str, mail: MailStore) -> bytes | None:
    """Return an image that a user uploaded for one mail or for the signature; None if there is none."""
    if not ids.is_id(upload):
        return None
    content = mail.get(upload_name(user, upload))
    return mail.get(signature_image_name(user, upload)) if content is None else content
