"""Lets addresses be sent to again that bounced for good or complained: a deliberate act, which the audit trail records."""

from dataclasses import dataclass

from ocello.domain.common.errors import Forbidden, NotFound, Unavailable
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Clock
from ocello.services.people.users import plain_address
from ocello.services.sending.ports import SuppressionList

_TRIES = 3


@dataclass(frozen=True, slots=True)
class SuppressionEditor:
    """Says which addresses are not sent to, and lifts that, in the list it was given."""

    suppressions: SuppressionList
    clock: Clock

    def read(self, address: str) -> tuple[str, str | None]:
        """Return an address in its plain form, and why it is suppressed; None where it is not. Raises Invalid."""
        plain = plain_address("address", address)
        return plain, self.suppressions.reason(plain)

    def lift(self, by: Principal, address: str) -> None:
        """Allow an address to be sent to again. Raises Invalid, NotFound, Unavailable.

        Forbidden where its person complained of a mail and the asker is no administrator: whoever was complained of is not
        the one to decide.
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
