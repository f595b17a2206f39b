"""One kept-alive connection to one AWS service, speaking its JSON protocol, every call within a deadline.

Standard library only: the hot function imports it.
"""

import http.client
import json
import time
from urllib.parse import urlsplit

from ocello.adapters.sigv4 import Credentials, Signer
from ocello.domain.errors import Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Callable, Mapping
    from typing import Any

IDLE_SECONDS = 4.0  # AWS closes an idle connection after a while; one as old as this is opened anew
LARGEST_ANSWER = 8_000_000  # bytes; DynamoDB's largest page is 1 MB of data


class Refused(Unavailable):
    """The service answered with an error; `kind` is its name for it."""

    def __init__(self, kind: str, status: int) -> None:
        super().__init__(f"{kind} ({status})")
        self.kind = kind


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
        self._used = 0.0

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
        end = self._clock() + seconds
        fresh = self._open is None or self._clock() - self._used > IDLE_SECONDS
        if fresh:
            self.close()
        try:
            return self._once(target, version, body, end)
        except (ConnectionError, http.client.BadStatusLine):
            self.close()
            if fresh:
                raise Unavailable("the connection broke") from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None
        try:
            return self._once(target, version, body, end)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None

    def _once(self, target: str, version: str, body: bytes, end: float) -> "dict[str, Any]":
        connection = self._connected(end)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        connection.request("POST", "/", body, self._signer.sign(self._host, headers, body, stamp))
        self._limit(connection, end)
        response = connection.getresponse()
        raw = self._read(connection, response, end)
        self._used = self._clock()
        if response.will_close:
            self.close()
        try:
            answer = json.loads(raw) if raw else {}
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self.close()
            raise Unavailable("an answer that is no JSON object")
        if response.status != 200:
            kind = answer.get("__type")
            raise Refused(kind.rpartition("#")[2] if isinstance(kind, str) else "unknown error", response.status)
        return answer

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, end: float) -> bytes:
        """Read an answer's body, bounded in length and, chunk by chunk, in time."""
        parts, total = [], 0
        while chunk := response.read1(65_536):
            parts.append(chunk)
            total += len(chunk)
            if total > LARGEST_ANSWER:
                raise http.client.HTTPException("answer too long")
            self._limit(connection, end)
        return b"".join(parts)

    def _connected(self, end: float) -> http.client.HTTPConnection:
        if self._open is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._open = kind(self._host, timeout=self._left(end))
        else:
            self._limit(self._open, end)
        return self._open

    def _limit(self, connection: http.client.HTTPConnection, end: float) -> None:
        left = self._left(end)
        if connection.sock is not None:
            connection.sock.settimeout(left)

    def _left(self, end: float) -> float:
        left = end - self._clock()
        if left <= 0:
            raise TimeoutError
        return left

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._open is not None:
            self._open.close()
            self._open = None
