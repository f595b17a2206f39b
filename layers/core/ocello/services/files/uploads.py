"""Stores the files of mails that are being written: by one form, or in slices of which each fits one request.

A slice that failed can be sent again. The limits are the same for both ways.
"""

from dataclasses import dataclass

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Invalid, NotFound, TooLarge
from ocello.domain.common.texts import Text
from ocello.domain.mail import images
from ocello.domain.messages.message import MAX_MESSAGE_BYTES
from ocello.services.common.ports import Clock, RandomBytes
from ocello.services.sending.outgoing import read_image, slice_name, upload_name
from ocello.services.sending.ports import MailStore

SLICE_BYTES = 3_000_000  # in base64 well below the 6 MB that Lambda accepts
MAX_SLICES = -(-MAX_MESSAGE_BYTES // SLICE_BYTES)
_KIND = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Uploads:
    """Stores files and images of mails that are being written."""

    mail: MailStore
    clock: Clock
    random_bytes: RandomBytes

    def begin(self) -> str:
        """Return the id of a new upload."""
        return ids.uuid7(self.clock(), self.random_bytes(10))

    def form(self, user: str) -> tuple[str, dict[str, object]]:
        """Return the id of a new upload, and a presigned form by which one file can be stored under it in one request."""
        identifier = self.begin()
        return identifier, self.mail.form_to_put(upload_name(user, identifier), MAX_MESSAGE_BYTES)

    def store_slice(self, user: str, upload: str, number: int, content: bytes) -> None:
        """Store one slice of an upload, counted from 0, over anything that an earlier try left. Raises Invalid and TooLarge."""
        _refuse_other(upload)
        if not 0 <= number < MAX_SLICES:
            raise Invalid("slice", Text("must be 0 to %(most)s", most=MAX_SLICES - 1))
        if not content:
            raise Invalid("slice", "is empty")
        if len(content) > SLICE_BYTES:
            raise TooLarge(Text("a slice may have at most %(most)s bytes", most=SLICE_BYTES))
        self.mail.put(slice_name(user, upload, number), content, _KIND)

    def join_slices(self, user: str, upload: str, slices: int) -> int:
        """Join the slices of an upload into one file, delete them, and return its size in bytes.

        It can be repeated safely: a file that is already joined stays. Raises Invalid, TooLarge, and Conflict if a
        slice is missing.
        """
        _refuse_other(upload)
        if not 1 <= slices <= MAX_SLICES:
            raise Invalid("slices", Text("must be 1 to %(most)s", most=MAX_SLICES))
        whole = self.mail.size(upload_name(user, upload))
        if whole is not None:
            return whole
        names = [slice_name(user, upload, number) for number in range(slices)]
        found = [content for name in names if (content := self.mail.get(name)) is not None]
        if len(found) < slices:
            raise Conflict("a part of this file has not arrived")
        content = b"".join(found)
        if len(content) > MAX_MESSAGE_BYTES:
            raise TooLarge(Text("a file may have at most %(most)s MB", most=MAX_MESSAGE_BYTES // 1_000_000))
        self.mail.put(upload_name(user, upload), content, _KIND)
        self.mail.delete(names)
        return len(content)

    def add_image(self, user: str, content: bytes) -> str:
        """Store an image for the text of a mail, and return its id. Raises Invalid and TooLarge."""
        kind = images.validated_type("image", content)
        identifier = self.begin()
        self.mail.put(upload_name(user, identifier), content, kind)
        return identifier

    def image(self, user: str, identifier: str) -> tuple[bytes, str]:
        """Return an image that a user uploaded, and its media type. Raises NotFound, also if the upload is not an image."""
        content = read_image(user, identifier, self.mail)
        kind = None if content is None else images.kind_of(content)
        if content is None or kind is None:
            raise NotFound("there is nothing at this address")
        return content, kind


def _refuse_other(upload: str) -> None:
    """Raise Invalid for a text that is not an id: it would be the name of another object."""
    if not ids.is_id(upload):
        raise NotFound("there is no such upload")
