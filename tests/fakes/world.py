"""The time, random bytes and pages of a list, for tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import Invalid
from ocello.domain.people.users import User
from ocello.domain.tracking.tokens import Keyring
from ocello.services.common.ports import Page

ANYTHING = object()  # whatever stands


NOON = 1_790_000_000_000  # ms; some moment in 2026


USER = User("user-1", "rep@example.test", "Rita Rep")


KEYRING = Keyring.parse("1:" + "k" * 32)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@dataclass
class TimeLeft:
    """The time that a call has left (ms): enough for a number of questions."""

    questions: int = 1_000_000

    def __call__(self) -> int:
        self.questions -= 1
        return 900_000 if self.questions >= 0 else 0


@dataclass
class PredictableBytes:
    """RandomBytes that differ from call to call, and are the same in every run."""

    calls: int = 0

    def __call__(self, size: int) -> bytes:
        self.calls += 1
        return self.calls.to_bytes(4, "big") * (size // 4) + bytes(size % 4)


def paged[T](items: Sequence[T], limit: int, cursor: str | None, key: Callable[[T], str], name: str = "") -> Page[T]:
    """Page a list whose order is final; cursors are spelled `after:<name><key>`, with the name of the list if it has one."""
    start = 0
    if cursor is not None:
        places = [place for place, item in enumerate(items) if f"after:{name}{key(item)}" == cursor]
        if not places:
            raise Invalid("cursor", "not a cursor of this list")
        start = places[0] + 1
    page = tuple(items[start : start + limit])
    return Page(page, f"after:{name}{key(page[-1])}" if start + limit < len(items) else None)
