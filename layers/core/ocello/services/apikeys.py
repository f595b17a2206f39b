"""Makes, lists and revokes a user's API keys."""

from collections.abc import Sequence

from ocello.domain import apikeys
from ocello.domain.errors import Invalid, NotFound
from ocello.domain.people import ApiKey, Scope, User
from ocello.domain.texts import Text
from ocello.services.ports import ApiKeyStore, Chance, Clock

LONGEST_NAME = 100


def make(
    user: User, name: str, scopes: Sequence[Scope], *, keys: ApiKeyStore, clock: Clock, chance: Chance
) -> tuple[ApiKey, str]:
    """Make a key and give it with its text, which is shown this once and kept nowhere."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Invalid("name", Text("must have 1 to %(most)s characters", most=LONGEST_NAME))
    if not scopes:
        raise Invalid("scopes", "must name at least one scope")
    identifier, text = apikeys.spell(user.id, chance(apikeys.ID_BYTES + apikeys.SECRET_BYTES))
    key = ApiKey(identifier, user.id, name.strip(), tuple(dict.fromkeys(scopes)), apikeys.digest_of(text), clock())
    keys.write(key)
    return key, text


def revoke(user: User, identifier: str, keys: ApiKeyStore) -> None:
    """Revoke a key of the user's own. Raises NotFound."""
    if not keys.delete(user.id, identifier):
        raise NotFound("no such API key")
