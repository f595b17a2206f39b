"""Submits mail for a person or a program: within the limits per minute, and tracked as they choose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.mail.compose import Draft, Track, TrackValue
from ocello.domain.people.users import Principal
from ocello.services.sending.outgoing import SendingPorts, copy_name
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import send, send_again
from ocello.services.sending.track import instrument

_MAIL = "message/rfc822"


class CallersCopy(NamedTuple):
    """A copy that its caller sends: to whom, and its bytes, or the address from which a large one can be fetched."""

    recipient: str
    raw: bytes | None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """Submits mail for a user or an API key."""

    sending: SendingPorts

    def submit(
        self,
        principal: Principal,
        draft: Draft,
        idempotency_key: str | None,
        *,
        opens: TrackValue | None = None,
        clicks: TrackValue | None = None,
    ) -> StoredMessage:
        """Store and queue a message. Raises as `send` does, and TooMany.

        `opens` and `clicks` override what the draft says of tracking; None keeps the draft's choice, or the user's
        settings if the draft makes none.
        """
        self.sending.pace.take("send", principal)
        track = _track(opens, clicks)
        draft = draft if track is None else replace(draft, track=track)
        return send(draft, principal.user, idempotency_key, self.sending)

    def submit_again(self, principal: Principal, message: str, index: int) -> StoredMessage:
        """Queue one recipient's copy again, as `send_again` does. Raises as that does, and TooMany."""
        self.sending.pace.take("send", principal)
        return send_again(principal.user, message, index, self.sending)

    def instrument(
        self,
        principal: Principal,
        raw: bytes,
        rcpt: Sequence[str],
        *,
        opens: TrackValue | None,
        clicks: TrackValue | None,
        excepted: Sequence[str] = (),
    ) -> tuple[StoredMessage, tuple[CallersCopy, ...]]:
        """Store a message and return each recipient's copy, as `instrument` does. Raises as that does, and TooMany."""
        self.sending.pace.take("track", principal)
        stored, copies = instrument(raw, rcpt, _track(opens, clicks), principal.user, self.sending, excepted)
        return stored, tuple(
            CallersCopy(
                to.mailbox.address, copy, "" if copy is not None else self._address(stored.message.id, to.index)
            )
            for to, copy in copies
        )

    def _address(self, message: str, index: int) -> str:
        return self.sending.mail.address_to_get(copy_name(message, index), _MAIL, f"{message}-{index}.eml")


def _track(opens: TrackValue | None, clicks: TrackValue | None) -> Track | None:
    """Return what was chosen; None if nothing was."""
    return None if opens is None and clicks is None else Track(opens, clicks)
