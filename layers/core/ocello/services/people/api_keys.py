"""Makes, lists and revokes a user's API keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import Invalid, NotFound
from ocello.domain.common.texts import Text
from ocello.domain.common.times import DAY_MS
from ocello.domain.mail import addresses
from ocello.domain.people import api_keys
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import ApiKey, Scope, User
from ocello.services.common.ports import Clock, Page, RandomBytes
from ocello.services.people.ports import ApiKeyStore

TERMS = (90, 30, 365, 0)  # days for which a new key may work; 0: without an end


class ListedKey(NamedTuple):
    """A key, and whether it has expired."""

    key: ApiKey
    expired: bool


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Lists, makes and revokes API keys."""

    keys: ApiKeyStore
    clock: Clock
    random_bytes: RandomBytes

    def page(self, user: User, limit: int, cursor: str | None) -> Page[ListedKey]:
        """Return a page of a user's keys, the oldest first. Raises Invalid for a bad cursor."""
        found, now = self.keys.page(user.id, limit, cursor), self.clock()
        return Page(tuple(ListedKey(key, 0 < key.expires_at <= now) for key in found.items), found.next)

    def make_for(self, user: User, name: str, scopes: Sequence[Scope], days: str) -> tuple[ApiKey, str]:
        """Make a key that works for a number of days, one of `TERMS`. Raises Invalid."""
        term = next((term for term in TERMS if str(term) == days), None)
        if term is None:
            raise Invalid("expires_at", "is none of those offered")
        return self.make(user, name, scopes, expires_at=self.clock() + term * DAY_MS if term else 0)

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
