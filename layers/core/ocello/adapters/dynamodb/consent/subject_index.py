"""The tracked copies of each subject in the app table."""

from collections.abc import Sequence

from ocello.adapters.dynamodb import consent_keys, models, paging
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models import consent as consent_rows
from ocello.services.common.ports import Page
from ocello.services.consent.ports import SubjectCopy


class DynamoSubjectIndex:
    """SubjectIndex."""

    @unavailable
    def add(self, copies: Sequence[SubjectCopy]) -> None:
        """Write a row for each copy."""
        with consent_rows.SubjectCopyRow.batch_write() as batch:
            for each in copies:
                batch.save(
                    consent_rows.SubjectCopyRow(
                        *consent_keys.subject_copy(each.subject, each.message, each.recipient),
                        message=each.message,
                        recipient=each.recipient,
                        owner=each.owner,
                    )
                )

    @unavailable
    def page(self, subject: str, limit: int, cursor: str | None) -> Page[SubjectCopy]:
        """List a subject's copies, oldest first."""
        name = f"copies of {subject}"
        bounds = models.Row.sk.between(*consent_keys.subject_copies(paging.decode(name, cursor)))
        partition = consent_keys.subject_copy(subject, "", 0).pk
        rows = list(consent_rows.SubjectCopyRow.query(partition, bounds, limit=limit + 1, page_size=limit + 1))
        page, following = paging.cut(name, rows, limit, lambda row: row.sk)
        return Page(tuple(SubjectCopy(subject, row.message, int(row.recipient), row.owner) for row in page), following)
