"""Keeps the images of a person's signature where nothing expires, as long as the signature shows them."""

from collections.abc import Iterable

from ocello.domain.common.errors import Invalid, TooLarge
from ocello.domain.common.texts import Text
from ocello.domain.mail import images
from ocello.services.sending.outgoing import read_image, signature_image_name, upload_name
from ocello.services.sending.ports import MailStore

MAX_IMAGES = 5
MAX_BYTES = 300_000  # of all images of a signature together: each mail carries them to each recipient


def keep_images(user: str, shown: Iterable[str], mail: MailStore) -> None:
    """Keep the images that a signature shows: new ones from uploads, and those kept before. Raises Invalid and TooLarge."""
    found: dict[str, bytes] = {}
    for identifier in dict.fromkeys(shown):
        content = read_image(user, identifier, mail)
        if content is None:
            raise Invalid("signature", "shows an image that is no longer here: put it in anew")
        found[identifier] = content
    if len(found) > MAX_IMAGES:
        raise Invalid("signature", Text("may show at most %(most)s images", most=MAX_IMAGES))
    if sum(map(len, found.values())) > MAX_BYTES:
        raise TooLarge(Text("the images of a signature may have at most %(most)s kB together", most=MAX_BYTES // 1000))
    for identifier, content in found.items():
        name = signature_image_name(user, identifier)
        if mail.size(name) is None:
            mail.put(name, content, images.validated_type("signature", content))


def release_images(user: str, unused: Iterable[str], mail: MailStore) -> None:
    """Move images that a signature no longer shows back to the uploads, where drafts find them until they expire."""
    for identifier in dict.fromkeys(unused):
        kept = signature_image_name(user, identifier)
        content = mail.get(kept)
        if content is not None:
            mail.put(upload_name(user, identifier), content, images.validated_type("signature", content))
            mail.delete([kept])
