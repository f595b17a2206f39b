"""The mails that ask for consent and were not answered yet, in the app table."""

from collections.abc import Sequence

from ocello.adapters.dynamodb import consent_keys
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.consent import OpenQuestionRow


class DynamoOpenQuestions:
    """OpenQuestions."""

    @unavailable
    def add(self, day: str, message: str) -> None:
        """Note a mail."""
        OpenQuestionRow(*consent_keys.open_question(day, message)).save()

    @unavailable
    def of(self, day: str) -> Sequence[str]:
        """Return the mails of a day."""
        return [row.sk for row in OpenQuestionRow.query(consent_keys.open_question(day, "").pk, consistent_read=True)]

    @unavailable
    def remove(self, day: str, message: str) -> None:
        """Forget a mail."""
        OpenQuestionRow(*consent_keys.open_question(day, message)).delete()
