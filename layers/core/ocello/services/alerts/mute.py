"""Mutes a mail for its owner: its opens and clicks are listed, and nobody is told of them."""

from dataclasses import dataclass

from ocello.domain.people.users import User
from ocello.services.alerts.ports import Mutes
from ocello.services.inbox.conversations import MailReader
from ocello.services.sending.ports import StoredMessage


@dataclass(frozen=True, slots=True)
class Muting:
    """Mutes mails in the store it was given."""

    reader: MailReader
    mutes: Mutes

    def mute(self, user: User, message: str, *, muted: bool) -> StoredMessage:
        """Mute a message of the user's own, or end that; return it as it was. Raises NotFound for any other message."""
        stored = self.reader.read_own(user, message)
        self.mutes.mute(message, muted=muted)
        return stored
