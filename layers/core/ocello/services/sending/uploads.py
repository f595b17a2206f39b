"""Takes a file in slices that each fit one request, and puts it together; a slice that failed is sent once more."""

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Invalid, NotFound, TooLarge
from ocello.domain.common.texts import Text
from ocello.domain.messages.message import MAX_MESSAGE_BYTES
from ocello.services.sending.outgoing import slice_name, upload_name
from ocello.services.sending.ports import MailStore

SLICE_BYTES = 3_000_000  # in base64 well below the 6 MB that Lambda takes
MAX_SLICES = -(-MAX_MESSAGE_BYTES // SLICE_BYTES)
_KIND = "application/octet-stream"


def take_slice(user: str, upload: str, number: int, content: bytes, mail: MailStore) -> None:
    """Store one slice of an upload, counted from 0, over whatever an earlier try left. Raises Invalid and TooLarge."""
    _refuse_other(upload)
    if not 0 <= number < MAX_SLICES:
        raise Invalid("slice", Text("must be 0 to %(most)s", most=MAX_SLICES - 1))
    if not content:
        raise Invalid("slice", "is empty")
    if len(content) > SLICE_BYTES:
        raise TooLarge(Text("a slice may have at most %(most)s bytes", most=SLICE_BYTES))
    mail.put(slice_name(user, upload, number), content, _KIND)


def put_together(user: str, upload: str, slices: int, mail: MailStore) -> int:
    """Make one file of an upload's slices, forget them, and give its size in bytes.

    Asking again is safe: what is together already stays. Raises Invalid, TooLarge, and Conflict where a slice is
    missing.
    """
    _refuse_other(upload)
    if not 1 <= slices <= MAX_SLICES:
        raise Invalid("slices", Text("must be 1 to %(most)s", most=MAX_SLICES))
    whole = mail.size(upload_name(user, upload))
    if whole is not None:
        return whole
    names = [slice_name(user, upload, number) for number in range(slices)]
    found = [content for name in names if (content := mail.get(name)) is not None]
    if len(found) < slices:
        raise Conflict("a part of this file has not arrived")
    content = b"".join(found)
    if len(content) > MAX_MESSAGE_BYTES:
        raise TooLarge(Text("a file may have at most %(most)s MB", most=MAX_MESSAGE_BYTES // 1_000_000))
    mail.put(upload_name(user, upload), content, _KIND)
    mail.delete(names)
    return len(content)


def _refuse_other(upload: str) -> None:
    """Refuse what is no id: it would name another object."""
    if not ids.is_id(upload):
        raise NotFound("there is no such upload")
