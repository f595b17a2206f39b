"""What a verdict comes to. Capture imports this module once a pooled pixel is loaded, so it imports little."""

from enum import IntEnum


class Outcome(IntEnum):
    """What a verdict comes to: engagement that counts (SURE: on strong evidence), a machine, or neither for certain."""

    COUNTED = 0
    MACHINE = 1
    UNKNOWN = 2
    SURE = 3

    @property
    def counts(self) -> bool:
        """Return whether it is engagement."""
        return self in (Outcome.COUNTED, Outcome.SURE)
