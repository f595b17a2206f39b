"""One kept-alive connection to one AWS service, speaking its JSON protocol, every call within a deadline.

Standard library only: the hot function imports it.
"""

import http.client
import io
import json
import time
from urllib.parse import urlsplit

from ocello.adapters.sigv4 import Credentials, Signer
from ocello.domain.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Buffer, Callable, Mapping
    from socket import SocketIO, socket
    from typing import Any

IDLE_SECONDS = 4.0  # AWS closes an idle connection after a while; one as old as this is opened anew
LARGEST_ANSWER = 8_000_000  # bytes; DynamoDB's largest page is 1 MB of data


class Refused(Unavailable):
    """The service answered with an error; `kind` is its name for it."""

    def __init__(self, kind: str, status: int) -> None:
        super().__init__(f"{kind} ({status})")
        self.kind = kind


class _Reading(io.RawIOBase):
    """Reads from a socket until a moment, however slowly the bytes come: a socket's own timeout begins anew with each."""

    def __init__(self, sock: "socket", left: "Callable[[], float]") -> None:
        self._sock, self._left = sock, left
        self._file: SocketIO = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int | None:
        self._sock.settimeout(self._left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read within the time that `left` gives."""

    def __init__(self, sock: "socket", *, left: "Callable[[], float]", **more: "Any") -> None:
        super().__init__(sock, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Reading(sock, left))


class Connection:
    """Calls one service. Not for use by several threads at once."""

    def __init__(
        self,
        service: str,
        region: str,
        credentials: Credentials,
        endpoint: str = "",
        clock: "Callable[[], float]" = time.monotonic,
    ) -> None:
        """Speak to `service` (DynamoDB: 'dynamodb') at its own address, or at `endpoint` (http or https)."""
        parts = urlsplit(endpoint or f"https://{service}.{region}.amazonaws.com")
        self._secure, self._host = parts.scheme == "https", parts.netloc
        self._signer = Signer(credentials, region, service)
        self._clock = clock
        self._open: http.client.HTTPConnection | None = None
        self._used = self._end = 0.0  # on the clock: when it was last used, when the present call must be over

    @classmethod
    def from_environment(cls, service: str, environment: "Mapping[str, str]", endpoint_name: str) -> "Connection":
        """Connect as Lambda's environment says: region, credentials with session token, and endpoint if one is set."""
        credentials = Credentials(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN", ""),
        )
        endpoint = environment.get(endpoint_name) or environment.get("AWS_ENDPOINT_URL", "")
        return cls(service, environment["AWS_REGION"], credentials, endpoint)

    def call(self, target: str, version: str, request: "dict[str, Any]", seconds: float) -> "dict[str, Any]":
        """POST `request` to operation `target` and give the answer, in at most about `seconds`.

        A kept connection that turns out to be broken is opened anew, once. Raises Refused where the service says no, and
        Unavailable where it does not answer, or answers what is no JSON object.
        """
        body = json.dumps(request, separators=(",", ":")).encode()
        self._end = self._clock() + seconds
        fresh = self._open is None or self._clock() - self._used > IDLE_SECONDS
        if fresh:
            self.close()
        try:
            return self._once(target, version, body)
        except (ConnectionError, http.client.BadStatusLine):
            self.close()
            if fresh:
                raise Unavailable("the connection broke") from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None
        try:
            return self._once(target, version, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None

    def _once(self, target: str, version: str, body: bytes) -> "dict[str, Any]":
        connection = self._connected()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        connection.request("POST", "/", body, self._signer.sign(self._host, headers, body, stamp))
        response = connection.getresponse()
        raw = response.read(LARGEST_ANSWER + 1)
        if len(raw) > LARGEST_ANSWER:
            raise http.client.HTTPException("answer too long")
        self._used = self._clock()
        if response.will_close:
            self.close()
        try:
            answer = json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            self.close()
            raise Unavailable("an answer that is no JSON object")
        if response.status != http.client.OK:
            kind = answer.get("__type")
            raise Refused(kind.rpartition("#")[2] if isinstance(kind, str) else "unknown error", response.status)
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._open is None or self._open.sock is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._open = kind(self._host, timeout=self._left() / 2)  # half to connect, half to shake hands
            self._open.response_class = self._response  # type: ignore[assignment] # it is called like the class
        else:
            self._open.sock.settimeout(self._left())
        return self._open

    def _response(self, sock: "socket", **more: "Any") -> _Response:
        return _Response(sock, left=self._left, **more)

    def _left(self) -> float:
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError
        return left

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._open is not None:
            self._open.close()
            self._open = None
