"""Takes mail from whoever asks, person or program: within the limits of a minute, and tracked as they say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocello.domain.mail.compose import Draft, Track
from ocello.domain.people.users import Principal
from ocello.services.sending.outgoing import SendingPorts
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import send, send_again
from ocello.services.sending.track import Copies, instrument


@dataclass(frozen=True, slots=True)
class Submission:
    """Submits mail for a user or a key, by the ports of sending that it was given."""

    sending: SendingPorts

    def submit(
        self,
        principal: Principal,
        draft: Draft,
        idempotency_key: str | None,
        *,
        opens: bool | None = None,
        clicks: bool | None = None,
    ) -> StoredMessage:
        """Store and queue a message, as `send` does; raises as that does, and TooMany.

        `opens` and `clicks` complete or replace what the draft says of tracking; None leaves it to the draft, and what
        that leaves open to the user's settings.
        """
        self.sending.pace.take("send", principal)
        track = self._track(principal, opens, clicks)
        draft = draft if track is None else replace(draft, track=track)
        return send(draft, principal.user, idempotency_key, self.sending)

    def submit_again(self, principal: Principal, message: str, index: int) -> StoredMessage:
        """Queue one recipient's copy once more, as `send_again` does; raises as that does, and TooMany."""
        self.sending.pace.take("send", principal)
        return send_again(principal.user, message, index, self.sending)

    def instrument(
        self,
        principal: Principal,
        raw: bytes,
        rcpt: Sequence[str],
        *,
        opens: bool | None,
        clicks: bool | None,
        excepted: Sequence[str] = (),
    ) -> tuple[StoredMessage, Copies]:
        """Store a message and return each recipient's copy, as `instrument` does; raises as that does, and TooMany."""
        self.sending.pace.take("track", principal)
        track = self._track(principal, opens, clicks)
        return instrument(raw, rcpt, track, principal.user, self.sending, excepted)

    def _track(self, principal: Principal, opens: bool | None, clicks: bool | None) -> Track | None:
        """Complete a choice of what to track with the user's settings; None where nothing was chosen."""
        if opens is None and clicks is None:
            return None
        settings = self.sending.settings.read(principal.user.id)
        return Track(
            settings.track_opens if opens is None else opens, settings.track_clicks if clicks is None else clicks
        )
