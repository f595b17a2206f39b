"""Limits how much each user, and each API key, sends per minute."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocello.domain.common.errors import TooMany
from ocello.domain.common.texts import Text
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Clock
from ocello.services.sending.ports import SendCounts, SendKind

_MINUTE_MS = 60_000


class Pace:
    """No limit, as in the local run."""

    def take(self, kind: SendKind, principal: Principal) -> None:
        """Count one more. Raises TooMany, and Unavailable."""


@dataclass(frozen=True, slots=True)
class LimitedPace(Pace):
    """A limit per minute for each signed-in user and each key; 0 means no limit."""

    most: Mapping[SendKind, int]
    counts: SendCounts
    clock: Clock

    def take(self, kind: SendKind, principal: Principal) -> None:
        """Count one more. Raises TooMany, and Unavailable."""
        most, now = self.most[kind], self.clock()
        if not most or self.counts.count(f"{principal.user.id}#{principal.key}", kind, now // _MINUTE_MS, most):
            return
        seconds = (_MINUTE_MS - now % _MINUTE_MS) // 1000 + 1
        if kind == "track":
            words = Text(
                "at most %(most)s mails a minute: instrument more in %(seconds)s seconds", most=most, seconds=seconds
            )
            raise TooMany(words, seconds)
        words = Text("at most %(most)s mails a minute: send more in %(seconds)s seconds", most=most, seconds=seconds)
        raise TooMany(words, seconds)
