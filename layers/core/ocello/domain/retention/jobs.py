"""A request to export or to erase what is held of a person, as it is worked through in portions."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from ocello.domain.common.times import DAY_MS
from ocello.domain.retention.log import Deleted

SubjectRight = Literal["export", "erase"]
RIGHTS: tuple[SubjectRight, ...] = get_args(SubjectRight)
JobState = Literal["queued", "running", "done", "failed"]
LONGEST_REASON = 500  # characters
EXPORT_MS = 7 * DAY_MS  # for which an export can be fetched
JOB_MS = 30 * DAY_MS  # for which a job is kept
_NOTHING = Deleted()


@dataclass(frozen=True, slots=True)
class SubjectJob:
    """A job. Times are milliseconds since 1970; `subject` is the keyed digest of the address.

    `sealed` is the address, encrypted by the person's own key, and '' once the job is done. `actor` is the administrator
    who asked for it, '' where the person did; `source` is where the request came from. `copies` are those that are done,
    `cursor` is where to go on, `parts` counts the portions of an export that are stored; `fault` says why it failed.
    """

    id: str
    subject: str
    do: SubjectRight
    at: int
    reason: str = ""
    actor: str = ""
    source: str = ""
    sealed: str = ""
    state: JobState = "queued"
    copies: int = 0
    parts: int = 0
    cursor: str | None = None
    deleted: Deleted = _NOTHING
    changed_at: int = 0
    fault: str = ""
    exported: bool = False  # its export is stored
    version: int = 0

    def fetched_until(self) -> int:
        """Return up to when the export can be fetched; 0 where there is none."""
        return self.changed_at + EXPORT_MS if self.exported else 0


class Fetchable(NamedTuple):
    """Where an export can be fetched for some minutes, and up to when (ms) such an address can be had."""

    url: str
    until: int


def export_name(job: str) -> str:
    """Return the name of a stored export."""
    return f"subjects/{job}/export.zip"
