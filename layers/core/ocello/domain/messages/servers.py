"""What is known of a mail server, and how much of the sending it may take: its speed, its breaker, its share.

A server is *quick* only once it was seen to be. All that are not share a part of what is sent at once, one copy each,
so that no number of slow ones can hold up the mail of the rest.
"""

from dataclasses import dataclass, replace

from ocello.domain.common.times import DAY_MS
from ocello.domain.people.users import SmtpServer

QUICK_MS = 5_000  # a talk that takes no longer is quick
_QUICK_FOR_MS = DAY_MS
FAILURES = 3  # talks in a row without an answer, after which a server is left alone for a while
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 60_000, 900_000


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """How a server's last talks went."""

    failures: int = 0  # in a row
    closed_until: int = 0  # ms; nothing is tried there before
    quick_until: int = 0  # ms; known to be quick until then


@dataclass(frozen=True, slots=True)
class Shares:
    """How many copies may be on their way through mail servers at once."""

    each: int  # of one owner, and through one server
    slow: int  # through all servers together that are not known to be quick


def shares_of(at_once: int) -> Shares:
    """Divide what is sent at once: a third for each owner and server, and the rest for all that are not known to be quick."""
    each = max(1, -(-at_once // 3))
    return Shares(each, max(1, at_once - each))


def name_of(server: SmtpServer) -> str:
    """Name a server, whoever uses it; with how it is spoken to, since one person's wrong choice says nothing of the server."""
    return f"{server.security}://{server.host.lower().rstrip('.')}:{server.port}"


def after_talk(known: ServerRecord, *, answered: bool, took_ms: int, now: int) -> ServerRecord:
    """Return what is known of a server after one more talk; what would not change is given back as it is."""
    if not answered:
        failures = known.failures + 1
        more = failures - FAILURES
        pause = 0 if more < 0 else min(_FIRST_PAUSE_MS << min(more, 8), _LONGEST_PAUSE_MS)
        return ServerRecord(failures, now + pause, 0)
    if took_ms > QUICK_MS:
        return replace(known, failures=0, closed_until=0, quick_until=0)
    fresh = known.quick_until - now > _QUICK_FOR_MS // 2  # else one write for each copy
    return ServerRecord(0, 0, known.quick_until if fresh else now + _QUICK_FOR_MS)
