"""Limits on talking to a server that a user named: on the time of a whole session, and on what the server says.

The standard library's clients have a timeout for each read only, and read answers of any length, so that a server could
keep them busy for ever.
"""

import time

_WORDS = 400


class SaidTooMuch(OSError):  # noqa: N818 — what a server did
    """A server sent more than the limits allow."""


def words_of(reply: bytes | str) -> str:
    """Return what a server said as one printable line, cut if it is long."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_WORDS]


class TimeLeft:
    """The time that is left for a session with a server."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._end = time.monotonic() + seconds

    def left(self, most: float) -> float:
        """Return the seconds left, at most `most`. Raise TimeoutError if there are none."""
        left = min(most, self._end - time.monotonic())
        if left <= 0:
            raise TimeoutError("the talk took too long")
        return left

    def extend(self, seconds: float) -> None:
        """Allow the session this many seconds more."""
        self._end += seconds
