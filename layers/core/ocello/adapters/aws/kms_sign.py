"""Signs heads of the ledger, and proofs of consent, by keys that never leave KMS."""

from typing import Any

from ocello.adapters.aws import clients
from ocello.adapters.aws.kms_seal import SERVICE
from ocello.domain.consent.heads import ALGORITHM


class KmsSigner:
    """DocumentSigner."""

    def __init__(self, key: str, client: Any = None) -> None:
        """Use the key with this ARN. `client` is botocore's for KMS; the default is made at its first use."""
        self._key, self._client = key, client or clients.late("kms")

    def sign(self, statement: bytes) -> bytes:
        """Return the signature of a statement."""
        with clients.unavailable(SERVICE):
            answer = self._client.sign(
                KeyId=self._key, Message=statement, MessageType="RAW", SigningAlgorithm=ALGORITHM
            )
        return bytes(answer["Signature"])

    def public_key(self) -> bytes:
        """Return the public key."""
        with clients.unavailable(SERVICE):
            answer = self._client.get_public_key(KeyId=self._key)
        return bytes(answer["PublicKey"])
