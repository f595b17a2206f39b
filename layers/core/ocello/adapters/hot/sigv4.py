"""Signs requests to AWS (Signature Version 4): POST to `/` for the JSON protocols, or another path; no query.

A test in tests/contract compares it with botocore's signer. Standard library only: the hot function imports it.
"""

import hashlib
import hmac

_TIME = "x-amz-date"


class Credentials:
    """AWS credentials; `token` is the session token, or ''."""

    __slots__ = ("key_id", "secret", "token")

    def __init__(self, key_id: str, secret: str, token: str) -> None:
        self.key_id, self.secret, self.token = key_id, secret, token


class Signer:
    """Signs for one service in one region; the derived key is cached for its day."""

    __slots__ = ("_credentials", "_day", "_key", "_scope")

    def __init__(self, credentials: Credentials, region: str, service: str) -> None:
        """Sign with `credentials` (`token` may be '')."""
        self._credentials = credentials
        self._scope = f"{region}/{service}/aws4_request"
        self._day = ""
        self._key = b""

    def template(self, host: str, headers: dict[str, str], method: str = "POST", path: str = "/") -> "Template":
        """Return what is the same in all requests with these `headers` (names in lower case).

        `path` may contain only characters that need no encoding: letters, digits, `/`, `-`, `.`, `_`, `~`.
        """
        sent = {**headers, "host": host}
        if self._credentials.token:
            sent["x-amz-security-token"] = self._credentials.token
        return Template(self, sent, method, path)

    def authorization(self, names: str, request: str, stamp: str) -> str:
        """Return the signature of a canonical request with these header names, as the value of its header."""
        day = stamp[:8]
        if day != self._day:
            self._derive(day)
        scope = f"{day}/{self._scope}"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(self._key, text.encode(), "sha256").hex()
        credential = f"{self._credentials.key_id}/{scope}"
        return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"

    def _derive(self, day: str) -> None:
        key = b"AWS4" + self._credentials.secret.encode()
        for part in (day, *self._scope.split("/")):
            key = hmac.digest(key, part.encode(), "sha256")
        self._day, self._key = day, key


class Template:
    """Signed requests that differ in their body and time only."""

    __slots__ = ("_after", "_before", "_head", "_names", "_signer")

    def __init__(self, signer: Signer, headers: dict[str, str], method: str, path: str) -> None:
        """Make requests with `headers` and the time's."""
        names = sorted((*headers, _TIME))
        self._signer, self._names = signer, ";".join(names)
        lines = {name: f"{name}:{' '.join(value.split())}\n" for name, value in headers.items()}
        place = names.index(_TIME)
        self._before = f"{method}\n{path}\n\n{''.join(lines[name] for name in names[:place])}{_TIME}:"
        self._after = f"\n{''.join(lines[name] for name in names[place + 1 :])}\n{self._names}\n"
        sent = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._head = f"{method} {path} HTTP/1.1\r\n{sent}{_TIME}: "

    def request(self, body: bytes, stamp: str) -> bytes:
        """Return a whole signed request; `stamp` is the time, as YYYYMMDD'T'HHMMSS'Z'."""
        canonical = f"{self._before}{stamp}{self._after}{hashlib.sha256(body).hexdigest()}"
        authorization = self._signer.authorization(self._names, canonical, stamp)
        length = f"content-length: {len(body)}\r\n" if body else ""
        return f"{self._head}{stamp}\r\nauthorization: {authorization}\r\n{length}\r\n".encode() + body
