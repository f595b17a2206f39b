"""Downloads published lists over https, with limits on size and time."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from ocello.domain.common.errors import Unavailable

_AGENT = "Ocello (refreshes its table of networks)"
_PIECE = 65_536
_STEP_SECONDS = 10.0  # without a byte


class _SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            raise urllib.error.URLError("a redirect to what is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def secure_opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Return a function that opens addresses, and follows redirects to https only."""
    return urllib.request.build_opener(_SecureRedirects, *handlers)


class HttpsLists:
    """PublishedLists on the web."""

    def __init__(
        self,
        opening: Callable[..., Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open addresses by `opening`, which is called as `urllib.request.urlopen` is; `clock` returns monotonic seconds."""
        self._opening = opening or secure_opener().open
        self._clock = clock

    def fetch(self, address: str, most_bytes: int, seconds: float) -> bytes:
        """Return the content of `address` (https). Raise Unavailable, also if it is too long or takes too long."""
        end = self._clock() + seconds
        if not address.startswith("https://"):
            raise Unavailable("an address that is not https")
        request = urllib.request.Request(address, headers={"User-Agent": _AGENT})  # noqa: S310 — https, checked above
        content = bytearray()
        try:
            with self._opening(request, timeout=min(_STEP_SECONDS, seconds)) as answer:
                while piece := answer.read1(_PIECE):
                    content += piece
                    if len(content) > most_bytes or self._clock() > end:
                        raise Unavailable("a list that is too long, or comes too slowly")
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable(type(error).__name__) from None
        return bytes(content)
