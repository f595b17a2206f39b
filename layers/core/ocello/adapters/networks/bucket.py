"""Gives the freshest table of networks there is: the package's own, or the bucket's if it is newer; read anew now and then."""

from collections.abc import Callable
from typing import Protocol

from ocello.domain.common.errors import Unavailable
from ocello.domain.verdicts.networks import Networks
from ocello.services.networks.ports import CURRENT, table_name

REREAD_SECONDS = 3600.0
RETRY_SECONDS = 300.0  # after a read that failed
READ_SECONDS = 2.0


class Bucket(Protocol):
    """A bucket that is read."""

    def get_object(self, key: str, seconds: float) -> bytes | None:
        """Read `key` within `seconds`; None if it is not there. Raises Unavailable."""


class FreshNetworks:
    """Holds one table, and looks for a newer one when it is asked after a while. Not for use by several threads at once."""

    def __init__(
        self,
        bucket: Bucket,
        builtin: Networks,
        clock: Callable[[], float],
        note: Callable[[Networks], None] = lambda _networks: None,
    ) -> None:
        """Begin with `builtin`; `clock` gives seconds that only go forward.

        `note` is told of the bucket's table each time that one was looked for and is in use.
        """
        self._bucket, self._clock, self._note = bucket, clock, note
        self._builtin = builtin
        self._held, self._due = builtin, clock()

    def current(self) -> Networks:
        """Return the table to judge by. Whatever the bucket says or fails to say, there is one, and it never gets older."""
        if self._clock() >= self._due:
            try:
                self._look()
                self._due = self._clock() + REREAD_SECONDS
                if self._held is not self._builtin:
                    self._note(self._held)
            except (Unavailable, ValueError):
                self._due = self._clock() + RETRY_SECONDS
        return self._held

    def _look(self) -> None:
        """Take the bucket's table if it is newer. Raises Unavailable and ValueError."""
        version = (self._bucket.get_object(CURRENT, READ_SECONDS) or b"").decode()
        if version <= self._held.version:  # versions begin with their date
            return
        data = self._bucket.get_object(table_name(version), READ_SECONDS) or b""
        found = Networks.parse(data)
        if found.version != version:
            raise ValueError("the table has another version")
        self._held = found
