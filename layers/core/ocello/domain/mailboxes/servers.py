"""An IMAP server as a person named it, and what it says of its folders."""

from typing import Literal, NamedTuple


class ImapServer(NamedTuple):
    """An IMAP server, and the user's name there. A connection is always encrypted: from the start, or after STARTTLS."""

    host: str
    port: int
    security: Literal["tls", "starttls"]
    username: str


class Folder(NamedTuple):
    """A folder that holds mail. Its next mail gets the number `uid_next`, as long as `uid_validity` stays the same."""

    name: str
    flags: frozenset[str]  # of RFC 6154 such as \Sent, and of RFC 9051
    uid_validity: int
    uid_next: int
