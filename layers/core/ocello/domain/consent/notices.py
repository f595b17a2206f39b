"""The texts that recipients are shown of tracking: each with a name, a version and a language, and a digest of its words.

A text that was shown once stays as it is: consent is proven by what somebody read. Another wording is another version.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from ocello.domain.common.languages import best_of
from ocello.domain.consent.ledger import ConsentNotice

NoticeLanguage = Literal["it", "fr", "en"]
NOTICE_LANGUAGES: tuple[NoticeLanguage, ...] = get_args(NoticeLanguage)
Words = Mapping[str, str | Sequence[str]]
# The official languages of countries, where one of ours is among them. Of several, nobody can say: then it is English.
_SPOKEN: Mapping[str, NoticeLanguage] = {"IT": "it", "SM": "it", "VA": "it", "FR": "fr", "MC": "fr"}


@dataclass(frozen=True, slots=True)
class NoticeText:
    """One text in one language. `words` are what is shown, by name; names in braces stand for values of the stack."""

    id: str
    version: str
    language: NoticeLanguage
    since: str  # ISO 8601
    words: Words

    def whole(self) -> str:
        """Return all that is shown, a paragraph a line."""
        paragraphs = ((value,) if isinstance(value, str) else value for value in self.words.values())
        return "".join(f"{line}\n" for lines in paragraphs for line in lines)

    @property
    def notice(self) -> ConsentNotice:
        """Return how the ledger names this text: the digest is of the whole text as the file has it."""
        return ConsentNotice(self.id, self.version, self.language, _sha256(self.whole()))

    def line(self, name: str, **values: str | int) -> str:
        """Return one paragraph with its values put in. Raises KeyError for an unknown name."""
        return str(self.words[name]).format(**values)

    def lines(self, name: str, **values: str | int) -> tuple[str, ...]:
        """Return several paragraphs with their values put in. Raises KeyError for an unknown name."""
        return tuple(each.format(**values) for each in self.words[name])


def elsewhere(text: str) -> ConsentNotice:
    """Return how the ledger names a text that is not ours, which somebody was shown elsewhere."""
    return ConsentNotice("elsewhere", "", "", _sha256(text))


def notice_text(read: Mapping[str, object]) -> NoticeText:
    """Make a text of its file's values. Raises ValueError naming what is missing."""
    try:
        return NoticeText(
            id=str(read["id"]),
            version=str(read["version"]),
            language=cast("NoticeLanguage", read["language"]),
            since=str(read["since"]),
            words=cast("Words", read["text"]),
        )
    except KeyError as error:
        raise ValueError(f"a text misses a value: {error}") from None


def language_for(country: str, *, recipient: str = "", workspace: NoticeLanguage = "en") -> NoticeLanguage:
    """Return the language for a reader: the one that is said of them, else their country's, else the workspace's.

    English for a country of which we have no language, since that is what its readers know best of ours.
    """
    said = next((each for each in NOTICE_LANGUAGES if each == recipient), None)
    if said is not None:
        return said
    return _SPOKEN.get(country, "en") if country else workspace


def wished_language(header: str) -> NoticeLanguage:
    """Return the best of our languages for an Accept-Language header; English if none is named."""
    return best_of(header, NOTICE_LANGUAGES, "en")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
