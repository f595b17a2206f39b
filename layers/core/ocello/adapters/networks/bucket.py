"""The newest table of networks: the package's own, or the bucket's if that is newer; the bucket is checked regularly."""

from collections.abc import Callable
from typing import Protocol

from ocello.domain.common.errors import Unavailable
from ocello.domain.verdicts.networks import Networks
from ocello.services.networks.ports import CURRENT, table_name

REREAD_SECONDS = 3600.0
RETRY_SECONDS = 300.0  # after a failed read
READ_SECONDS = 2.0


class Bucket(Protocol):
    """A bucket that can be read."""

    def get_object(self, key: str, seconds: float) -> bytes | None:
        """Return the object `key`, or None, within `seconds`. Raise Unavailable."""


class FreshNetworks:
    """Holds one table, and looks for a newer one at intervals. Not safe for use by several threads."""

    def __init__(
        self,
        bucket: Bucket,
        builtin: Networks,
        clock: Callable[[], float],
        note: Callable[[Networks], None] = lambda _networks: None,
    ) -> None:
        """Begin with `builtin`; `clock` returns monotonic seconds.

        `note` is called with the bucket's table after each check, if that table is in use.
        """
        self._bucket, self._clock, self._note = bucket, clock, note
        self._builtin = builtin
        self._held, self._due = builtin, clock()

    def current(self) -> Networks:
        """Return the table to judge by. It never becomes older, and errors of the bucket do not matter."""
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
        """Use the bucket's table if it is newer. Raise Unavailable and ValueError."""
        version = (self._bucket.get_object(CURRENT, READ_SECONDS) or b"").decode()
        if version <= self._held.version:  # versions begin with their date
            return
        data = self._bucket.get_object(table_name(version), READ_SECONDS) or b""
        found = Networks.parse(data)
        if found.version != version:
            raise ValueError("the table has another version")
        self._held = found
