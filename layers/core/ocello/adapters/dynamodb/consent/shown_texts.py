"""The texts that people were shown elsewhere, in the app table."""

from ocello.adapters.dynamodb import consent_keys
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.consent import ShownTextRow


class DynamoShownTexts:
    """ShownTexts."""

    @unavailable
    def keep(self, sha256: str, text: str) -> None:
        """Store a text."""
        ShownTextRow(*consent_keys.shown_text(sha256), text=text).save()

    @unavailable
    def of(self, sha256: str) -> str | None:
        """Return a text, or None."""
        try:
            return ShownTextRow.get(*consent_keys.shown_text(sha256), consistent_read=True).text
        except ShownTextRow.DoesNotExist:
            return None
