"""The rules of tracking that hold for everybody, for administrators."""

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from ocello.services.consent.workspace import WorkspaceUpdate
from ocello.services.views.consents import rules_json

router = new_router()


@declared(
    router,
    "readRules",
    summary="Read the rules of tracking that hold, and all that can be chosen",
    description="With the sources of each set, what it allows by consent, and what held when, oldest first.",
    tags=["rules"],
)
def read() -> schemas.WorkspaceRules:
    """Return what holds, every rule set, and the periods."""
    return schemas.WorkspaceRules.model_validate(rules_json(request_in(router).ports.workspace_rules.offered()))


@declared(
    router,
    "changeRules",
    summary="Make the rules of tracking stricter",
    description="`rules` that allow more anywhere than what holds are refused (422). `opens` and `links` are the most that is "
    "tracked of anybody, `footers` is whether mail has a footer where no rules hold. 409 where `version` is outdated.",
    tags=["rules"],
)
def change(body: schemas.WorkspaceRulesIn) -> schemas.WorkspaceRules:
    """Let stricter rules, other modes and footers hold."""
    request = request_in(router)
    wanted = WorkspaceUpdate(body.rules, body.opens, body.links, body.footers, body.version)
    changed = request.ports.workspace_rules.change(request.principal, wanted)
    return schemas.WorkspaceRules.model_validate(rules_json(changed))
