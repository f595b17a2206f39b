"""Encrypts passwords of SMTP servers, and the keys of subjects, by the stack's own KMS key."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ocello.adapters.aws import clients

SERVICE = "key service"


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
    """PasswordSeal: the encryption context holds user and account, so that one row's password cannot be used in another."""

    def close(self, user: str, address: str, text: str) -> bytes:
        """Return an encrypted password. Raise Unavailable."""
        return self._encrypt(text.encode(), _context(user, address))

    def open(self, user: str, address: str, sealed: bytes) -> str:
        """Return a password decrypted. Raise Unavailable."""
        return self._decrypt(sealed, _context(user, address)).decode()


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


def _context(user: str, address: str) -> dict[str, str]:
    """Return the encryption context. KMS writes it to the AWS account's log, hence a digest in place of the address."""
    return {"ocello": "smtp password", "user": user, "account": hashlib.sha256(address.encode()).hexdigest()}
