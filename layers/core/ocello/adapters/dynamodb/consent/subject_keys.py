"""A random key for each person, in the app table: it seals the address, and the stack's key seals it.

Nothing else leads to it: once its row is deleted, and the table's backups have run out, the address cannot be read again.
"""

from ocello.adapters.consent import address_seal
from ocello.adapters.dynamodb import consent_keys
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models import consent as consent_rows
from ocello.services.common.ports import RandomBytes
from ocello.services.consent.ports import KeySeal


class DynamoSubjectKeys:
    """SubjectKeys."""

    def __init__(self, key_seal: KeySeal, random_bytes: RandomBytes) -> None:
        """`key_seal` encrypts the keys themselves."""
        self._key_seal, self._random_bytes = key_seal, random_bytes

    def seal(self, subject: str, address: str) -> str:
        """Return the address sealed by the subject's key, which is made if there is none."""
        key = self._key(subject) or self._new_key(subject)
        return address_seal.seal(key, self._random_bytes(address_seal.NONCE_BYTES), subject, address)

    def open(self, subject: str, sealed: str) -> str | None:
        """Return a sealed address; None if its key was destroyed, also where the person has a new one since."""
        key = self._key(subject)
        return None if key is None else address_seal.unseal(key, subject, sealed)

    @unavailable
    def destroy(self, subject: str) -> None:
        """Destroy the subject's key."""
        consent_rows.SubjectKeyRow(*consent_keys.subject_key(subject)).delete()

    def _key(self, subject: str) -> bytes | None:
        stored = self._stored(subject)
        return None if stored is None else self._key_seal.open(subject, stored)

    def _new_key(self, subject: str) -> bytes:
        """Make a key, or return the one that somebody else made meanwhile."""
        key = self._random_bytes(address_seal.KEY_BYTES)
        if self._keep(subject, self._key_seal.close(subject, key)):
            return key
        return self._key(subject) or self._new_key(subject)

    @unavailable
    def _stored(self, subject: str) -> bytes | None:
        try:
            return bytes(consent_rows.SubjectKeyRow.get(*consent_keys.subject_key(subject), consistent_read=True).key)
        except consent_rows.SubjectKeyRow.DoesNotExist:
            return None

    @unavailable
    def _keep(self, subject: str, sealed: bytes) -> bool:
        with Attempt() as attempt:
            consent_rows.SubjectKeyRow(*consent_keys.subject_key(subject), key=sealed).save(absent())
        return attempt.succeeded
