"""The audit trail, for administrators."""

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from functions.api.routes.parameters import Cursor, Limit
from ocello.domain.people.audit import KEEP_DAYS
from ocello.services.views.messages import audit_json

router = new_router()


@declared(
    router,
    "readAuditTrail",
    summary="Read who changed what, newest first",
    description="Changes of users, groups, API keys, verified accounts, suppressed addresses, and of who sees items and "
    f"mails; kept {KEEP_DAYS} days.",
    tags=["users"],
)
def page(limit: Limit = 50, cursor: Cursor = None) -> schemas.AuditTrail:
    """Return a page of the audit trail."""
    found = request_in(router).ports.trail.page(limit, cursor)
    return schemas.AuditTrail.model_validate({"items": [audit_json(each) for each in found.items], "next": found.next})
