"""Makes, lists and revokes a user's API keys."""

from collections.abc import Sequence

from ocello.domain import apikeys, mailboxes
from ocello.domain.audit import entry
from ocello.domain.errors import Invalid, NotFound
from ocello.domain.people import ApiKey, Scope, User
from ocello.domain.texts import Text
from ocello.services.ports import ApiKeyStore, Chance, Clock

LONGEST_NAME = 100


def make(
    user: User,
    name: str,
    scopes: Sequence[Scope],
    *,
    keys: ApiKeyStore,
    clock: Clock,
    chance: Chance,
    expires_at: int = 0,
) -> tuple[ApiKey, str]:
    """Make a key and give it with its text, which is shown this once and kept nowhere.

    `expires_at` is the millisecond from which it signs nobody in; 0 is never. Raises Invalid.
    """
    now = clock()
    mailboxes.refuse_controls("name", name)
    mailboxes.refuse_turned("name", name)
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Invalid("name", Text("must have 1 to %(most)s characters", most=LONGEST_NAME))
    if not scopes:
        raise Invalid("scopes", "must name at least one scope")
    if expires_at and expires_at <= now:
        raise Invalid("expires_at", "must be in the future")
    identifier, text = apikeys.spell(user.id, chance(apikeys.ID_BYTES + apikeys.SECRET_BYTES))
    named = tuple(dict.fromkeys(scopes))
    key = ApiKey(identifier, user.id, name.strip(), named, apikeys.digest_of(text), now, expires_at=expires_at)
    keys.create(key, entry(now, user, "key.made", key.name, after=", ".join(named)))
    return key, text


def revoke(user: User, identifier: str, keys: ApiKeyStore, clock: Clock) -> None:
    """Revoke a key of the user's own. Raises NotFound."""
    key = keys.get(user.id, identifier)
    if key is None or not keys.delete(key, entry(clock(), user, "key.revoked", key.name)):
        raise NotFound("no such API key")
