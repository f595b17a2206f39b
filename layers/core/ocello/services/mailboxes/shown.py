"""Shows received mail that answers ours, to those who may see the mail that it answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ocello.domain.common.errors import NotFound
from ocello.domain.common.times import rfc3339
from ocello.domain.mailboxes import reasons
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.people.users import User
from ocello.services.inbox.conversations import MailReader
from ocello.services.mailboxes.ports import ReceivedMails

_MESSAGES = 200  # of a conversation, whose answers somebody else than its owner is shown


@dataclass(frozen=True, slots=True)
class ReceivedViews:
    """What users are shown of received mail.

    Who may see a mail of ours sees what answers it, save answers to blind copies: those are its owner's alone, and so is
    what only belongs to the conversation.
    """

    mail: MailReader
    received: ReceivedMails

    def of_message(self, user: User, message: str) -> Sequence[ReceivedMail]:
        """Return what was received on a message, oldest first. Raises NotFound."""
        stored = self.mail.read(user, message)
        found = self.received.of(stored.message.conversation_id)
        return [each for each in found if each.message == message and _shows(user, each)]

    def of_conversation(self, user: User, conversation: str) -> Sequence[ReceivedMail]:
        """Return what was received in a conversation of which the user sees a message, oldest first. Raises NotFound."""
        seen = {each.id for each in self.mail.visible(user, conversation, _MESSAGES, None)}
        if not seen:
            raise NotFound("there is no such conversation")
        return self.beside(user, conversation, seen)

    def beside(self, user: User, conversation: str, seen: Collection[str]) -> Sequence[ReceivedMail]:
        """Return what was received in a conversation of which the user sees some messages, oldest first."""
        found = self.received.of(conversation)
        return [each for each in found if each.owner == user.id or (each.message in seen and _shows(user, each))]


def _shows(user: User, mail: ReceivedMail) -> bool:
    return mail.owner == user.id or not mail.blind


def received_json(mail: ReceivedMail) -> dict[str, object]:
    """Return a received mail as JSON."""
    return {
        "id": f"{mail.conversation}.{mail.name}",
        "kind": mail.kind,
        "reasons": [{"code": code, "text": reasons.BY_CODE[code].sentence} for code in mail.reasons],
        "from": {"address": mail.sender.address, "name": mail.sender.name},
        "at": rfc3339(mail.at),
        "message": mail.message or None,
        "recipients": list(mail.recipients),
        "in_spam": mail.in_spam,
    }
