"""What an account signs in with, and how it is written down before it is sealed.

A password is shown to the mail server as it is. Of a provider's tokens the server is shown the access token alone; the
refresh token gets new ones from the provider.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Literal

FORMAT = 1  # of what `serialize` writes; what an earlier number wrote is read for ever
SOON_MS = 120_000  # an access token that ends this soon is renewed first: it must last for a whole session

Provider = Literal["google", "microsoft"]


@dataclass(frozen=True, slots=True)
class Password:
    """A password; empty where the server asks for none."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that lets its holder into a mailbox for about an hour (RFC 6750)."""

    text: str = field(repr=False)

    def xoauth2(self, username: str) -> bytes:
        """Return the answer of the SASL mechanism XOAUTH2, as Google and Microsoft describe it, not yet in base64."""
        return f"user={username}\x01auth=Bearer {self.text}\x01\x01".encode()


@dataclass(frozen=True, slots=True)
class OAuthTokens:
    """What a provider gave at `granted_at` for the `scopes`: an access token until `expires_at`, and how to renew it."""

    provider: Provider
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: int  # ms
    scopes: tuple[str, ...]
    granted_at: int  # ms

    def usable(self, now: int) -> bool:
        """Return whether the access token lasts for a session that begins `now`, in ms."""
        return self.expires_at - now > SOON_MS

    def renewed(self, access: str, expires_at: int, refresh: str = "") -> "OAuthTokens":
        """Return them with a new access token. A provider that gives no new refresh token leaves the old one valid."""
        return replace(self, access=access, expires_at=expires_at, refresh=refresh or self.refresh)


Credential = Password | AccessToken  # what a server is shown
Secret = Password | OAuthTokens  # what is kept


def serialize(secret: Secret) -> bytes:
    """Return a secret as bytes to be sealed."""
    if isinstance(secret, Password):
        return json.dumps({"format": FORMAT, "password": secret.text}).encode()
    return json.dumps(
        {
            "format": FORMAT,
            "provider": secret.provider,
            "access": secret.access,
            "refresh": secret.refresh,
            "expires_at": secret.expires_at,
            "scopes": secret.scopes,
            "granted_at": secret.granted_at,
        }
    ).encode()


def parse(data: bytes) -> Secret:
    """Return the secret that `serialize` wrote. Raise ValueError for a format that is not known here, without its content."""
    match json.loads(data):
        case {"format": 1, "password": str(text)}:
            return Password(text)
        case {
            "format": 1,
            "provider": ("google" | "microsoft") as provider,
            "access": str(access),
            "refresh": str(refresh),
            "expires_at": int(expires_at),
            "scopes": [*scopes],
            "granted_at": int(granted_at),
        }:
            return OAuthTokens(provider, access, refresh, expires_at, tuple(map(str, scopes)), granted_at)
    raise ValueError("a credential of a format that is not known here")
