"""Shows why an address is suppressed, and lifts suppressions, which the audit trail records."""

from dataclasses import dataclass

from ocello.domain.common.errors import Forbidden, NotFound, Unavailable
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.accounts import plain_address
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Clock
from ocello.services.sending.ports import SuppressionList

_TRIES = 3


@dataclass(frozen=True, slots=True)
class SuppressionEditor:
    """Reads and lifts suppressions."""

    suppressions: SuppressionList
    clock: Clock

    def read(self, address: str) -> tuple[str, str | None]:
        """Return a plain address, and why it is suppressed; None if it is not. Raises Invalid."""
        plain = plain_address("address", address)
        return plain, self.suppressions.reason(plain)

    def lift(self, by: Principal, address: str) -> None:
        """Allow mail to a suppressed address again. Raises Invalid, NotFound and Unavailable.

        Raises Forbidden if the recipient complained of a mail and the user is not an administrator: the sender whom
        they complained of must not decide.
        """
        address = plain_address("address", address)
        for _ in range(_TRIES):
            reason = self.suppressions.reason(address)
            if reason is None:
                raise NotFound("this address is not suppressed")
            if reason == COMPLAINT and not by.user.admin:
                raise Forbidden("this address complained: only an administrator may allow it again")
            record = new_entry(self.clock(), by.user, "suppression.lifted", address, reason, by_key=by.by_key)
            if self.suppressions.remove(address, reason, record):
                return
        raise Unavailable("the address is changing too fast")
