"""Returns items as JSON."""

from ocello.domain.common.times import rfc3339
from ocello.domain.crm.items import Item
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
