"""Mutes mails for their owner: their opens and clicks are listed, and nobody is told of them."""

from dataclasses import dataclass

from ocello.domain.common.errors import NotFound
from ocello.domain.common.ids import is_id
from ocello.domain.people.users import User
from ocello.services.alerts.ports import Mutes
from ocello.services.inbox.conversations import MailReader
from ocello.services.sending.ports import StoredMessage

_MUTED = 200  # newest mails of a conversation that are muted together


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

    def mute_conversation(self, user: User, conversation: str, *, muted: bool) -> int:
        """Mute the tracked mails of a conversation that are the user's own, or end that; return how many there are.

        Raises NotFound for a conversation without any.
        """
        seen = self.reader.visible(user, conversation, _MUTED, None) if is_id(conversation) else ()
        own = [each.id for each in seen if each.owner == user.id and each.tracked]
        if not own:
            raise NotFound("no such conversation")
        for message in own:
            self.mutes.mute(message, muted=muted)
        return len(own)
