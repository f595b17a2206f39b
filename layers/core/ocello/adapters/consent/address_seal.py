"""Encrypts an address by its person's key: AES-256-GCM, bound to the subject.

cryptography is imported when an address is encrypted or decrypted: few calls of a function do.
"""

import base64

KEY_BYTES, NONCE_BYTES = 32, 12  # AES-256; 96 bits, NIST SP 800-38D, section 8.2


def seal(key: bytes, nonce: bytes, subject: str, address: str) -> str:
    """Return the address encrypted, in base64: the nonce, then the text with its tag. A nonce is used once with a key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, address.encode(), subject.encode())).decode()


def unseal(key: bytes, subject: str, sealed: str) -> str | None:
    """Return the address; None if another key or subject sealed it."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

    raw = base64.b64decode(sealed)
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], subject.encode()).decode()
    except InvalidTag:
        return None
