"""The audit trail: who changed users, keys, accounts, suppressed addresses, who may see what, what is tracked, what is held.

An entry is written in the same transaction as the change that it describes, and kept for KEEP_DAYS. It names people by their
sign-in addresses, and holds no part of a mail, a key or a password.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from ocello.domain.common import ids
from ocello.domain.people.users import User

KEEP_DAYS = 400
Action = Literal[
    "user.invited",
    "user.invited-again",
    "user.joined",
    "user.administrator",
    "user.disabled",
    "user.enabled",
    "user.signed-out",
    "groups.changed",
    "key.made",
    "key.revoked",
    "account.verified",
    "item.changed",
    "item.visibility",
    "item.deleted",
    "mail.visibility",
    "suppression.lifted",
    "workspace.rules",
    "workspace.opens",
    "workspace.links",
    "workspace.footers",
    "subject.export",
    "subject.erase",
]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `id` is a UUIDv7, so that entries sort by time."""

    id: str
    action: Action
    actor: str  # sign-in address
    target: str  # what was changed: an address, an item as `deal/42`, a message's id, a key's name
    before: str = ""
    after: str = ""
    by_key: bool = False

    @property
    def at(self) -> int:
        """Return the time of the change, in milliseconds since 1970."""
        return ids.time_of(self.id)


def new_entry(
    now: int, actor: User, action: Action, target: str, before: str = "", after: str = "", *, by_key: bool = False
) -> AuditEntry:
    """Return a new entry. Its id is made from its content: the same change in the same millisecond is the same entry."""
    content = f"{actor.id}\n{action}\n{target}\n{before}\n{after}"
    identifier = ids.uuid7(now, hashlib.sha256(content.encode()).digest())
    return AuditEntry(identifier, action, actor.address, target, before, after, by_key)
