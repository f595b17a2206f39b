"""The ports of refreshing the table of networks, and the names of objects in the bucket."""

from typing import Protocol

CURRENT = "networks/current"  # holds the version of the table to use


def table_name(version: str) -> str:
    """Return the name of a table."""
    return f"networks/tables/{version}"


def list_name(provider: str) -> str:
    """Return the name of a provider's last good list."""
    return f"networks/lists/{provider}"


class PublishedLists(Protocol):
    """The lists that providers publish."""

    def fetch(self, address: str, most_bytes: int, seconds: float) -> bytes:
        """Return what `address` (https) answers with. Raises Unavailable, also if the answer is longer or takes longer."""


class NetworksStore(Protocol):
    """Stores tables and lists by name."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raises Unavailable."""

    def get(self, name: str) -> bytes | None:
        """Return what is stored under `name`, or None. Raises Unavailable."""
