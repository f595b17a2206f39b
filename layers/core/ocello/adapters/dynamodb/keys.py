"""The only place that spells a key of a table. ARCHITECTURE.md lists every access pattern against it.

Two tables. *hits*: `pk` = the message's id, `sk` = time#request. *app*: `pk`, `sk`, and the sparse indexes `gsi1`
and `gsi2` (`gsi1pk`/`gsi1sk`, `gsi2pk`/`gsi2sk`). Standard library only: the hot function imports it.
"""

from collections import namedtuple

Key = namedtuple("Key", "pk sk")  # noqa: PYI024 — typing's import would cost the hot function 3 ms
Bounds = namedtuple("Bounds", "first last")  # noqa: PYI024 — of sort keys, both included


def just_after(sort: str) -> str:
    """Spell the sort key that comes next after `sort`."""
    return f"{sort}\0"


def beginning_with(text: str) -> Bounds:
    """Bound the sort keys that begin with `text`."""
    return Bounds(text, f"{text}\U0010ffff")


def hit(message: str, at_ms: int, request: str) -> Key:
    """Key a hit: milliseconds first, so that hits sort by time; the gateway's request id makes it one item."""
    return Key(message, hit_sort(at_ms, request))


def hit_sort(at_ms: int, request: str = "") -> str:
    """Spell a hit's sort key, or with no request the lower bound of a millisecond."""
    return f"{at_ms:013d}#{request}"


LAST_HIT = "~"  # after the sort key of every hit: those begin with a digit


def hit_position(sort: str) -> tuple[int, str]:
    """Read the time and the request in a hit's sort key. Raises ValueError."""
    at_ms, mark, request = sort.partition("#")
    if not mark:
        raise ValueError("not the sort key of a hit")
    return int(at_ms), request


def message(identifier: str) -> Key:
    """Key a message's own row."""
    return Key(f"MSG#{identifier}", "MESSAGE")


def recipient(message_id: str, index: int) -> Key:
    """Key one recipient of a message."""
    return Key(f"MSG#{message_id}", f"{RECIPIENTS}{index:05d}")


RECIPIENTS = "RCPT#"


def report(message_id: str) -> Key:
    """Key a message's rewriting report (links and what was left untracked)."""
    return Key(f"MSG#{message_id}", "REPORT")


def engagement(message_id: str) -> Key:
    """Key a message's engagement row."""
    return Key(f"MSG#{message_id}", "ENGAGEMENT")


def engagement_message(pk: str, sk: str) -> str | None:
    """Return the message of an engagement row's key; None for any other row's."""
    return pk.removeprefix("MSG#") if sk == "ENGAGEMENT" else None


def recipient_message(pk: str, sk: str) -> str | None:
    """Return the message of a recipient row's key; None for any other row's."""
    return pk.removeprefix("MSG#") if sk.startswith(RECIPIENTS) and pk.startswith("MSG#") else None


def recipient_index(sk: str) -> int:
    """Return the index in a recipient row's sort key."""
    return int(sk.removeprefix(RECIPIENTS))


def owned_messages(user: str) -> str:
    """Name the gsi1 partition of a user's messages; its sort key is the message's id."""
    return f"USER#{user}#MESSAGES"


def tracked_messages(user: str) -> str:
    """Name the gsi2 partition of a user's tracked messages; its sort key is the message's id."""
    return f"USER#{user}#TRACKED"


def user(identifier: str) -> Key:
    """Key a user."""
    return Key(f"USER#{identifier}", "PROFILE")


USERS = "USERS"  # the gsi1 partition of all users, sorted by address


TRAIL = "AUDIT"  # the partition of the audit trail; its sort key is an entry's id


def told(user_id: str) -> str:
    """Name the partition of what administrators changed of a user's items; its sort key is an entry's id."""
    return f"USER#{user_id}#TOLD"


def settings(user_id: str) -> Key:
    """Key a user's settings."""
    return Key(f"USER#{user_id}", "SETTINGS")


def identity(digest: str) -> Key:
    """Key the sign-in (digest of issuer and subject) that belongs to a user."""
    return Key(f"IDENTITY#{digest}", "IDENTITY")


def own_address(address: str) -> Key:
    """Key the users who send from an address."""
    return Key(f"OWNADDRESS#{address.lower()}", "USERS")


def user_address(address: str) -> Key:
    """Key the claim of a sign-in address by a user."""
    return Key(f"EMAIL#{address}", "USER")


def account(user_id: str, address: str) -> Key:
    """Key a sending account of a user."""
    return Key(f"USER#{user_id}", f"{ACCOUNTS}{address}")


ACCOUNTS = "ACCOUNT#"


def api_key(user_id: str, identifier: str) -> Key:
    """Key an API key of a user."""
    return Key(f"USER#{user_id}", f"{_API_KEYS}{identifier}")


_API_KEYS = "APIKEY#"


def api_keys(after: str | None) -> Bounds:
    """Bound a user's API keys, or those after one; their ids are plain text, before the tilde."""
    return Bounds(_API_KEYS if after is None else just_after(f"{_API_KEYS}{after}"), f"{_API_KEYS}~")


def api_key_list(user_id: str) -> str:
    """Name the list of a user's API keys: they share their partition with other rows."""
    return f"{_API_KEYS}{user_id}"


def idempotency(user_id: str, digest: str) -> Key:
    """Key the memory of an Idempotency-Key."""
    return Key(f"USER#{user_id}", f"IDEMPOTENT#{digest}")


def conversation(user_id: str, digest: str) -> Key:
    """Key the conversation to which a Message-ID (its digest) belongs."""
    return Key(f"USER#{user_id}", f"MID#{digest}")


def alert(user_id: str, at_ms: int, message_id: str, hit_request: str) -> Key:
    """Key an alert by message and hit, so that ringing it again changes nothing."""
    return Key(alerts(user_id), f"{at_ms:013d}#{message_id}#{hit_request}")


def alerts(user_id: str) -> str:
    """Name the partition of a user's alerts, oldest first."""
    return f"USER#{user_id}#ALERTS"


def alerts_read(user_id: str) -> Key:
    """Key the mark up to which a user has read the alerts."""
    return Key(f"USER#{user_id}", "ALERTSREAD")


def domain_scans(name: str) -> Key:
    """Key what was learned of scanners of mail to a domain."""
    return Key(f"DOMAIN#{name}", "SCANS")


def mail_domain(name: str) -> Key:
    """Key what is known of a domain that mail goes to: who takes its mail in."""
    return Key(f"DOMAIN#{name}", "MX")


def suppression(address: str) -> Key:
    """Key an address that is not sent to again."""
    return Key(f"ADDRESS#{address}", "SUPPRESSED")


def gate(message_id: str, recipient_index: int) -> Key:
    """Key the consent gate of one recipient of a message: its presence means *record nothing*."""
    return Key(f"GATE#{message_id}", f"RCPT#{recipient_index:05d}")


def day(user_id: str, name: str) -> Key:
    """Key a user's kept statistics of one day (YYYY-MM-DD)."""
    return Key(f"USER#{user_id}", f"{DAYS}{name}")


DAYS = "DAY#"


def day_name(sort: str) -> str:
    """Return the day in the sort key of its statistics."""
    return sort.removeprefix(DAYS)


def session(digest: str) -> Key:
    """Key a session of the web application by the digest of its name."""
    return Key(f"SESSION#{digest}", "SESSION")


def preferences(user_id: str) -> Key:
    """Key a user's preferences."""
    return Key(f"USER#{user_id}", "PREFERENCES")


def draft(user_id: str, identifier: str) -> Key:
    """Key a draft; a user's drafts sort by the time they were begun."""
    return Key(f"USER#{user_id}#DRAFTS", identifier)


def discarded_draft(user_id: str, identifier: str) -> Key:
    """Key a draft that was discarded and may still come back."""
    return Key(f"USER#{user_id}#DISCARDED", identifier)


def contacts(user_id: str) -> Key:
    """Key the people whom a user has written to."""
    return Key(f"USER#{user_id}", "CONTACTS")


def conversation_messages(conversation_id: str) -> str:
    """Name the partition of a conversation's messages; its sort key is the message's id."""
    return f"CONVERSATION#{conversation_id}"


def conversation_entry(user_id: str, conversation_id: str) -> Key:
    """Key what the inbox knows of a conversation."""
    return Key(f"USER#{user_id}#CONVERSATIONS", conversation_id)


def inbox_list(user_id: str, name: str) -> str:
    """Name the partition of one list of an inbox (all, tracked, opened, …), sorted by each conversation's newest mail."""
    return f"USER#{user_id}#INBOX#{name}"


def inbox_words(user_id: str) -> str:
    """Name the partition of a user's search words; its sort key is that of `inbox_word_sort`."""
    return f"USER#{user_id}#WORDS"


def inbox_word_sort(word: str, conversation_id: str) -> str:
    """Spell the sort key of a word of a conversation."""
    return f"{word}#{conversation_id}"


def inbox_mark(user_id: str) -> Key:
    """Key the newest message that the inbox has certainly taken in."""
    return Key(f"USER#{user_id}", "INBOXMARK")


def place(name: str, number: int) -> Key:
    """Key one of the numbered places of copies that are sent at once."""
    return Key(f"PLACE#{name}", f"{number:05d}")


def server(name: str) -> Key:
    """Key what is known of a mail server."""
    return Key(f"SERVER#{name}", "SERVER")


def sends(who: str, kind: str, minute: int) -> Key:
    """Key how often somebody sent something in a minute."""
    return Key(f"SENDS#{who}", f"{kind}#{minute}")
