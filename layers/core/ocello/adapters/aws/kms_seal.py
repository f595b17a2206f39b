"""Encrypts what accounts sign in with, and the keys of subjects, by the stack's own KMS key.

cryptography is imported when a secret is encrypted or decrypted: few calls of a function do.
"""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable

SERVICE = "key service"
_FORMAT = b"\x01"  # of a sealed secret; every format that was ever written is read for ever
_KEY_BYTES, _NONCE_BYTES = 32, 12  # AES-256; 96 bits, NIST SP 800-38D, section 8.2


class _Kms:
    """The stack's key. What is encrypted is bound to a context, without which it cannot be decrypted."""

    def __init__(self, key: str, client: Any = None) -> None:
        """Use the key with this ARN. `client` is botocore's for KMS; the default is made at its first use."""
        self._key, self._client = key, client or clients.late("kms")

    def _encrypt(self, plain: bytes, context: Mapping[str, str]) -> bytes:
        with clients.unavailable(SERVICE):
            answer = self._client.encrypt(KeyId=self._key, Plaintext=plain, EncryptionContext=context)
        return bytes(answer["CiphertextBlob"])

    def _decrypt(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        with clients.unavailable(SERVICE):
            answer = self._client.decrypt(KeyId=self._key, CiphertextBlob=sealed, EncryptionContext=context)
        return bytes(answer["Plaintext"])


class KmsSeal(_Kms):
    """CredentialSeal: AES-256-GCM by a new random key each time, which is encrypted by KMS and stored before the content.

    KMS itself takes no more than 4,096 bytes, and tokens may be longer. The encryption context holds user and account,
    so that one row's secret cannot be used in another.
    """

    def close(self, user: str, address: str, secret: bytes) -> bytes:
        """Return a secret encrypted: format, length of the encrypted key, that key, nonce, content. Raise Unavailable."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

        key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
        locked = self._encrypt(key, _of_account("credential", user, address))
        return _FORMAT + len(locked).to_bytes(2) + locked + nonce + AESGCM(key).encrypt(nonce, secret, _FORMAT)

    def open(self, user: str, address: str, sealed: bytes) -> bytes:
        """Return a secret decrypted. Raise Unavailable, also for a format of a later version."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 — see above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 — see above

        if sealed[:1] != _FORMAT:
            raise Unavailable(f"{SERVICE}: a format that is not known here")
        end = 3 + int.from_bytes(sealed[1:3])
        key = self._decrypt(sealed[3:end], _of_account("credential", user, address))
        nonce, content = sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, content, _FORMAT)
        except (InvalidTag, ValueError) as error:
            raise Unavailable(f"{SERVICE}: InvalidTag") from error

    def open_password(self, user: str, address: str, sealed: bytes) -> str:
        """Return a password decrypted that an earlier version encrypted by KMS alone. Raise Unavailable."""
        return self._decrypt(sealed, _of_account("smtp password", user, address)).decode()


class KmsKeySeal(_Kms):
    """KeySeal: the encryption context holds the subject, so that one person's key cannot stand in for another's."""

    def close(self, subject: str, key: bytes) -> bytes:
        """Return an encrypted key. Raise Unavailable."""
        return self._encrypt(key, _of_subject(subject))

    def open(self, subject: str, sealed: bytes) -> bytes:
        """Return a key decrypted. Raise Unavailable."""
        return self._decrypt(sealed, _of_subject(subject))


def _of_subject(subject: str) -> dict[str, str]:
    return {"ocello": "subject key", "subject": subject}


def _of_account(what: str, user: str, address: str) -> dict[str, str]:
    """Return the encryption context. KMS writes it to the AWS account's log, hence a digest in place of the address."""
    return {"ocello": what, "user": user, "account": hashlib.sha256(address.encode()).hexdigest()}
