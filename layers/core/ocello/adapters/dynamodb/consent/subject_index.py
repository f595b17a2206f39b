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
        """List a subject's copies, newest first, by consistent reads."""
        name = f"copies of {subject}"
        shown = paging.decode(name, cursor)
        bounds = models.Row.sk.between(*consent_keys.subject_copies(shown))
        more = limit + 1 if shown is None else limit + 2  # the bounds hold the one that was shown last
        found = consent_rows.SubjectCopyRow.query(
            consent_keys.subject_copy(subject, "", 0).pk,
            bounds,
            consistent_read=True,
            scan_index_forward=False,
            limit=more,
            page_size=more,
        )
        rows = [row for row in found if row.sk != shown]
        page, following = paging.cut(name, rows, limit, lambda row: row.sk)
        return Page(tuple(SubjectCopy(subject, row.message, int(row.recipient), row.owner) for row in page), following)
