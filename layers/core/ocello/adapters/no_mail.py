"""An empty mail store, for functions that must not read mail."""

from collections.abc import Sequence
from typing import NoReturn

from ocello.domain.common.errors import NotFound


class NoMailStore:
    """MailStore that is always empty."""

    def put(self, name: str, content: bytes, content_type: str) -> NoReturn:
        """Refuse."""
        raise NotFound(f"no mail store for {name}: {len(content)} bytes of {content_type}")

    def get(self, name: str) -> None:  # noqa: ARG002 — the port's shape
        """Find nothing."""
        return

    def size(self, name: str) -> None:  # noqa: ARG002 — the port's shape
        """Find nothing."""
        return

    def delete(self, names: Sequence[str]) -> None:
        """Do nothing."""

    def address_to_get(self, name: str, content_type: str, filename: str) -> NoReturn:
        """Refuse."""
        raise NotFound(f"no mail store for {name}: {content_type}, {filename}")

    def form_to_put(self, name: str, limit: int) -> NoReturn:
        """Refuse."""
        raise NotFound(f"no mail store for {name}: {limit} bytes")
