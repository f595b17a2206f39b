"""Reads the files of stored mail: the untouched original, and its attachments.

A small file is returned as it is. A large one does not fit into an answer: an address is returned that works for some
minutes.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.errors import NotFound
from ocello.domain.mail import attachments, parts
from ocello.domain.mail.attachments import File
from ocello.domain.messages.message import Message
from ocello.domain.people.users import User
from ocello.services.inbox.conversations import MailReader
from ocello.services.sending.outgoing import attachment_name, original_name
from ocello.services.sending.ports import MailStore
from ocello.services.sending.track import INLINE_BYTES

_MAIL = "message/rfc822"


class StoredFile(NamedTuple):
    """A file: its content, or the address from which it can be fetched."""

    name: str
    type: str
    content: bytes | None
    address: str = ""


class Attachments(NamedTuple):
    """The attachments of a message; none if its original is no longer stored."""

    message: Message
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class StoredMail:
    """Reads files of messages that a user may see. Each method raises NotFound for any other message."""

    mail: MailStore
    reader: MailReader

    def source(self, user: User, message: str) -> bytes:
        """Return the bytes of a message's original, whatever its size. Raises NotFound."""
        return self._source(self.reader.read(user, message).message.id)

    def _source(self, message: str) -> bytes:
        raw = self.mail.get(original_name(message))
        if raw is None:
            raise NotFound("the original is no longer there")
        return raw

    def original(self, user: User, identifier: str) -> StoredFile:
        """Return the original of a message of the user's own as a file. Raises NotFound."""
        message = self.reader.read_own(user, identifier).message
        filename = f"{message.id}.eml"
        if message.size > INLINE_BYTES:
            address = self.mail.address_to_get(original_name(message.id), _MAIL, filename)
            return StoredFile(filename, _MAIL, None, address)
        return StoredFile(filename, _MAIL, self._source(message.id))

    def attachments(self, user: User, identifier: str) -> Attachments:
        """Return the attachments of a message. Raises NotFound."""
        message = self.reader.read(user, identifier).message
        raw = self.mail.get(original_name(message.id))
        return Attachments(message, () if raw is None else attachments.list_attachments(raw))

    def attachment(self, user: User, identifier: str, number: int) -> StoredFile:
        """Return an attachment of a message by its number, counted from 1. Raises NotFound."""
        message = self.reader.read(user, identifier).message.id
        raw = self.mail.get(original_name(message))
        files = () if raw is None else attachments.list_attachments(raw)
        if raw is None or not 1 <= number <= len(files):
            raise NotFound("there is no such attachment")
        file = files[number - 1]
        if file.size <= INLINE_BYTES:
            return StoredFile(file.name, file.type, parts.content(raw, file.leaf))
        name = attachment_name(message, number)
        if self.mail.size(name) is None:
            self.mail.put(name, parts.content(raw, file.leaf), file.type)
        return StoredFile(file.name, file.type, None, self.mail.address_to_get(name, file.type, file.name))
