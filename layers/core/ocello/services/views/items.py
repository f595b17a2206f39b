"""Shows items and imports as JSON."""

from ocello.domain.common.times import rfc3339
from ocello.domain.crm.imports import Import
from ocello.domain.crm.items import Item
from ocello.services.items.items import ItemFigures
from ocello.services.views.messages import Json


def item_json(item: Item) -> Json:
    """Show an item; what it names of others was cleared of what the viewer may not see."""
    return {
        "type": item.ref.type,
        "id": item.ref.id,
        "title": item.title,
        "owner": item.owner,
        "visibility": item.visibility,
        "group": item.group or None,
        "person": item.person or None,
        "organization": item.organization or None,
        "addresses": list(item.addresses),
        "created_at": rfc3339(item.made_at),
        "changed_at": rfc3339(item.changed_at),
    }


def item_figures_json(figures: ItemFigures) -> Json:
    """Show what came of an item's messages."""
    return {
        "sent": figures.sent,
        "tracked": figures.tracked,
        "opened": figures.opened,
        "clicked": figures.clicked,
        "complete": figures.complete,
    }


def import_json(made: Import) -> Json:
    """Show an import and the first of the lines that it refused."""
    return {**listed_import_json(made), "refusals": [refusal._asdict() for refusal in made.refusals]}


def listed_import_json(made: Import) -> Json:
    """Show an import in a list, without the lines that it refused."""
    return {
        "id": made.id,
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
