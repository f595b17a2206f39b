"""The signed head of a day: what the ledger's last line was, so that nobody can write its history anew unseen."""

import base64
import json
from typing import NamedTuple

from ocello.domain.common.times import rfc3339
from ocello.domain.consent.ledger import Head

ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"


class SignedHead(NamedTuple):
    """A head, when it was signed (ms), the public key (DER, SubjectPublicKeyInfo), and the signature of `statement`."""

    head: Head
    signed_at: int
    public_key: bytes
    signature: bytes

    def document(self) -> str:
        """Return the signed head as JSON, which the verifier reads."""
        said = json.loads(statement(self.head, self.signed_at))
        key, signature = (base64.b64encode(each).decode() for each in (self.public_key, self.signature))
        return json.dumps({**said, "algorithm": ALGORITHM, "public_key": key, "signature": signature}, sort_keys=True)


def statement(head: Head, signed_at: int) -> bytes:
    """Return what is signed: JSON in ASCII, keys sorted, without spaces."""
    said = {"hash": head.hash, "number": head.number, "signed_at": rfc3339(signed_at)}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def head_in(document: bytes) -> Head:
    """Return the head in a document. Raises ValueError."""
    try:
        said = json.loads(document)
        return Head(int(said["number"]), str(said["hash"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a signed head: {error}") from None
