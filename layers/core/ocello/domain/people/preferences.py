"""A user's preferences: language, time zone, theme, and the signature for new mail."""

from dataclasses import dataclass
from typing import Literal

from ocello.domain.common.errors import Invalid
from ocello.domain.common.texts import Text

Language = Literal["en", "it"]
Theme = Literal["auto", "light", "dark"]
LANGUAGES: tuple[Language, ...] = ("en", "it")
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
LONGEST_SIGNATURE = 10_000


@dataclass(frozen=True, slots=True)
class Preferences:
    """A user's preferences. An empty language means the browser's; an empty zone is not known yet."""

    language: Language | Literal[""] = ""
    zone: str = ""
    theme: Theme = "auto"
    signature: str = ""  # HTML, sanitised
    browser_language: Language = "en"  # at the last sign-in
    shortcuts: bool = True  # keys do what buttons do

    @property
    def mail_language(self) -> Language:
        """Return the language for mails to the user, which no browser can choose."""
        return self.language or self.browser_language


def check_signature(signature: str) -> None:
    """Raise Invalid if a signature is too long."""
    if len(signature) > LONGEST_SIGNATURE:
        raise Invalid("signature", Text("may have at most %(most)s characters", most=LONGEST_SIGNATURE))


def parse_preferences(
    language: str, zone: str, theme: str, zones: frozenset[str], *, shortcuts: bool = True
) -> Preferences:
    """Return the preferences in a form, without the signature. Raise Invalid."""
    if zone not in zones:
        raise Invalid("zone", "is no time zone that we know")
    known = next((name for name in LANGUAGES if name == language), None)
    look = next((name for name in THEMES if name == theme), None)
    if known is None:
        raise Invalid("language", "is no language that we speak")
    if look is None:
        raise Invalid("theme", "must be auto, light or dark")
    return Preferences(known, zone, look, shortcuts=shortcuts)
