"""The keys of what users' mailboxes received, and of how far they were read."""

from ocello.adapters.dynamodb.keys import Bounds, Key, beginning_with


def received(conversation: str, name: str) -> Key:
    """Key a received mail of a conversation, by its name: a mail is kept once."""
    return Key(f"{_RECEIVED}{conversation}", name)


_RECEIVED = "RECEIVED#"


def received_conversation(pk: str) -> str | None:
    """Return the conversation in the key of a received mail; None for the key of any other row."""
    return pk.removeprefix(_RECEIVED) if pk.startswith(_RECEIVED) else None


def subject_received(subject: str, conversation: str, name: str) -> Key:
    """Key a received mail under the person who wrote it."""
    return Key(f"SUBJECT#{subject}", f"{_RECEIVED}{conversation}#{name}")


def subject_received_all(subject: str) -> tuple[str, Bounds]:
    """Return the partition of a subject, and the bounds of the received mails in it."""
    return f"SUBJECT#{subject}", beginning_with(_RECEIVED)


def received_place(sort: str) -> tuple[str, str]:
    """Return conversation and name in the sort key of `subject_received`."""
    conversation, _, name = sort.removeprefix(_RECEIVED).rpartition("#")
    return conversation, name


def mailbox(user: str, address: str) -> Key:
    """Key how far a user's mailbox was read."""
    return Key(f"MAILBOX#{user}#{address}", "CURSOR")


def round_of(pace: str) -> str:
    """Return the gsi1 partition of the mailboxes that are looked at at a pace; its sort key is `round_sort`."""
    return f"MAILBOXES#{pace}"


def round_sort(user: str, address: str) -> str:
    """Return the gsi1 sort key of a mailbox."""
    return f"{user}#{address}"
