"""Instruments a message that its caller will send: makes one tracked copy for each recipient, and stores the rest."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from email.message import Message as Headers
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from ocello.domain.common import ids
from ocello.domain.common.errors import Invalid, TooLarge, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.mail import addresses, compose, foreign_text, threads
from ocello.domain.mail.compose import Track
from ocello.domain.messages import exceptions
from ocello.domain.messages.message import (
    MAX_MESSAGE_BYTES,
    Mailbox,
    Message,
    Recipient,
    number_recipients,
)
from ocello.domain.people.users import User
from ocello.services.consent.deciding import choice_of
from ocello.services.items.items import link_persons
from ocello.services.sending.outgoing import SendingPorts, copy_name
from ocello.services.sending.own_copies import decide_for, planned
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import store
from ocello.services.sending.threads import join
from ocello.services.statistics.modes import count_copy

Copies = tuple[
    tuple[Recipient, bytes | None], ...
]  # None: stored under `copy_name`, because all copies together are too large
INLINE_BYTES = 4_000_000  # the most that an answer can hold; in base64 it is 5.3 MB of the gateway's 6 MB
_SUBJECT = 2_000  # characters kept to be shown
_LONGEST_HEADER = 100_000  # characters; fifty of the longest mailboxes need half of it
_KINDS = ("To", "Cc", "Bcc")
_REPEATS = 5  # of a header that may occur only once
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def instrument(
    raw: bytes,
    rcpt: Sequence[str],
    track: Track | None,
    user: User,
    sending: SendingPorts,
    excepted: Sequence[str] = (),
) -> tuple[StoredMessage, Copies]:
    """Store a message and return each recipient's copy, which its caller sends.

    `raw` is the message. `rcpt` holds its recipients; if empty, they are those of To, Cc and Bcc. If `track` is None,
    the user's defaults apply. `excepted` holds addresses of links to leave alone. A copy is `raw` with its tracked
    addresses and its pixel and without its Bcc, and nothing else changes: if `raw` has no Message-ID, its copies have
    none, and the one in the answer is used only by us. Raises Invalid and TooLarge, and TrackingNotPermitted for a mode
    that is named and not allowed: then nothing is stored.
    """
    if not raw.strip():
        raise Invalid("body", "must be a message: it is empty")
    if len(raw) > MAX_MESSAGE_BYTES:
        raise TooLarge(Text("a message may have at most %(most)s bytes", most=MAX_MESSAGE_BYTES))
    end = _END_OF_HEADERS.search(raw)
    headers = BytesHeaderParser().parsebytes(raw if end is None else raw[: end.end()])
    recipients = _recipients(headers, rcpt)
    left_alone = exceptions.addresses("except", excepted)
    now = sending.clock()
    identifier = ids.uuid7(now, sending.random_bytes(10))
    settings = sending.settings.read(user.id)
    sender = next(iter(_lenient(headers, "From")), Mailbox(user.address, user.name))
    choice = choice_of(track, settings)
    recipients = decide_for(recipients, choice, sender.address, user, sending, prefix="")
    own = _own_id(headers)
    replied, referred = _ids(headers, "In-Reply-To"), _ids(headers, "References")
    named = (
        *([own] if own else []),
        *threads.nearest_first(replied, referred),
    )  # its own: other mails may refer to it already
    from ocello.domain.mail.bodies import preview_in  # noqa: PLC0415 — 30 ms to import, and only needed to send

    message = Message(
        id=identifier,
        owner=user.id,
        message_id=own or compose.message_id_of(identifier, sender),
        conversation_id=join(user.id, tuple(dict.fromkeys(named)), identifier, sending.conversations),
        sender=sender,
        subject=_text(headers, "Subject")[:_SUBJECT],
        preview=preview_in(raw),
        created_at=now,
        in_reply_to=next(iter(replied), ""),
        references=threads.inherited_references(replied, referred),
        by_caller=True,
        size=len(raw),
        excepted=left_alone,
        never_track=settings.never_track,
    )
    message = link_persons(message, recipients, user, sending.items)
    whole = planned(message, recipients, raw, choice, sending, prefix="")
    made = _copies(raw, whole.message, whole.recipients, sending)
    sent = [
        replace(
            each,
            status="sent",
            provider_message_id=message.message_id,
            changed_at=now,
            sent_at=now,
            untracked=made[each.index][1],
        )
        for each in whole.recipients
    ]
    stored = store(replace(whole, recipients=tuple(sent)), raw, None, sending)
    if isinstance(stored, str):  # there was no Idempotency-Key, so there is no earlier message
        raise TypeError(stored)
    for each in stored.recipients:
        count_copy(each, each.untracked, now, sending.modes)
    return stored, tuple((each, made[each.index][0]) for each in stored.recipients)


def _copies(
    raw: bytes, message: Message, recipients: Sequence[Recipient], sending: SendingPorts
) -> dict[int, tuple[bytes | None, str]]:
    """Return the copies, with the reason for each that is not tracked.

    Copies that do not fit into an answer are stored as files, one by one.
    """
    made: dict[int, tuple[bytes | None, str]] = {}
    total = 0
    dates = sending.decisions.footer_dates(recipients)
    copier = sending.tracker.copier(
        raw, message, dates
    )  # parsing a large mail fifty times takes longer than a call may
    for each in recipients:
        copy = copier(each)
        if copy.pooled and sending.pools is not None:
            with suppress(Unavailable):  # the pool is shown a little later, or not at all
                sending.pools.note(message, each)
        total += len(copy.raw)
        made[each.index] = copy.raw, copy.untracked
        if total <= INLINE_BYTES:
            continue
        for index, (content, untracked) in made.items():
            if content is not None:
                sending.mail.put(copy_name(message.id, index), content, "message/rfc822")
                made[index] = None, untracked
    return made


def _recipients(headers: Headers, rcpt: Sequence[str]) -> tuple[Recipient, ...]:
    """Return the recipients, numbered: those of `rcpt` in their order, with the kind from the headers, or Bcc.

    With `rcpt` the headers need not be valid: they are only used for the kinds.
    """
    if not rcpt:
        strict = {kind: _strict(headers, kind) for kind in _KINDS}
        return compose.checked_recipients("to", number_recipients(strict["To"], strict["Cc"], strict["Bcc"]))
    envelope = [addresses.parse(f"rcpt[{place}]", text) for place, text in enumerate(rcpt)]
    shown = {each.address.lower(): kind for kind in ("Cc", "To") for each in _lenient(headers, kind)}
    chosen: dict[str, list[Mailbox]] = {kind: [] for kind in _KINDS}
    for mailbox in envelope:
        chosen[shown.get(mailbox.address.lower(), "Bcc")].append(mailbox)
    return compose.checked_recipients("rcpt", number_recipients(chosen["To"], chosen["Cc"], chosen["Bcc"]))


def _strict(headers: Headers, name: str) -> list[Mailbox]:
    """Return the mailboxes of a header; an empty group (`undisclosed-recipients:;`) has none. Raises Invalid."""
    texts = _values(headers, name)
    if sum(map(len, texts)) > _LONGEST_HEADER:
        raise Invalid(name.lower(), Text("must be at most %(most)s characters", most=_LONGEST_HEADER))
    found: list[Mailbox] = []
    for place, (display, address) in enumerate(_pairs(texts)):
        parsed = addresses.parse(f"{name.lower()}[{place}]", address)
        found.append(Mailbox(parsed.address, display))
    return found


def _lenient(headers: Headers, name: str) -> Iterator[Mailbox]:
    """Return those mailboxes of a header that are valid; none if the header is too long."""
    texts = _values(headers, name)
    for display, address in _pairs(texts) if sum(map(len, texts)) <= _LONGEST_HEADER else []:
        try:
            yield Mailbox(addresses.parse(name.lower(), address).address, display)
        except Invalid:
            continue


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Return mailboxes as pairs of name and address; not `strict`, so that the error can name an invalid one."""
    return [(_decoded(display), address) for display, address in getaddresses(texts, strict=False) if address]


def _values(headers: Headers, name: str) -> list[str]:
    """Return the values of a header, unfolded: in UTF-8 (RFC 6532), or in Windows-1252 if they are not."""
    raw = [value for key, value in headers.raw_items() if key.lower() == name.lower()]
    return [" ".join(foreign_text.decode_bytes(str(value).encode("utf-8", "surrogateescape")).split()) for value in raw]


def _text(headers: Headers, name: str) -> str:
    return _decoded(next(iter(_values(headers, name)), "")[:_LONGEST_HEADER])


def _decoded(text: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded; what cannot be decoded stays as it is."""
    text = foreign_text.decode_words(text)
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """Return the ids of a header, also if the header occurs more than once."""
    return threads.ids_in(" ".join(_values(headers, name)[:_REPEATS]))


def _own_id(headers: Headers) -> str:
    """Return a Message-ID, also one without its angle brackets; empty if there is none."""
    found = _ids(headers, "Message-ID")
    if found:
        return found[0]
    try:
        return compose.message_id_in(next(iter(_text(headers, "Message-ID").split()), ""))
    except Invalid:
        return ""
