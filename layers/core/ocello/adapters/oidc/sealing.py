"""Seals a text with a session's name, so that what the table holds is of no use without the cookie."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


def _key(name: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"ocello session seal 1").derive(name.encode())


class AesSeal:
    """Seal: AES-256-GCM under a key derived from the name."""

    def close(self, name: str, text: str) -> bytes:
        """Seal `text`; an empty text stays empty."""
        if not text:
            return b""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(_key(name)).encrypt(nonce, text.encode(), None)

    def open(self, name: str, sealed: bytes) -> str:
        """Read what was sealed; an empty text for anything else."""
        if not sealed:
            return ""
        try:
            return AESGCM(_key(name)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError):
            return ""
