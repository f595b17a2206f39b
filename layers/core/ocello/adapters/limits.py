"""Limits on talking to a server that a user named: on the time of a whole session, and on what the server says.

The standard library's clients have a timeout for each read only, and read answers of any length, so that a server could
keep them busy for ever.
"""

import time


class SaidTooMuch(OSError):  # noqa: N818 — what a server did
    """A server sent more than the limits allow."""


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
