"""What refreshing the table of networks needs of the world, and the names under which the bucket keeps what it makes."""

from typing import Protocol

CURRENT = "networks/current"  # holds the version of the table that is to be used


def table_name(version: str) -> str:
    """Name a table."""
    return f"networks/tables/{version}"


def list_name(provider: str) -> str:
    """Name the last good list of a provider."""
    return f"networks/lists/{provider}"


class PublishedLists(Protocol):
    """The lists that providers publish."""

    def fetch(self, address: str, most_bytes: int, seconds: float) -> bytes:
        """Read what `address` (https) answers with. Raises Unavailable, for what is longer or takes longer too."""


class NetworksStore(Protocol):
    """Where tables and lists are kept by name."""

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raises Unavailable."""

    def get(self, name: str) -> bytes | None:
        """Read what is stored under `name`, or None. Raises Unavailable."""
