"""A mail that somebody is writing, exactly as typed: nothing is refused before it is sent."""

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ocello.domain.mail.bodies import text_of

LONGEST_BODY = 300_000  # characters; a row of the table holds 400 KB
LONGEST_FIELD = 20_000


class Attached(NamedTuple):
    """A file of a draft: the upload, the name that recipients see, and its size in bytes as the browser told it."""

    upload: str
    filename: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What was typed. Recipients are as typed, one per line."""

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    html: str = ""
    opens: bool = False
    clicks: bool = False
    visibility: str = "private"
    items: tuple[tuple[str, str], ...] = ()  # type, id
    in_reply_to: str = ""
    attachments: tuple[Attached, ...] = ()
    sender: str = ""  # the address to send from; empty means the usual one
    excepted: tuple[str, ...] = ()  # addresses of links to leave untracked

    @property
    def is_empty(self) -> bool:
        """Return whether nothing worth keeping was typed."""
        typed = (self.to, self.cc, self.bcc, self.subject)
        said = text_of(self.html) or "<img" in self.html
        return not any(text.strip() for text in typed) and not said and not self.attachments


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft in the store. Its `version` grows with each save; `changed_at` in milliseconds."""

    id: str
    version: int
    changed_at: int
    writing: DraftContent


def to_fields(writing: DraftContent) -> dict[str, object]:
    """Spell a draft for storage."""
    return {field.name: getattr(writing, field.name) for field in fields(writing)}


def from_fields(stored: dict[str, object]) -> DraftContent:
    """Read what `to_fields` spelled; what a later release added or dropped does no harm."""
    known = {field.name for field in fields(DraftContent)}
    kept: dict[str, object] = {name: value for name, value in stored.items() if name in known}
    kept["items"] = tuple((str(kind), str(identifier)) for kind, identifier in _listed(kept.get("items")))
    kept["attachments"] = tuple(
        Attached(str(upload), str(filename), int(*size)) for upload, filename, *size in _listed(kept.get("attachments"))
    )
    kept["excepted"] = tuple(map(str, _listed(kept.get("excepted"))))
    return DraftContent(**kept)  # type: ignore[arg-type]  # stored by to_fields, of the same class


def _listed(value: object) -> list[Any] | tuple[Any, ...]:
    return value if isinstance(value, list | tuple) else ()
