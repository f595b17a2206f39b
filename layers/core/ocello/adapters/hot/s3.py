"""Reads objects of one bucket, each by one GET on a new connection, within a deadline. Standard library only.

It replaces botocore, whose import takes longer than everything else at settle's start.
"""

import hashlib
import time
from collections.abc import Callable, Mapping

from ocello.adapters.hot.http1 import Malformed, Wire
from ocello.adapters.hot.sigv4 import Credentials, Signer
from ocello.domain.common.errors import Unavailable

_SUCCESS = 200
_ABSENT = (403, 404)  # S3 answers 403 for a missing object if the caller may not list the bucket
_EMPTY = hashlib.sha256(b"").hexdigest()


class BucketReader:
    """Reads one bucket."""

    def __init__(
        self,
        bucket: str,
        region: str,
        credentials: Credentials,
        endpoint: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read `bucket` at S3's own address, or at `endpoint` (http or https)."""
        scheme, _, rest = (endpoint or f"https://{bucket}.s3.{region}.amazonaws.com").partition("://")
        self._host = rest.partition("/")[0]
        self._secure = scheme == "https"
        self._folder = f"/{bucket}/" if endpoint else "/"  # else buckets have no host names
        self._signer = Signer(credentials, region, "s3")
        self._clock = clock

    @classmethod
    def from_environment(cls, bucket: str, environment: Mapping[str, str]) -> "BucketReader":
        """Read by Lambda's environment: region, credentials with session token, and endpoint if it is set."""
        credentials = Credentials(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            environment.get("AWS_SESSION_TOKEN", ""),
        )
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
        return cls(bucket, environment["AWS_REGION"], credentials, endpoint)

    def get_object(self, key: str, seconds: float) -> bytes | None:
        """Return the object `key` (of unreserved characters), or None, in at most about `seconds`. Raise Unavailable."""
        end = self._clock() + seconds

        def left() -> float:
            if (remaining := end - self._clock()) <= 0:
                raise TimeoutError
            return remaining

        path = self._folder + key
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        template = self._signer.template(self._host, {"x-amz-content-sha256": _EMPTY}, "GET", path)
        name, _, port = self._host.partition(":")
        try:
            wire = Wire(name, int(port or (443 if self._secure else 80)), self._secure, left)
            try:
                status, body = wire.exchange(template.request(b"", stamp))
            finally:
                wire.close()
        except (OSError, Malformed) as error:
            raise Unavailable(type(error).__name__) from None
        if status == _SUCCESS:
            return body
        if status in _ABSENT:
            return None
        raise Unavailable(f"the bucket answered {status}")
