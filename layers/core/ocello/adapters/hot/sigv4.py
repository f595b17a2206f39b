"""Signs requests to AWS (Signature Version 4): POST to `/` for the JSON protocols, or another path; no query.

A test in tests/contract compares it with botocore's signer. Standard library only: the hot function imports it.
"""

import hashlib
import hmac


class Credentials:
    """AWS credentials; `token` is the session token, or ''."""

    __slots__ = ("key_id", "secret", "token")

    def __init__(self, key_id: str, secret: str, token: str) -> None:
        self.key_id, self.secret, self.token = key_id, secret, token


class Signer:
    """Signs for one service in one region; the derived key is cached for its day."""

    __slots__ = ("_credentials", "_day", "_key", "_prefix", "_scope")

    def __init__(self, credentials: Credentials, region: str, service: str) -> None:
        """Sign with `credentials` (`token` may be '')."""
        self._credentials = credentials
        self._scope = f"{region}/{service}/aws4_request"
        self._day = ""
        self._key = b""
        self._prefix = ""

    def _derive(self, day: str) -> None:
        key = b"AWS4" + self._credentials.secret.encode()
        for part in (day, *self._scope.split("/")):
            key = hmac.digest(key, part.encode(), "sha256")
        self._day, self._key = day, key
        self._prefix = f"AWS4-HMAC-SHA256 Credential={self._credentials.key_id}/{day}/{self._scope}, SignedHeaders="

    def sign(
        self, host: str, headers: dict[str, str], body: bytes, stamp: str, method: str = "POST", path: str = "/"
    ) -> dict[str, str]:
        """Return `headers` (names in lower case) with those of the signature; `stamp` is the time, as YYYYMMDD'T'HHMMSS'Z'.

        `path` may contain only characters that need no encoding: letters, digits, `/`, `-`, `.`, `_`, `~`.
        """
        if stamp[:8] != self._day:
            self._derive(stamp[:8])
        signed = {**headers, "host": host, "x-amz-date": stamp}
        if self._credentials.token:
            signed["x-amz-security-token"] = self._credentials.token
        pairs = sorted(signed.items())
        names = ";".join([name for name, _ in pairs])
        lines = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in pairs])
        request = f"{method}\n{path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{stamp[:8]}/{self._scope}\n{digest}"
        signature = hmac.digest(self._key, text.encode(), "sha256").hex()
        signed["authorization"] = f"{self._prefix}{names}, Signature={signature}"
        return signed
