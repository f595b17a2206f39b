"""Encrypts passwords of SMTP servers by the stack's own KMS key."""

import hashlib
from typing import Any

from ocello.adapters.aws import clients

_SERVICE = "key service"


class KmsSeal:
    """PasswordSeal: the encryption context holds user and account, so that one row's password cannot be used in another."""

    def __init__(self, key: str, client: Any = None) -> None:
        """Use the key with this ARN. `client` is botocore's for KMS; the default is made at its first use."""
        self._key, self._client = key, client or clients.late("kms")

    def close(self, user: str, address: str, text: str) -> bytes:
        """Return an encrypted password. Raise Unavailable."""
        with clients.unavailable(_SERVICE):
            answer = self._client.encrypt(
                KeyId=self._key, Plaintext=text.encode(), EncryptionContext=_context(user, address)
            )
        return bytes(answer["CiphertextBlob"])

    def open(self, user: str, address: str, sealed: bytes) -> str:
        """Return a password decrypted. Raise Unavailable."""
        with clients.unavailable(_SERVICE):
            answer = self._client.decrypt(
                KeyId=self._key, CiphertextBlob=sealed, EncryptionContext=_context(user, address)
            )
        return bytes(answer["Plaintext"]).decode()


def _context(user: str, address: str) -> dict[str, str]:
    """Return the encryption context. KMS writes it to the AWS account's log, hence a digest in place of the address."""
    return {"ocello": "smtp password", "user": user, "account": hashlib.sha256(address.encode()).hexdigest()}
