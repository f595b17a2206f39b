"""What a mail server is shown to sign in: a password, or the access token of an OAuth provider."""

from dataclasses import dataclass, field


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


Credential = Password | AccessToken
