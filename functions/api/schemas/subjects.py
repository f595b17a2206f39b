"""Requests to export or erase what is held of people, as JSON."""

from typing import Annotated

from pydantic import Field

from functions.api.schemas.base import Answer, Request, Time
from ocello.domain.people import accounts
from ocello.domain.retention.jobs import LONGEST_REASON, JobState, SubjectRight


class SubjectIn(Request):
    """Of whom what is held is to be exported or erased, and why: an erasure needs a reason."""

    address: Annotated[str, Field(max_length=accounts.LONGEST_ADDRESS, json_schema_extra={"format": "email"})]
    do: SubjectRight
    reason: Annotated[
        str, Field(max_length=LONGEST_REASON, description="stands in the log of deletions; names nobody")
    ] = ""


class SubjectDeleted(Answer):
    """What an erasure deleted so far."""

    hits: int
    engagement: Annotated[int, Field(description="mails whose counters became anonymous")]


class SubjectExport(Answer):
    """Where the ZIP can be fetched for five minutes; such an address can be had until `expires_at`."""

    url: str
    expires_at: Time


class SubjectJob(Answer):
    """A request, and how far it is. It names nobody."""

    id: str
    do: SubjectRight
    state: JobState
    reason: str
    created_at: Time
    changed_at: Time
    copies: Annotated[int, Field(description="mails to this person that are done")]
    deleted: SubjectDeleted
    export: SubjectExport | None
    fault: Annotated[str | None, Field(description="why it failed")]
