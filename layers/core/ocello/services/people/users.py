"""Invites users, and lets administrators change them; nobody signs up alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocello.domain.common.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ocello.domain.common.ids import uuid7
from ocello.domain.common.texts import Text
from ocello.domain.crm.items import MAX_GROUP
from ocello.domain.mail import addresses
from ocello.domain.people.accounts import LONGEST_NAME, check_length, plain_address
from ocello.domain.people.audit import AuditEntry, new_entry
from ocello.domain.people.users import MAX_GROUPS, Principal, User
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.people.ports import Directory, UserStore

TRIES = 4  # to change a user whom others change at the same time


@dataclass(frozen=True, slots=True)
class UserAdministration:
    """Invites and changes users; `directory` is None if the identity provider is not ours."""

    users: UserStore
    directory: Directory | None
    clock: Clock
    random_bytes: RandomBytes

    def invite(self, by: Principal, address: str, name: str) -> User:
        """Create the user who will sign in with `address`. Raises Invalid, Conflict if there is one already, and Unavailable.

        If the user pool is ours (`directory`), it creates a sign-in and mails a first password; an existing sign-in
        stays. This is done first, so that an invitation that was interrupted can be repeated.
        """
        check_length("name", name, LONGEST_NAME)
        addresses.refuse_controls("name", name)
        addresses.refuse_bidi_controls("name", name)
        now = self.clock()
        user = User(
            uuid7(now, self.random_bytes(10)),
            plain_address("address", address),
            name.strip(),
            created_at=now,
            invited=True,
        )
        taken = Conflict("there is a user with this address already")
        if self.users.by_address(user.address) is not None:
            raise taken
        if self.directory is not None:
            self.directory.invite(user.address, again=False)
        if not self.users.create(user, new_entry(now, by.user, "user.invited", user.address, by_key=by.by_key)):
            raise taken
        return user

    def invite_again(self, by: Principal, identifier: str) -> User:
        """Mail a new first password to a user who was invited and never signed in. Raises NotFound, Conflict and Unavailable."""
        user = self.read(identifier)
        if self.directory is None:
            raise Conflict("sign-ins are made elsewhere: this user has to sign in there")
        if not user.invited or user.disabled:
            raise Conflict("only who was invited and never came is invited again")
        if not self.directory.invite(user.address, again=True) and not self.directory.invite(user.address, again=False):
            raise Conflict("this user has a password already: signing in is all that is left to do")
        record = new_entry(self.clock(), by.user, "user.invited-again", user.address, by_key=by.by_key)
        return user if self.users.change(user, user, [record]) else self.read(identifier)

    def change(
        self, by: Principal, identifier: str, *, groups: Sequence[str] | None = None, disabled: bool | None = None
    ) -> User:
        """Put a user into `groups` and out of all others that were given here, and disable or enable the user.

        None leaves a value as it is. A disabled user is signed out everywhere. One administrator is always left: nobody
        can disable themselves, and only an administrator who is not disabled at that moment can disable others. Raises
        Invalid, NotFound, Conflict, Forbidden and Unavailable.
        """
        checked = None if groups is None else _groups(groups)
        for _ in range(TRIES):
            before, now = self.read(identifier), self.clock()
            after = before if checked is None else replace(before, given_groups=checked)
            if disabled is not None and disabled != before.disabled:
                after = replace(after, disabled=disabled, signed_out_at=now if disabled else before.signed_out_at)
            if after == before:
                return before
            disabling = after.disabled and not before.disabled
            if disabling:
                self._check_may_disable(by, identifier)
            if self.users.change(
                before, after, _audit_entries(by, before, after, now), by.user.id if disabling else ""
            ):
                return replace(after, version=before.version + 1)
        raise Unavailable("the user is changing too fast")

    def sign_out_everywhere(self, by: Principal) -> None:
        """End all of a user's own sessions and sign-in tokens; API keys stay. Raises Unavailable."""
        for _ in range(TRIES):
            before, now = self.read(by.user.id), self.clock()
            record = new_entry(now, before, "user.signed-out", before.address)
            if self.users.change(before, replace(before, signed_out_at=now), [record]):
                return
        raise Unavailable("the user is changing too fast")

    def read(self, identifier: str) -> User:
        """Return a user. Raises NotFound."""
        user = self.users.get(identifier)
        if user is None:
            raise NotFound("no such user")
        return user

    def mark_notices_seen(self, user: User, up_to: int) -> None:
        """Record that a user has seen the notices of administrators' changes up to `up_to` (ms)."""
        self.users.mark_seen(user.id, min(up_to, user.notices_at))

    def _check_may_disable(self, by: Principal, identifier: str) -> None:
        if by.user.id == identifier:
            raise Conflict("You cannot disable yourself.")
        actor = self.users.get(by.user.id)
        if actor is None or actor.disabled or not actor.admin:
            raise Forbidden("only an administrator may do this")


def _groups(groups: Sequence[str]) -> tuple[str, ...]:
    if len(groups) > MAX_GROUPS:
        raise Invalid("groups", Text("must be at most %(most)s", most=MAX_GROUPS))
    for place, name in enumerate(groups):
        if not 1 <= len(name) <= MAX_GROUP or not name.isprintable() or name != name.strip() or "," in name:
            reason = Text("must be 1 to %(most)s printable characters, without a comma", most=MAX_GROUP)
            raise Invalid(f"groups[{place}]", reason)
    return tuple(sorted(set(groups)))


def _audit_entries(by: Principal, before: User, after: User, now: int) -> list[AuditEntry]:
    entries = []
    if after.given_groups != before.given_groups:
        was, becomes = ", ".join(before.given_groups), ", ".join(after.given_groups)
        entries.append(new_entry(now, by.user, "groups.changed", before.address, was, becomes, by_key=by.by_key))
    if after.disabled != before.disabled:
        action = new_entry(now, by.user, "user.disabled" if after.disabled else "user.enabled", before.address)
        entries.append(replace(action, by_key=by.by_key))
    return entries
