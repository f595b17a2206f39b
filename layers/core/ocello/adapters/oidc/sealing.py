"""Encrypts a text by a session's name, so that the stored text is useless without the cookie.

cryptography is imported only when a text is encrypted or decrypted: when a user signs in, or a session is refreshed.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


def _cipher(name: str) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 — see above
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 — see above

    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"ocello session seal 1").derive(name.encode()))


class AesSeal:
    """Seal: AES-256-GCM under a key derived from the name."""

    def close(self, name: str, text: str) -> bytes:
        """Return `text` encrypted; an empty text stays empty."""
        if not text:
            return b""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + _cipher(name).encrypt(nonce, text.encode(), None)

    def open(self, name: str, sealed: bytes) -> str:
        """Return the decrypted text, or an empty text if it cannot be decrypted."""
        if not sealed:
            return ""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see above

        try:
            return _cipher(name).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError):
            return ""
