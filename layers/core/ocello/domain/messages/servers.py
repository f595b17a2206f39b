"""Mail servers: their speed, their circuit breakers, and how many copies may be sent through them at once.

A server is *quick* only after it was observed to be. All other servers together share a part of the copies that are sent at
once, so that slow servers, however many, cannot hold up the mail of the rest.
"""

from dataclasses import dataclass, replace

from ocello.domain.common.times import DAY_MS
from ocello.domain.people.users import SmtpServer

QUICK_MS = 5_000  # a quick SMTP session takes at most this long
_QUICK_FOR_MS = DAY_MS
FAILURES = 3  # SMTP sessions in a row without an answer, after which the circuit breaker opens
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 60_000, 900_000


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """The results of a server's last SMTP sessions."""

    failures: int = 0  # in a row
    closed_until: int = 0  # ms; nothing is sent there before
    quick_until: int = 0  # ms; the server counts as quick until then


@dataclass(frozen=True, slots=True)
class Shares:
    """How many copies may be sent through mail servers at once."""

    each: int  # for one owner, and for one server
    slow: int  # for all servers together that are not known to be quick


def shares_of(at_once: int) -> Shares:
    """Return the shares of the copies sent at once: a third for each owner and server, two thirds for all slow servers."""
    each = max(1, -(-at_once // 3))
    return Shares(each, max(1, at_once - each))


def name_of(server: SmtpServer) -> str:
    """Return the name of a server for all its users. Security and port are part of it, as a user may have chosen them wrongly."""
    return f"{server.security}://{server.host.lower().rstrip('.')}:{server.port}"


def after_session(known: ServerRecord, *, answered: bool, took_ms: int, now: int) -> ServerRecord:
    """Return a server's record after one more SMTP session; the same record if nothing changes."""
    if not answered:
        failures = known.failures + 1
        more = failures - FAILURES
        pause = 0 if more < 0 else min(_FIRST_PAUSE_MS << min(more, 8), _LONGEST_PAUSE_MS)
        return ServerRecord(failures, now + pause, 0)
    if took_ms > QUICK_MS:
        return replace(known, failures=0, closed_until=0, quick_until=0)
    fresh = known.quick_until - now > _QUICK_FOR_MS // 2  # without this, each copy would cause a write
    return ServerRecord(0, 0, known.quick_until if fresh else now + _QUICK_FOR_MS)
