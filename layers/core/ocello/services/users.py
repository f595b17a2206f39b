"""Invites users and lets administrators disable them; nobody signs up alone."""

from collections.abc import Sequence
from dataclasses import replace

from ocello.domain.errors import Conflict, Invalid, NotFound
from ocello.domain.ids import uuid7
from ocello.domain.items import MAX_GROUP
from ocello.domain.people import User
from ocello.domain.texts import Text
from ocello.services.ports import Chance, Clock, UserStore

MAX_GROUPS = 20  # given to one user; each is a list to be read where items are listed
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3


def plain_address(field: str, text: str) -> str:
    """Give a plain address in lower case. Raises Invalid naming `field`."""
    local, at, domain = text.strip().rpartition("@")
    bad = not local or not at or "." not in domain or len(text) > LONGEST_ADDRESS
    if bad or any(character.isspace() or character in '<>,;"()' or not character.isprintable() for character in text):
        raise Invalid(field, "must be a plain e-mail address")
    return text.strip().lower()


def invite(address: str, name: str, users: UserStore, clock: Clock, chance: Chance) -> User:
    """Make the user who signs in first with `address`. Raises Conflict where there is one already."""
    now = clock()
    user = User(uuid7(now, chance(10)), plain_address("address", address), name.strip(), created_at=now)
    if not users.create(user):
        raise Conflict("there is a user with this address already")
    return user


def set_groups(identifier: str, groups: Sequence[str], users: UserStore) -> User:
    """Put a user into `groups`, beside those of the identity provider, and out of all others that were given.

    Raises Invalid, and NotFound.
    """
    user = users.get(identifier)
    if user is None:
        raise NotFound("no such user")
    if len(groups) > MAX_GROUPS:
        raise Invalid("groups", Text("must be at most %(most)s", most=MAX_GROUPS))
    for place, name in enumerate(groups):
        if not 1 <= len(name) <= MAX_GROUP or not name.isprintable() or name != name.strip() or "," in name:
            words = Text("must be 1 to %(most)s printable characters, without a comma", most=MAX_GROUP)
            raise Invalid(f"groups[{place}]", words)
    changed = replace(user, given_groups=tuple(sorted(set(groups))))
    if changed != user:
        users.update(changed)
    return changed


def set_disabled(identifier: str, disabled: bool, users: UserStore) -> User:
    """Shut a user out, or let the user in again. Raises NotFound."""
    user = users.get(identifier)
    if user is None:
        raise NotFound("no such user")
    changed = replace(user, disabled=disabled)
    if changed != user:
        users.update(changed)
    return changed
