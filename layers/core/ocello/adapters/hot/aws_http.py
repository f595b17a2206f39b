"""A persistent connection to one AWS service by its JSON protocol; every call has a deadline.

Standard library only: the hot function imports it.
"""

import functools
import json
import time

from ocello.adapters.hot.http1 import Malformed, Wire
from ocello.adapters.hot.sigv4 import Credentials, Signer, Template
from ocello.domain.common.errors import Unavailable, Uncertain

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from collections.abc import Callable, Mapping
    from typing import Any

encoded = json.JSONEncoder(separators=(",", ":")).encode  # made once: `json.dumps` would make one for each request
_decoded = json.JSONDecoder().decode
_NOTHING = (b"{}", b"")  # what most calls of the hot function are answered with
IDLE_SECONDS = 4.0  # AWS closes idle connections; one that was idle for this long is replaced
SUCCESS = 200
OWN_FAULTS = 500  # from this status on, the service failed: it may have done what was asked


@functools.lru_cache(1)
def _stamp(second: int) -> str:
    """Return a time in seconds since 1970 as signatures need it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


class ServiceRefused(Unavailable):
    """The service answered with an error; `kind` is the service's name of the error, `status` that of HTTP."""

    def __init__(self, kind: str, status: int) -> None:
        super().__init__(f"{kind} ({status})")
        self.kind, self.status = kind, status


class Connection:
    """Calls one service. Not safe for use by several threads."""

    def __init__(
        self,
        service: str,
        region: str,
        credentials: Credentials,
        endpoint: str = "",
        clock: "Callable[[], float]" = time.monotonic,
    ) -> None:
        """Call `service` (such as 'dynamodb') at its own address, or at `endpoint` (http or https)."""
        scheme, _, rest = (endpoint or f"https://{service}.{region}.amazonaws.com").partition("://")
        self._host = rest.partition("/")[0]
        self._secure = scheme == "https"
        self._signer = Signer(credentials, region, service)
        self._templates: dict[str, Template] = {}  # by the operation
        self._clock = clock
        self._open: Wire | None = None
        self._used = self._end = 0.0  # clock times: of the last use, and of the present call's deadline

    @classmethod
    def from_environment(cls, service: str, environment: "Mapping[str, str]", endpoint_name: str) -> "Connection":
        """Connect by Lambda's environment: region, credentials with session token, and endpoint if it is set."""
        credentials = Credentials(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN", ""),
        )
        endpoint = environment.get(endpoint_name) or environment.get("AWS_ENDPOINT_URL", "")
        return cls(service, environment["AWS_REGION"], credentials, endpoint)

    def call(self, target: str, version: str, request: str, seconds: float, *, repeat: bool = True) -> "dict[str, Any]":
        """POST `request`, which is JSON, to operation `target` and return the answer, in at most about `seconds`.

        If the open connection turns out to be broken, it is replaced once. Raise ServiceRefused if the service answers
        with an error, and Unavailable if it does not answer, or not with a JSON object. Where the request must not be
        done twice (`repeat` is False) it is sent once at most, and Uncertain is raised if it may have been done.
        """
        template = self._templates.get(target)
        if template is None:
            headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
            template = self._templates[target] = self._signer.template(self._host, headers)
        signed = template.request(request.encode(), _stamp(int(time.time())))
        self._end = self._clock() + seconds
        fresh = self._open is None or self._clock() - self._used > IDLE_SECONDS
        if fresh:
            self.close()
        if not repeat:
            return self._never_twice(signed)
        try:
            return self._once(signed)
        except ConnectionError:
            self.close()
            if fresh:
                raise Unavailable("the connection broke") from None
        except (OSError, Malformed) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None
        try:
            return self._once(signed)
        except (OSError, Malformed) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None

    def _never_twice(self, request: bytes) -> "dict[str, Any]":
        try:
            self._wire()
        except OSError as error:
            raise Unavailable(type(error).__name__) from None
        try:
            return self._once(request)
        except ServiceRefused as error:
            if error.status < OWN_FAULTS:
                raise
            raise Uncertain(str(error)) from None
        except (OSError, Malformed, Unavailable) as error:
            self.close()
            raise Uncertain(type(error).__name__) from None

    def _once(self, request: bytes) -> "dict[str, Any]":
        wire = self._wire()
        status, raw = wire.exchange(request)
        self._used = self._clock()
        if not wire.keeps:
            self.close()
        try:
            answer = {} if raw in _NOTHING else _decoded(raw.decode())
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            self.close()
            raise Unavailable("an answer that is no JSON object")
        if status != SUCCESS:
            kind = answer.get("__type")
            raise ServiceRefused(kind.rpartition("#")[2] if isinstance(kind, str) else "unknown error", status)
        return answer

    def _wire(self) -> Wire:
        if self._open is None:
            name, _, port = self._host.partition(":")
            self._open = Wire(name, int(port or (443 if self._secure else 80)), self._secure, self._left)
        return self._open

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
