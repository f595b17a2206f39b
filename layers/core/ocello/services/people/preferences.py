"""Changes a person's preferences: language, time zone, theme, and the signature under new mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from ocello.domain.mail.bodies import html_to_text
from ocello.domain.people.preferences import Language, check_signature, parse_preferences
from ocello.services.people.ports import PreferenceStore
from ocello.services.people.signature import keep_images, release_images
from ocello.services.sending.ports import MailStore


@dataclass(frozen=True, slots=True)
class PreferenceEditor:
    """Changes preferences."""

    preferences: PreferenceStore
    mail: MailStore

    def choose(self, user: str, language: str, zone: str, theme: str, *, shortcuts: bool) -> None:
        """Set a user's language, time zone, theme and shortcuts. Raises Invalid for unknown values."""
        zones = frozenset(available_timezones())
        self.preferences.save_choices(user, parse_preferences(language, zone, theme, zones, shortcuts=shortcuts))

    def detect_zone(self, user: str, zone: str) -> None:
        """Set the time zone that a browser reports, if the user has none yet; ignore an unknown zone."""
        if zone in available_timezones() and not self.preferences.read(user).zone:
            self.preferences.save_zone_if_unknown(user, zone)

    def remember_browser_language(self, user: str, language: Language) -> None:
        """Store the language that a user's browser asks for: mails are written in it, unless another one is chosen."""
        if self.preferences.read(user).browser_language != language:
            self.preferences.remember_browser_language(user, language)

    def save_signature(self, user: str, html: str, images: Sequence[str], images_before: Sequence[str]) -> None:
        """Set a user's signature to sanitised HTML that shows `images`. A signature that shows nothing is stored as none.

        The images are kept as long as the signature shows them. Those of `images_before` that it no longer shows go
        back to the uploads. Raises Invalid and TooLarge.
        """
        html = html if images or html_to_text(html) else ""
        check_signature(html)
        keep_images(user, images, self.mail)
        self.preferences.save_signature(user, html)
        release_images(user, set(images_before) - set(images), self.mail)
