"""What any use case may need of the outside world: the time, random bytes, and a page of a list."""

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], int]  # milliseconds since 1970


RandomBytes = Callable[[int], bytes]  # returns as many random bytes as asked for


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of a list; `next` is an opaque cursor, None on the last page."""

    items: tuple[T, ...]
    next: str | None
