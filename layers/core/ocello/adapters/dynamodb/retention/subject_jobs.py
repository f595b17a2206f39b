"""Requests to export or erase what is held of people, in the app table; they go thirty days after they were made."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import models, paging
from ocello.adapters.dynamodb import retention_keys as keys
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.retention import SubjectJobRow
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.domain.common import texts
from ocello.domain.people.audit import AuditEntry
from ocello.domain.retention.jobs import JOB_MS, SubjectJob
from ocello.domain.retention.log import Deleted
from ocello.services.common.ports import Page


class DynamoSubjectJobs:
    """SubjectJobs."""

    @unavailable
    def get(self, identifier: str) -> SubjectJob | None:
        """Return a job by a consistent read, or None."""
        try:
            return _job(SubjectJobRow.get(keys.SUBJECT_JOBS, identifier, consistent_read=True))
        except DoesNotExist:
            return None

    @unavailable
    def page(self, limit: int, cursor: str | None) -> Page[SubjectJob]:
        """Return a page of jobs, newest first."""
        row = SubjectJobRow
        rows, following = paging.read(row.query, keys.SUBJECT_JOBS, row.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(_job, rows)), following)

    @unavailable
    def write(self, job: SubjectJob, before: SubjectJob | None, notes: Sequence[AuditEntry] = ()) -> bool:
        """Replace the job `before` by `job`, with notes; return False if another is stored."""
        row = SubjectJobRow(
            keys.SUBJECT_JOBS,
            job.id,
            version=job.version,
            content={**asdict(job), "deleted": list(job.deleted), "fault": texts.serialize(job.fault)},
            ttl=(job.at + JOB_MS) // 1000,
        )
        with Attempt() as attempt, models.transaction() as transaction:
            transaction.save(row, over(SubjectJobRow.version, before.version if before else None))
            add_notes(transaction, notes)
        return attempt.succeeded


def _job(row: SubjectJobRow) -> SubjectJob:
    content = cast("dict[str, Any]", row.content)
    return SubjectJob(**{**content, "deleted": Deleted(*content["deleted"]), "fault": texts.parse(content["fault"])})
