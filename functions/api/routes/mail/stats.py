"""Statistics by day."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from ocello.services.views.messages import statistics_json

router = new_router()


@declared(
    router,
    "readStats",
    summary="Count messages by day",
    description="Messages made on each UTC day, and how many of those were opened or clicked at any time since. "
    "At most 366 days; the last 30 unless told. With `group`, the sums of its members: for administrators, and for "
    "its members who are also in the group `leads`.",
    tags=["stats"],
)
def read(
    first: Annotated[
        str | None, Query(alias="from", description="first day", json_schema_extra={"format": "date"})
    ] = None,
    last: Annotated[str | None, Query(alias="to", description="last day", json_schema_extra={"format": "date"})] = None,
    group: Annotated[str | None, Query(max_length=128, description="of all members of a group: for its leads")] = None,
) -> schemas.Stats:
    """Return figures per day, oldest first, and their total."""
    request = request_in(router)
    found = request.ports.mail_statistics.read(request.principal.user, group, first, last)
    return schemas.Stats.model_validate(statistics_json(found))
