"""Lets addresses be sent to again that bounced for good or complained: a deliberate act, which is noted."""

from ocello.domain.common.errors import Forbidden, NotFound, Unavailable
from ocello.domain.messages.delivery import COMPLAINT
from ocello.domain.people.audit import entry
from ocello.domain.people.users import Principal
from ocello.services.common.ports import Clock
from ocello.services.people.users import plain_address
from ocello.services.sending.ports import SuppressionList

_TRIES = 3


def lift(by: Principal, address: str, suppressions: SuppressionList, clock: Clock) -> None:
    """Allow an address to be sent to again. Raises Invalid, NotFound, Unavailable.

    Forbidden where its person complained of a mail and the asker is no administrator: whoever was complained of is not
    the one to decide.
    """
    address = plain_address("address", address)
    for _ in range(_TRIES):
        reason = suppressions.reason(address)
        if reason is None:
            raise NotFound("this address is not suppressed")
        if reason == COMPLAINT and not by.user.admin:
            raise Forbidden("this address complained: only an administrator may allow it again")
        note = entry(clock(), by.user, "suppression.lifted", address, reason, by_key=by.by_key)
        if suppressions.remove(address, reason, note):
            return
    raise Unavailable("the address is changing too fast")
