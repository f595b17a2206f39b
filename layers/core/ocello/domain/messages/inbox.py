"""The inbox: the entry of each conversation, the lists that it belongs to, and its search words."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocello.domain.common import ids
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.messages.message import TROUBLE, ItemRef, Message, Recipient

LINES = 40  # newest messages of a conversation in its entry; older ones are only on the conversation's page
SHOWN_PEOPLE = 6
WORDS = 30  # search words of one message
LONGEST_WORD = 40
LONGEST_SEARCH = 200  # characters of the words to search
ALL, TRACKED, OPENED, CLICKED, UNOPENED, TROUBLED = "all", "tracked", "opened", "clicked", "unopened", "troubled"
REPLIED = "replied"
FILTERS = (ALL, REPLIED, OPENED, CLICKED, UNOPENED, TRACKED, TROUBLED)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation.

    `opened` and `clicked`: an open or a click counts; `troubled`: a copy did not arrive, or its outcome is unknown.
    """

    message: str
    subject: str
    people: tuple[str, ...]  # names or addresses of the first recipients
    more: int  # the number of further recipients
    opens: bool  # tracked for opens
    clicks: bool
    opened: bool = False
    clicked: bool = False
    items: tuple[ItemRef, ...] = ()
    troubled: bool = False
    preview: str = ""  # of the newest message alone


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """A conversation in the inbox; it has at least one line, the newest first.

    `replied` is the place in time of the newest answer to one of its messages, in the form of a message's id; empty where
    nobody answered.
    """

    conversation: str
    lines: tuple[Line, ...]
    total: int
    replied: str = ""

    @property
    def newest(self) -> str:
        """Return the id of the newest message, or the place of a newer answer; the inbox is sorted by it."""
        return max(self.lines[0].message, self.replied)

    @property
    def troubled(self) -> bool:
        """Return whether any message has a copy that did not arrive, or whose outcome is unknown."""
        return any(line.troubled for line in self.lines)

    def knows(self, message: str) -> bool:
        """Return whether a message was added before: it has a line, or had one that newer lines replaced."""
        full = len(self.lines) >= LINES
        return any(line.message == message for line in self.lines) or (full and message < self.lines[-1].message)


def line_of(message: Message, recipients: Iterable[Recipient]) -> Line:
    """Return the line of a message."""
    recipients = tuple(recipients)
    people = [recipient.mailbox.name or recipient.mailbox.address for recipient in recipients]
    return Line(
        message.id,
        message.subject,
        tuple(people[:SHOWN_PEOPLE]),
        max(0, len(people) - SHOWN_PEOPLE),
        message.track_opens,
        message.track_clicks,
        items=message.items,
        troubled=is_troubled(recipients),
        preview=message.preview,
    )


def is_troubled(recipients: Iterable[Recipient]) -> bool:
    """Return whether a copy did not arrive, or its outcome is unknown."""
    return any(recipient.status in TROUBLE for recipient in recipients)


def with_message(entry: ConversationEntry | None, conversation: str, line: Line) -> ConversationEntry:
    """Return an entry with a line added; unchanged if it has the message already."""
    if entry is None:
        return ConversationEntry(conversation, (line,), 1)
    if entry.knows(line.message):
        return entry
    newest, *older = sorted((*entry.lines, line), key=lambda each: each.message, reverse=True)
    lines = (newest, *(replace(each, preview="") for each in older))
    return replace(entry, lines=lines[:LINES], total=entry.total + 1)


def with_engagement(entry: ConversationEntry, message: str, *, opened: bool, clicked: bool) -> ConversationEntry:
    """Return an entry with the engagement of one message updated."""
    lines = (replace(line, opened=opened, clicked=clicked) if line.message == message else line for line in entry.lines)
    return replace(entry, lines=tuple(lines))


def with_delivery(entry: ConversationEntry, now: Line) -> ConversationEntry:
    """Return an entry with the delivery of one message updated, and with how its copies are tracked."""
    lines = (
        replace(line, opens=now.opens, clicks=now.clicks, troubled=now.troubled)
        if line.message == now.message
        else line
        for line in entry.lines
    )
    return replace(entry, lines=tuple(lines))


def with_answers(entry: ConversationEntry, mails: Iterable[ReceivedMail]) -> ConversationEntry:
    """Return an entry that stands where the newest answer among the received mails of its conversation places it."""
    places = (ids.uuid7(each.at, bytes.fromhex(each.name)) for each in mails if each.answers)
    return replace(entry, replied=max(places, default=""))


def with_items(entry: ConversationEntry, message: str, items: tuple[ItemRef, ...]) -> ConversationEntry:
    """Return an entry with the items of one message updated."""
    lines = (replace(line, items=items) if line.message == message else line for line in entry.lines)
    return replace(entry, lines=tuple(lines))


def lists_of(entry: ConversationEntry) -> frozenset[str]:
    """Return the names of the lists that an entry belongs to."""
    found = {ALL}
    if entry.replied:
        found.add(REPLIED)
    for line in entry.lines:
        found |= {f"item:{item.type}:{item.id}" for item in line.items}
        if line.opens or line.clicks:
            found.add(TRACKED)
        if line.opened:
            found.add(OPENED)
        elif line.opens and not line.clicked:  # a click tells of an open
            found.add(UNOPENED)
        if line.clicked:
            found.add(CLICKED)
        if line.troubled:
            found.add(TROUBLED)
    return frozenset(found)


def fold_text(text: str) -> str:
    """Return a text in the form that is searched: casefolded and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def search_words(message: Message, recipients: Iterable[Recipient]) -> tuple[str, ...]:
    """Return the search words of a message: of its subject, and of its recipients' names and addresses."""
    found: dict[str, None] = {}
    for recipient in recipients:
        address = fold_text(recipient.mailbox.address)
        found |= dict.fromkeys((address, address.rpartition("@")[2], *split_words(recipient.mailbox.name)))
    found = dict.fromkeys((*split_words(message.subject), *found))
    return tuple(word[:LONGEST_WORD] for word in found if len(word) > 1)[:WORDS]


def split_words(text: str) -> tuple[str, ...]:
    """Return the search words of a text; an address is one word."""
    return tuple(word.strip(".@-_")[:LONGEST_WORD] for word in re.findall(r"[\w.@+-]+", fold_text(text)))
