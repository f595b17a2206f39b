"""The keys of both tables, which no other module builds. ARCHITECTURE.md lists every access pattern with its key.

Two tables. *hits*: `pk` = the message's id, `sk` = time#request. *app*: `pk`, `sk`, and the sparse indexes `gsi1`
and `gsi2` (`gsi1pk`/`gsi1sk`, `gsi2pk`/`gsi2sk`). Standard library only: the hot function imports it.
"""

from collections import namedtuple

Key = namedtuple("Key", "pk sk")  # noqa: PYI024 — typing's import would cost the hot function 3 ms
Bounds = namedtuple("Bounds", "first last")  # noqa: PYI024 — of sort keys, both included


def just_after(sort: str) -> str:
    """Return the first sort key after `sort`."""
    return f"{sort}\0"


def beginning_with(text: str) -> Bounds:
    """Return the bounds of the sort keys that begin with `text`."""
    return Bounds(text, f"{text}\U0010ffff")


def hit(message: str, at_ms: int, request: str) -> Key:
    """Return the key of a hit: hits sort by their milliseconds, and the gateway's request id makes the key unique."""
    return Key(message, hit_sort(at_ms, request))


def hit_sort(at_ms: int, request: str = "") -> str:
    """Return a hit's sort key; without a request, the lower bound of a millisecond."""
    return f"{at_ms:013d}#{request}"


LAST = "~"  # sorts after every sort key that begins with a digit, as those of hits and alerts do


def hit_position(sort: str) -> tuple[int, str]:
    """Return the time and the request in a hit's sort key. Raise ValueError."""
    at_ms, mark, request = sort.partition("#")
    if not mark:
        raise ValueError("not the sort key of a hit")
    return int(at_ms), request


def message(identifier: str) -> Key:
    """Return the key of a message's row."""
    return Key(f"MSG#{identifier}", "MESSAGE")


def recipient(message_id: str, index: int) -> Key:
    """Return the key of one recipient of a message."""
    return Key(f"MSG#{message_id}", f"{RECIPIENTS}{index:05d}")


RECIPIENTS = "RCPT#"


def report(message_id: str) -> Key:
    """Return the key of a message's rewriting report (links, and what is untracked)."""
    return Key(f"MSG#{message_id}", "REPORT")


def engagement(message_id: str) -> Key:
    """Return the key of a message's engagement row."""
    return Key(f"MSG#{message_id}", "ENGAGEMENT")


def engagement_message(pk: str, sk: str) -> str | None:
    """Return the message in the key of an engagement row; None for the key of any other row."""
    return pk.removeprefix("MSG#") if sk == "ENGAGEMENT" else None


def recipient_message(pk: str, sk: str) -> str | None:
    """Return the message in the key of a recipient row; None for the key of any other row."""
    return pk.removeprefix("MSG#") if sk.startswith(RECIPIENTS) and pk.startswith("MSG#") else None


def recipient_index(sk: str) -> int:
    """Return the index in a recipient row's sort key."""
    return int(sk.removeprefix(RECIPIENTS))


def owned_messages(user: str) -> str:
    """Return the gsi1 partition of a user's messages; its sort key is the message's id."""
    return f"USER#{user}#MESSAGES"


def tracked_messages(user: str) -> str:
    """Return the gsi2 partition of a user's tracked messages; its sort key is the message's id."""
    return f"USER#{user}#TRACKED"


def user(identifier: str) -> Key:
    """Return the key of a user."""
    return Key(f"USER#{identifier}", "PROFILE")


USERS = "USERS"  # the gsi1 partition of all users, sorted by address


TRAIL = "AUDIT"  # the partition of the audit trail; its sort key is an entry's id


def notices(user_id: str) -> str:
    """Return the partition of the changes by administrators to a user's items; its sort key is an entry's id."""
    return f"USER#{user_id}#TOLD"


def settings(user_id: str) -> Key:
    """Return the key of a user's settings."""
    return Key(f"USER#{user_id}", "SETTINGS")


def identity(digest: str) -> Key:
    """Return the key of a user's identity at the provider (digest of issuer and subject)."""
    return Key(f"IDENTITY#{digest}", "IDENTITY")


def own_address(address: str) -> Key:
    """Return the key of the users who send from an address."""
    return Key(f"OWNADDRESS#{address.lower()}", "USERS")


def user_address(address: str) -> Key:
    """Return the key of the row that assigns a sign-in address to a user."""
    return Key(f"EMAIL#{address}", "USER")


def account(user_id: str, address: str) -> Key:
    """Return the key of a user's sending account."""
    return Key(f"USER#{user_id}", f"{ACCOUNTS}{address}")


ACCOUNTS = "ACCOUNT#"


def credential(user_id: str, address: str) -> Key:
    """Return the key of what an account signs in with at its SMTP server."""
    return Key(f"USER#{user_id}", f"SEAL#{address}#smtp")


def api_key(user_id: str, identifier: str) -> Key:
    """Return the key of a user's API key."""
    return Key(f"USER#{user_id}", f"{_API_KEYS}{identifier}")


_API_KEYS = "APIKEY#"


def api_keys(after: str | None) -> Bounds:
    """Return the bounds of a user's API keys, or of those after one; their ids sort before the tilde."""
    return Bounds(_API_KEYS if after is None else just_after(f"{_API_KEYS}{after}"), f"{_API_KEYS}~")


def api_key_list(user_id: str) -> str:
    """Return the name of the list of a user's API keys, whose partition holds other rows too."""
    return f"{_API_KEYS}{user_id}"


def idempotency(user_id: str, digest: str) -> Key:
    """Return the key of the row of an Idempotency-Key."""
    return Key(f"USER#{user_id}", f"IDEMPOTENT#{digest}")


def conversation(user_id: str, digest: str) -> Key:
    """Return the key of the row that assigns a Message-ID (its digest) to a conversation."""
    return Key(f"USER#{user_id}", f"MID#{digest}")


def alert(user_id: str, at_ms: int, message_id: str, hit_request: str) -> Key:
    """Return the key of an alert; it holds message and hit, so that the same alert is stored once."""
    return Key(alerts(user_id), f"{at_ms:013d}#{message_id}#{hit_request}")


def alerts(user_id: str) -> str:
    """Return the partition of a user's alerts, oldest first."""
    return f"USER#{user_id}#ALERTS"


def alerts_read(user_id: str) -> Key:
    """Return the key of the mark up to which a user has read the alerts."""
    return Key(f"USER#{user_id}", "ALERTSREAD")


def domain_scans(name: str) -> Key:
    """Key what was learned of scanners of mail to a domain."""
    return Key(f"DOMAIN#{name}", "SCANS")


def mail_domain(name: str) -> Key:
    """Return the key of a domain that mail is sent to, and of its mail exchangers."""
    return Key(f"DOMAIN#{name}", "MX")


def suppression(address: str) -> Key:
    """Return the key of a suppressed address."""
    return Key(f"ADDRESS#{address}", "SUPPRESSED")


def gate(message_id: str, recipient_index: int) -> Key:
    """Return the key of the consent gate of one recipient of a message: no hit of the kinds in the row is recorded."""
    return Key(f"GATE#{message_id}", f"RCPT#{recipient_index:05d}")


def day(user_id: str, name: str) -> Key:
    """Return the key of a user's stored statistics of one day (YYYY-MM-DD)."""
    return Key(f"USER#{user_id}", f"{DAYS}{name}")


DAYS = "DAY#"


def day_name(sort: str) -> str:
    """Return the day in the sort key of its statistics."""
    return sort.removeprefix(DAYS)


def session(digest: str) -> Key:
    """Return the key of a session of the web application, by the digest of its name."""
    return Key(f"SESSION#{digest}", "SESSION")


def sign_in_sources(user_id: str) -> Key:
    """Return the key of the digests of where a user was signed in from."""
    return Key(f"USER#{user_id}", "SOURCES")


def preferences(user_id: str) -> Key:
    """Return the key of a user's preferences."""
    return Key(f"USER#{user_id}", "PREFERENCES")


def draft(user_id: str, identifier: str) -> Key:
    """Return the key of a draft; a user's drafts sort by creation time."""
    return Key(f"USER#{user_id}#DRAFTS", identifier)


def discarded_draft(user_id: str, identifier: str) -> Key:
    """Return the key of a discarded draft that can still be restored."""
    return Key(f"USER#{user_id}#DISCARDED", identifier)


def contacts(user_id: str) -> Key:
    """Return the key of a user's contacts."""
    return Key(f"USER#{user_id}", "CONTACTS")


def conversation_messages(conversation_id: str) -> str:
    """Return the partition of a conversation's messages; its sort key is the message's id."""
    return f"CONVERSATION#{conversation_id}"


def conversation_entry(user_id: str, conversation_id: str) -> Key:
    """Return the key of a conversation's entry in the inbox."""
    return Key(f"USER#{user_id}#CONVERSATIONS", conversation_id)


def inbox_list(user_id: str, name: str) -> str:
    """Return the partition of one list of an inbox (all, tracked, opened, …), sorted by each conversation's newest mail."""
    return f"USER#{user_id}#INBOX#{name}"


def inbox_words(user_id: str) -> str:
    """Return the partition of a user's search words; its sort key is `inbox_word_sort`."""
    return f"USER#{user_id}#WORDS"


def inbox_word_sort(word: str, conversation_id: str) -> str:
    """Return the sort key of a conversation's search word."""
    return f"{word}#{conversation_id}"


def inbox_mark(user_id: str) -> Key:
    """Return the key of the mark up to which all messages are in the inbox."""
    return Key(f"USER#{user_id}", "INBOXMARK")


def place(name: str, number: int) -> Key:
    """Return the key of one of the numbered places of copies that are sent at once."""
    return Key(f"PLACE#{name}", f"{number:05d}")


def server(name: str) -> Key:
    """Return the key of a mail server's record."""
    return Key(f"SERVER#{name}", "SERVER")


def sends(who: str, kind: str, minute: int) -> Key:
    """Return the key of the count of what somebody sent in a minute."""
    return Key(f"SENDS#{who}", f"{kind}#{minute}")
