"""Checks an exported ledger of consent, and the signed heads that belong to it.

    python3 verify_ledger.py LEDGER HEAD…

LEDGER is a file with a line for each entry, HEAD one with a signed head. This file needs Python 3 alone, and nothing of
Ocello: whoever is given a ledger can read here how it is checked. It fails on a changed byte, on a line that is missing,
added or in another place, on a head that another key signed, and on an end that a head says more of.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

# RFC 8017, section 9.2, note 1: what stands before a SHA-256 in a signature.
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def canonical(value: object) -> str:
    """Return the one spelling of a value: JSON in ASCII, keys sorted, without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def chain_of(text: str) -> list[str]:
    """Return the hash of each line, the first one at place 1; place 0 is what the first line follows. Raises ValueError."""
    hashes = ["0" * 64]
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            fields = json.loads(line)
            said = fields.pop("hash")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"line {number} is not a line of the ledger") from None
        if (
            canonical({**fields, "hash": said}) != line
            or hashlib.sha256(canonical(fields).encode()).hexdigest() != said
        ):
            raise ValueError(f"line {number} was changed")
        if fields.get("number") != number:
            raise ValueError(f"line {number} is missing: {fields.get('number')} stands in its place")
        if fields.get("prev") != hashes[-1]:
            raise ValueError(f"line {number} does not follow the line before")
        hashes.append(said)
    return hashes


def check_head(text: str, hashes: list[str], wanted: str) -> tuple[int, str, str]:
    """Return a head's number, its time, and the SHA-256 of the key that signed it: `wanted`, if given. Raises ValueError."""
    try:
        head = json.loads(text)
        said = {name: head[name] for name in ("hash", "number", "signed_at")}
        key, signature = (base64.b64decode(head[name], validate=True) for name in ("public_key", "signature"))
        number, modulus_and_exponent = int(head["number"]), rsa_numbers(key)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"not a signed head: {error}") from None
    if not signed(canonical(said).encode(), signature, *modulus_and_exponent):
        raise ValueError("the signature of the head is not of this key and this head")
    if number >= len(hashes):
        raise ValueError(f"line {len(hashes)} is missing: the head of {head['signed_at']} has {number}")
    if hashes[number] != head["hash"]:
        raise ValueError(f"line {number} is another than the one that was signed on {head['signed_at']}")
    fingerprint = hashlib.sha256(key).hexdigest()
    if wanted and wanted.lower() != fingerprint:
        raise ValueError(f"another key signed the head: {fingerprint}")
    return number, str(head["signed_at"]), fingerprint


def signed(message: bytes, signature: bytes, modulus: int, exponent: int) -> bool:
    """Return whether this is the signature of a message: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2.2)."""
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size or size < 256:
        return False
    digest = SHA256_PREFIX + hashlib.sha256(message).digest()
    wanted = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    opened = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    return hmac.compare_digest(opened, wanted)


def rsa_numbers(der: bytes) -> tuple[int, int]:
    """Return modulus and exponent of a SubjectPublicKeyInfo (RFC 5280, section 4.1). Raises ValueError and IndexError."""
    _, outer, _ = element(der)
    _, _, after_algorithm = element(outer)
    tag, bits, _ = element(after_algorithm)
    if tag != 0x03 or bits[0] != 0:
        raise ValueError("not a public key")
    _, numbers, _ = element(bits[1:])
    _, modulus, rest = element(numbers)
    _, exponent, _ = element(rest)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def element(der: bytes) -> tuple[int, bytes, bytes]:
    """Return the tag and the content of the first element (X.690, section 8.1), and what follows it."""
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    if len(der) < start + length:
        raise ValueError("the key is cut off")
    return tag, der[start : start + length], der[start + length :]


def main() -> int:
    """Check what the arguments name; return 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Checks an exported ledger of consent and its signed heads.")
    parser.add_argument("ledger", type=Path)
    parser.add_argument("heads", type=Path, nargs="+")
    parser.add_argument("--key", default="", help="the SHA-256 of the key that must have signed, in hex")
    chosen = parser.parse_args()
    try:
        hashes = chain_of(chosen.ledger.read_text(encoding="ascii"))
        newest = 0
        for path in chosen.heads:
            number, at, key = check_head(path.read_text(encoding="ascii"), hashes, chosen.key)
            newest = max(newest, number)
            print(f"line {number} was the last on {at}, signed by the key {key}")
    except (OSError, ValueError) as error:
        print(f"broken: {error}", file=sys.stderr)
        return 1
    print(f"{len(hashes) - 1} lines, each as it was written; {len(hashes) - 1 - newest} came after the newest head")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
