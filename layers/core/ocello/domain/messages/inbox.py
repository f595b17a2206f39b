"""The inbox: what it keeps of each conversation, on which lists that stands, and under which words it is found."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ocello.domain.messages.message import TROUBLE, ItemRef, Message, Recipient

LINES = 40  # messages of one conversation that its entry knows; older ones are found by the conversation's page alone
SHOWN_PEOPLE = 6
WORDS = 30  # of one message
LONGEST_WORD = 40
ALL, TRACKED, OPENED, CLICKED, UNOPENED, TROUBLED = "all", "tracked", "opened", "clicked", "unopened", "troubled"
FILTERS = (ALL, TRACKED, OPENED, CLICKED, UNOPENED, TROUBLED)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation.

    `opened` and `clicked`: it has counted opens, counted clicks; `troubled`: a copy did not arrive, or nobody knows.
    """

    message: str
    subject: str
    people: tuple[str, ...]  # names or addresses of the first recipients
    more: int  # recipients beyond those
    opens: bool  # tracked for opens
    clicks: bool
    opened: bool = False
    clicked: bool = False
    items: tuple[ItemRef, ...] = ()
    troubled: bool = False


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """A conversation as the inbox lists it; its lines are newest first, at least one."""

    conversation: str
    lines: tuple[Line, ...]
    total: int

    @property
    def newest(self) -> str:
        """Return the id of its newest message, by which it is sorted."""
        return self.lines[0].message

    @property
    def troubled(self) -> bool:
        """Return whether any of its messages has a copy that did not arrive, or of which nobody knows."""
        return any(line.troubled for line in self.lines)

    def knows(self, message: str) -> bool:
        """Return whether a message was added: it has a line, or had one that newer ones pushed out."""
        full = len(self.lines) >= LINES
        return any(line.message == message for line in self.lines) or (full and message < self.lines[-1].message)


def line_of(message: Message, recipients: Iterable[Recipient]) -> Line:
    """Make the line of a message."""
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
    )


def is_troubled(recipients: Iterable[Recipient]) -> bool:
    """Return whether a copy did not arrive, or nobody knows."""
    return any(recipient.status in TROUBLE for recipient in recipients)


def with_message(entry: ConversationEntry | None, conversation: str, line: Line) -> ConversationEntry:
    """Return an entry with one more line; one that has the message already is returned as it is."""
    if entry is None:
        return ConversationEntry(conversation, (line,), 1)
    if entry.knows(line.message):
        return entry
    lines = sorted((*entry.lines, line), key=lambda each: each.message, reverse=True)
    return ConversationEntry(entry.conversation, tuple(lines[:LINES]), entry.total + 1)


def with_engagement(entry: ConversationEntry, message: str, *, opened: bool, clicked: bool) -> ConversationEntry:
    """Return an entry that says whether one message was opened and clicked."""
    lines = (replace(line, opened=opened, clicked=clicked) if line.message == message else line for line in entry.lines)
    return replace(entry, lines=tuple(lines))


def with_delivery(entry: ConversationEntry, message: str, *, troubled: bool) -> ConversationEntry:
    """Return an entry that says whether one message has a copy that did not arrive."""
    lines = (replace(line, troubled=troubled) if line.message == message else line for line in entry.lines)
    return replace(entry, lines=tuple(lines))


def with_items(entry: ConversationEntry, message: str, items: tuple[ItemRef, ...]) -> ConversationEntry:
    """Return an entry that says to which items one message is linked."""
    lines = (replace(line, items=items) if line.message == message else line for line in entry.lines)
    return replace(entry, lines=tuple(lines))


def lists_of(entry: ConversationEntry) -> frozenset[str]:
    """Name the lists on which an entry stands."""
    found = {ALL}
    for line in entry.lines:
        found |= {f"item:{item.type}:{item.id}" for item in line.items}
        if line.opens or line.clicks:
            found.add(TRACKED)
        if line.opened:
            found.add(OPENED)
        elif line.opens:
            found.add(UNOPENED)
        if line.clicked:
            found.add(CLICKED)
        if line.troubled:
            found.add(TROUBLED)
    return frozenset(found)


def plain(text: str) -> str:
    """Return a text as it is searched: without case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words_of(message: Message, recipients: Iterable[Recipient]) -> tuple[str, ...]:
    """Return the words under which a message is found: its subject's, and its recipients' names and addresses."""
    found: dict[str, None] = {}
    for recipient in recipients:
        address = plain(recipient.mailbox.address)
        found |= dict.fromkeys((address, address.rpartition("@")[2], *split(recipient.mailbox.name)))
    found = dict.fromkeys((*split(message.subject), *found))
    return tuple(word[:LONGEST_WORD] for word in found if len(word) > 1)[:WORDS]


def split(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are searched, an address being one word."""
    return tuple(word.strip(".@-_")[:LONGEST_WORD] for word in re.findall(r"[\w.@+-]+", plain(text)))
