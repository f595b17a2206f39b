"""The part of HTTP/1.1 that AWS's JSON services need: requests and answers on one persistent socket, in bounded time.

It replaces `http.client`, whose import (with the e-mail parser) took a quarter of capture's cold start, and whose timeout
starts again with every received byte. Rules: RFC 9112. Standard library only: the hot function imports it.
"""

import socket

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    import ssl
    from collections.abc import Callable

LARGEST_HEAD = 65_536  # bytes
LARGEST_BODY = 8_000_000  # bytes; DynamoDB's largest page is 1 MB of data
_NO_BODY = (204, 304)


class Malformed(Exception):  # noqa: N818 — what it is
    """An answer is not HTTP, is incomplete or is too large."""


class Closed(ConnectionError):  # noqa: N818 — what it is
    """The server closed the connection before it began to answer."""


_trust: "ssl.SSLContext | None" = None


def _secured(plain: socket.socket, host: str) -> socket.socket:
    """Return the socket with TLS; certificates are loaded once for all connections of the process."""
    import ssl  # noqa: PLC0415 — 5 ms that a local endpoint does not need

    global _trust  # noqa: PLW0603 — loading the certificates takes longer than the rest of capture's start
    if _trust is None:
        _trust = ssl.create_default_context()
    return _trust.wrap_socket(plain, server_hostname=host)


class Wire:
    """One connection. `left` returns the seconds that the present exchange may still take, or raises TimeoutError."""

    __slots__ = ("_held", "_left", "_socket", "keeps")

    def __init__(self, host: str, port: int, secure: bool, left: "Callable[[], float]") -> None:
        """Connect to `host`. Raise OSError."""
        self._left = left
        self._held = b""
        self.keeps = True  # whether the connection can be used for another request
        address = (host.encode(), port)  # as bytes: for text, Python imports IDNA, whose tables take 5 ms
        plain = socket.create_connection(address, timeout=left())  # type: ignore[arg-type] # bytes are accepted too
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(left())
            self._socket = _secured(plain, host) if secure else plain
        except BaseException:
            plain.close()
            raise

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send `request`; return the answer's status and body.

        Raise Closed if the server had already closed the connection, other OSErrors, and Malformed.
        """
        self._socket.settimeout(self._left())
        self._socket.sendall(request)
        status, head = self._head()
        while 100 <= status < 200:  # interim answers: RFC 9110, section 15.2
            status, head = self._head()
        if b"close" in (_field(head, b"connection") or b""):
            self.keeps = False
        if status in _NO_BODY:
            body = b""
        elif _field(head, b"transfer-encoding") == b"chunked":
            body = self._chunks()
        elif (length := _field(head, b"content-length")) is not None:
            body = self._take(_number(length, 10))
        else:
            body = self._rest()
        if self._held:
            self.keeps = False  # bytes after the answer: the connection cannot be trusted
        return status, body

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _receive(self) -> bool:
        """Wait for more bytes; False at the end."""
        self._socket.settimeout(self._left())
        more = self._socket.recv(65_536)
        self._held += more
        return bool(more)

    def _until(self, mark: bytes) -> bytes:
        """Return the bytes up to `mark`, including it, and remove them from the buffer."""
        while (end := self._held.find(mark)) < 0:
            if len(self._held) > LARGEST_HEAD:
                raise Malformed
            if not self._receive():
                raise Malformed if self._held else Closed
        found, self._held = self._held[:end], self._held[end + len(mark) :]
        return found

    def _head(self) -> tuple[int, bytes]:
        """Return the status and the head in lower case; most of its fields are never read."""
        head = self._until(b"\r\n\r\n").lower()
        version, _, status = head[:12].partition(b" ")
        if not version.startswith(b"http/1."):
            raise Malformed
        if version != b"http/1.1":
            self.keeps = False
        return _number(status, 10), head

    def _take(self, size: int) -> bytes:
        if size > LARGEST_BODY:
            raise Malformed
        held = self._held
        if len(held) == size:
            self._held = b""
            return held
        parts, missing = [held], size - len(held)
        while missing > 0:
            self._held = b""
            if not self._receive():
                raise Malformed
            parts.append(self._held)
            missing -= len(self._held)
        whole = b"".join(parts)
        self._held = whole[size:]
        return whole[:size]

    def _chunks(self) -> bytes:
        body = b""
        while size := _number(self._until(b"\r\n").partition(b";")[0].strip(), 16):
            body += self._take(size)
            if len(body) > LARGEST_BODY or self._take(2) != b"\r\n":
                raise Malformed
        while self._until(b"\r\n"):
            pass  # trailers
        return body

    def _rest(self) -> bytes:
        self.keeps = False
        while self._receive():
            if len(self._held) > LARGEST_BODY:
                raise Malformed
        whole, self._held = self._held, b""
        return whole


def _field(head: bytes, name: bytes) -> bytes | None:
    """Return the value of the last field with this name, or None."""
    start = head.rfind(b"\r\n%b:" % name)
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()


def _number(text: bytes, base: int) -> int:
    if not text.isalnum():  # of ASCII, since these are bytes
        raise Malformed
    try:
        return int(text, base)
    except ValueError:
        raise Malformed from None
