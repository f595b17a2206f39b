"""What is signed: each day the ledger's last line, so that nobody writes its history anew unseen; and proofs of consent.

A proof holds the lines of the ledger with the texts that were shown.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.times import rfc3339
from ocello.domain.consent.ledger import Head, LedgerEntry, line
from ocello.domain.consent.modes import AXES, Axis
from ocello.domain.consent.states import SubjectConsent

ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"
Document = dict[str, object]


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
    said: Document = {"hash": head.hash, "number": head.number, "signed_at": rfc3339(signed_at)}
    return _canonical(said)


def head_in(document: bytes) -> Head:
    """Return the head in a document. Raises ValueError."""
    try:
        said = json.loads(document)
        return Head(int(said["number"]), str(said["hash"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a signed head: {error}") from None


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """What is proven at a time (ms): what is known of an address, its lines, newest first, the texts by their SHA-256.

    `head` is the ledger's last line at that time.
    """

    address: str
    at: int
    consent: SubjectConsent
    entries: tuple[LedgerEntry, ...]
    texts: Mapping[str, str]
    head: Head

    def fields(self) -> Document:
        """Return the proof as JSON's values. `lines` are strings: each is hashed as it stands, without its hash."""
        notices = {entry.notice for entry in self.entries if entry.notice}
        return {
            "address": self.address,
            "made_at": rfc3339(self.at),
            **{axis: state_fields(self.consent, axis, self.at) for axis in AXES},
            "lines": [line(entry) for entry in self.entries],
            "notices": [{**notice._asdict(), "text": self.texts.get(notice.sha256)} for notice in sorted(notices)],
            "head": self.head._asdict(),
        }

    def statement(self) -> bytes:
        """Return what is signed: the SHA-256 of the proof as JSON in ASCII, keys sorted, without spaces."""
        digest = hashlib.sha256(_canonical(self.fields())).hexdigest()
        return _canonical({"proof_sha256": digest})


class SignedProof(NamedTuple):
    """A proof, the public key (DER, SubjectPublicKeyInfo), and the signature of its statement."""

    proof: ConsentProof
    public_key: bytes
    signature: bytes

    def document(self) -> Document:
        """Return the signed proof as JSON's values."""
        key, signature = (base64.b64encode(each).decode() for each in (self.public_key, self.signature))
        return {
            "proof": self.proof.fields(),
            "signed": self.proof.statement().decode(),
            "algorithm": ALGORITHM,
            "public_key": key,
            "signature": signature,
        }


def state_fields(consent: SubjectConsent, axis: Axis, now: int) -> Document:
    """Return what is known of one purpose now: the state, and since when; null where nothing is known."""
    known = consent.of(axis)
    return {"state": known.known(now), "at": rfc3339(known.at) if known.at else None}


def _canonical(fields: Document) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
