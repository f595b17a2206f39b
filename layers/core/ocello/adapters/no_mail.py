"""A mail store for functions that have no business with mail: nothing is in it."""

from collections.abc import Sequence
from typing import NoReturn

from ocello.domain.common.errors import NotFound


class NoMailStore:
    """MailStore in which nothing is found and nothing can be put."""

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
        """Forget what was never there."""

    def address_to_get(self, name: str, content_type: str, filename: str) -> NoReturn:
        """Refuse."""
        raise NotFound(f"no mail store for {name}: {content_type}, {filename}")

    def form_to_put(self, name: str, limit: int) -> NoReturn:
        """Refuse."""
        raise NotFound(f"no mail store for {name}: {limit} bytes")
