"""Makes, lists and revokes a user's API keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import Invalid, NotFound
from ocello.domain.common.texts import Text
from ocello.domain.mail import addresses
from ocello.domain.people import api_keys
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import ApiKey, Scope, User
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.people.ports import ApiKeyStore


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Makes and revokes API keys."""

    keys: ApiKeyStore
    clock: Clock
    random_bytes: RandomBytes

    def make(self, user: User, name: str, scopes: Sequence[Scope], *, expires_at: int = 0) -> tuple[ApiKey, str]:
        """Make a key and return it with its text, which is shown only now and not stored.

        From the millisecond `expires_at` on, the key is refused; 0 is never. Raises Invalid.
        """
        now = self.clock()
        addresses.refuse_controls("name", name)
        addresses.refuse_bidi_controls("name", name)
        if not name.strip() or len(name) > api_keys.LONGEST_NAME:
            raise Invalid("name", Text("must have 1 to %(most)s characters", most=api_keys.LONGEST_NAME))
        if not scopes:
            raise Invalid("scopes", "must name at least one scope")
        if expires_at and expires_at <= now:
            raise Invalid("expires_at", "must be in the future")
        identifier, text = api_keys.encode(user.id, self.random_bytes(api_keys.ID_BYTES + api_keys.SECRET_BYTES))
        named = tuple(dict.fromkeys(scopes))
        key = ApiKey(identifier, user.id, name.strip(), named, api_keys.digest_of(text), now, expires_at=expires_at)
        self.keys.create(key, new_entry(now, user, "key.made", key.name, after=", ".join(named)))
        return key, text

    def revoke(self, user: User, identifier: str) -> None:
        """Revoke one of the user's own keys. Raises NotFound."""
        key = self.keys.get(user.id, identifier)
        if key is None or not self.keys.delete(key, new_entry(self.clock(), user, "key.revoked", key.name)):
            raise NotFound("no such API key")
