"""Gives copies their turns at mail servers: limits of copies at once by owner and by server, and a circuit breaker per server.

The places are rows that all sending functions share; if a function dies, its places are free when their time is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ocello.domain.common.errors import Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.messages import servers
from ocello.domain.messages.delivery import NO_TURN, NotTried, OutcomeUnknown, Unreachable
from ocello.domain.people.users import Account
from ocello.services.common.ports import Clock
from ocello.services.sending.ports import SendingPlace, SendingPlaces, ServerRecords

HELD_MS = 150_000  # longer than the deliver function may run
_AGAIN_SECONDS = 1
_LONGEST_SECONDS = 300
_SLOW = "slow"  # the places shared by all servers that are not known to be quick


class Talk:
    """One try at a server: its time is measured from the start of the SMTP dialogue, without preparing the copy."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began: int | None = None

    def begin(self) -> None:
        """Record that the SMTP dialogue begins now."""
        self.began = self._clock()


class Turns:
    """Turns without waiting: for one process that sends one copy after the other."""

    @contextmanager
    def turn(self, account: Account, receives: int) -> Iterator[Talk]:  # noqa: ARG002 — the protocol's signature
        """Return a context in which a copy is prepared and sent."""
        yield Talk(lambda: 0)


@dataclass(frozen=True, slots=True)
class FairTurns(Turns):
    """Turns by owner and by server. SES makes nobody wait, so its accounts need none."""

    places: SendingPlaces
    records: ServerRecords
    shares: servers.Shares
    clock: Clock

    @contextmanager
    def turn(self, account: Account, receives: int) -> Iterator[Talk]:
        """Hold the places of a copy while it is prepared and sent, and record how the server did.

        Raises NotTried if the copy has to wait: longer, the more often the queue has delivered it (`receives`).
        """
        talk = Talk(self.clock)
        if account.smtp is None:
            yield talk
            return
        server, now = servers.name_of(account.smtp), self.clock()
        known = self.records.read(server)
        if known.closed_until > now:
            words = Text("The server %(host)s does not answer: it is left alone for a while.", host=account.smtp.host)
            raise NotTried(words, (known.closed_until - now) // 1000 + 1 + receives % 10)
        held = self._held(account.user, server, quick=known.quick_until > now, receives=receives)
        answered = True
        try:
            yield talk
        except (Unreachable, OutcomeUnknown):
            answered = False
            raise
        finally:
            self._give_back(held)
            if talk.began is not None:
                self._learn(server, answered=answered, took_ms=self.clock() - talk.began)

    def _held(self, owner: str, server: str, *, quick: bool, receives: int) -> list[SendingPlace]:
        """Return all places that a copy needs, held. Raises NotTried, holding none."""
        wanted = [(f"owner {owner}", self.shares.each), (f"server {server}", self.shares.each if quick else 1)]
        if not quick:
            wanted.append((_SLOW, self.shares.slow))
        held: list[SendingPlace] = []
        for name, count in wanted:
            now = self.clock()
            try:
                place = self.places.take(name, count, now, now + HELD_MS)
            except Unavailable:
                self._give_back(held)
                raise
            if place is None:
                self._give_back(held)
                raise NotTried(NO_TURN, min(_AGAIN_SECONDS + max(0, receives - 1), _LONGEST_SECONDS))
            held.append(place)
        return held

    def _give_back(self, held: list[SendingPlace]) -> None:
        for place in held:
            with suppress(
                Unavailable
            ):  # the place gets free when its time is over; the copy's own outcome is what counts
                self.places.give_back(place)

    def _learn(self, server: str, *, answered: bool, took_ms: int) -> None:
        with suppress(Unavailable):  # the only loss is speed
            known, now = self.records.read(server), self.clock()
            learned = servers.after_session(known, answered=answered, took_ms=took_ms, now=now)
            if learned != known:
                self.records.write(server, learned, now)
