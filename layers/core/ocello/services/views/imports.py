"""Returns imports as JSON."""

from ocello.domain.common.times import rfc3339
from ocello.domain.imports.imports import Import
from ocello.services.views.messages import Json


def import_json(made: Import) -> Json:
    """Return an import, with the first of its refused lines, as JSON."""
    return {**listed_import_json(made), "refusals": [refusal._asdict() for refusal in made.refusals]}


def listed_import_json(made: Import) -> Json:
    """Return an import as JSON for a list, without its refused lines."""
    return {
        "id": made.id,
        "kind": made.kind,
        "status": made.status,
        "format": made.format,
        "total": made.total or None,
        "done": made.done,
        "written": made.written,
        "unchanged": made.unchanged,
        "refused": made.refused,
        "reason": made.reason or None,
        "created_at": rfc3339(made.created_at),
        "changed_at": rfc3339(made.changed_at),
    }
