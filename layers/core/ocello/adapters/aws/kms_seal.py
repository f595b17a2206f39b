"""Seals passwords of SMTP servers by the stack's own KMS key."""

import hashlib
from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


class KmsSeal:
    """PasswordSeal: the key's encryption context names user and account, so that a row's seal opens in no other row."""

    def __init__(self, key: str, client: Any = None) -> None:
        """Keep the key's ARN, and `client`, botocore's for KMS, made when first used where not given."""
        self._key, self._client = key, client or clients.late("kms")

    def close(self, user: str, address: str, text: str) -> bytes:
        """Seal a password."""
        try:
            answer = self._client.encrypt(
                KeyId=self._key, Plaintext=text.encode(), EncryptionContext=_context(user, address)
            )
        except clients.FAILURES as error:
            raise _unavailable(error) from error
        return bytes(answer["CiphertextBlob"])

    def open(self, user: str, address: str, sealed: bytes) -> str:
        """Read a sealed password."""
        try:
            answer = self._client.decrypt(
                KeyId=self._key, CiphertextBlob=sealed, EncryptionContext=_context(user, address)
            )
        except clients.FAILURES as error:
            raise _unavailable(error) from error
        return bytes(answer["Plaintext"]).decode()


def _context(user: str, address: str) -> dict[str, str]:
    """Name what is sealed. KMS writes it into the account's log, hence a digest in place of the address."""
    return {"ocello": "smtp password", "user": user, "account": hashlib.sha256(address.encode()).hexdigest()}


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"key service: {clients.code_of(error)}")
