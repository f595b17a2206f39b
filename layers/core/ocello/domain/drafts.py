"""A mail that somebody is writing, exactly as typed: nothing is refused before it is sent."""

from dataclasses import dataclass, fields

LONGEST_BODY = 300_000  # characters; a row of the table holds 400 KB
LONGEST_FIELD = 20_000


@dataclass(frozen=True, slots=True)
class Writing:
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
    attachments: tuple[tuple[str, str], ...] = ()  # upload, filename

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing worth keeping was typed."""
        typed = (self.to, self.cc, self.bcc, self.subject)
        return not any(text.strip() for text in typed) and not self.html.strip() and not self.attachments


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft in the store. Its `version` grows with each save; `changed_at` in milliseconds."""

    id: str
    version: int
    changed_at: int
    writing: Writing


def to_fields(writing: Writing) -> dict[str, object]:
    """Spell a draft for storage."""
    return {field.name: getattr(writing, field.name) for field in fields(writing)}


def from_fields(stored: dict[str, object]) -> Writing:
    """Read what `to_fields` spelled; what a later release added or dropped does no harm."""
    known = {field.name for field in fields(Writing)}
    kept: dict[str, object] = {name: value for name, value in stored.items() if name in known}
    for name in ("attachments", "items"):
        listed = kept.get(name)
        pairs = listed if isinstance(listed, list | tuple) else ()
        kept[name] = tuple((str(one), str(other)) for one, other in pairs)
    return Writing(**kept)  # type: ignore[arg-type]  # stored by to_fields, of the same class
