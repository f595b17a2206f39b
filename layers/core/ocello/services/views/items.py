"""Returns items and imports as JSON."""

from ocello.domain.common.times import rfc3339
from ocello.domain.crm.items import Item
from ocello.domain.imports.imports import Import
from ocello.services.items.items import ItemFigures
from ocello.services.views.messages import Json, figures_json


def item_json(item: Item) -> Json:
    """Return an item as JSON; related items that the viewer may not see were removed before."""
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
        "country": item.country or None,
        "created_at": rfc3339(item.made_at),
        "changed_at": rfc3339(item.changed_at),
    }


def item_figures_json(figures: ItemFigures) -> Json:
    """Return the figures of an item's messages as JSON."""
    return {
        **figures_json(figures.figures),
        "complete": figures.complete,
    }


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
