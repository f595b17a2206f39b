"""The keys of what is known of people by their subject: their copies, their consent, the ledger."""

from ocello.adapters.dynamodb.keys import Bounds, Key, beginning_with


def subject_copy(subject: str, message_id: str, index: int) -> Key:
    """Key a tracked copy of a person: by the message's id, which sorts by time."""
    return Key(f"SUBJECT#{subject}", f"{_COPIES}{message_id}#{index:05d}")


_COPIES = "COPY#"


def subject_copies(before: str | None) -> Bounds:
    """Bound the copies among the rows of a subject, or those up to one; a message's id is plain text, before the tilde."""
    return Bounds(_COPIES, f"{_COPIES}~" if before is None else before)


def subject_copies_in(message_id: str) -> Bounds:
    """Bound a subject's copies of one message."""
    return beginning_with(f"{_COPIES}{message_id}#")


def consent(subject: str) -> Key:
    """Key what is known of a person's consent."""
    return Key(f"SUBJECT#{subject}", "CONSENT")


def subject_key(subject: str) -> Key:
    """Key the sealed key by which a person's address is sealed."""
    return Key(f"SUBJECT#{subject}", "KEY")


def rights_mail(subject: str, do: str) -> Key:
    """Key when a person was last written a mail about an export or an erasure."""
    return Key(f"SUBJECT#{subject}", f"WROTE#{do}")


def open_question(day: str, message: str) -> Key:
    """Key a mail that asks for consent among those of its day."""
    return Key(f"QUESTIONS#{day}", message)


def shown_text(sha256: str) -> Key:
    """Key a text that people were shown elsewhere."""
    return Key(f"SHOWN#{sha256}", "TEXT")


def ledger_entry(subject: str, identifier: str) -> Key:
    """Key an entry of the ledger of consent; a person's entries sort by when they were said."""
    return Key(f"LEDGER#{subject}", identifier)


def ledger_part(number: int) -> str:
    """Return the gsi1 partition of the ledger's lines around a number; their sort key is `ledger_sort`."""
    return f"LEDGERLINES#{number // LEDGER_PART}"


LEDGER_PART = 1_000


def ledger_sort(number: int) -> str:
    """Return the gsi1 sort key of a line of the ledger."""
    return f"{number:012d}"


LEDGER_HEAD = Key("LEDGER", "HEAD")  # the number and hash of the last line


WORKSPACE = Key("WORKSPACE", "RULES")  # what administrators chose for everybody, and what held when


def mode_day(day: str) -> Key:
    """Key the counts of how the copies of a day were tracked."""
    return Key(MODE_DAYS, day)


MODE_DAYS = "MODES"


WITHDRAWALS = "WITHDRAWALS"


def withdrawal(subject: str, at_ms: int) -> Key:
    """Key a withdrawal that has not reached every copy yet, among all such."""
    return Key(WITHDRAWALS, f"{at_ms:013d}#{subject}")
