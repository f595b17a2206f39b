"""Items' rows in the app table; import it before `models.bind`."""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from ocello.adapters.dynamodb.models import Row


class ItemRow(Row, discriminator="Item"):
    """A deal, lead, project, person or organization. gsi1: its owner's items; gsi2: its group's or the company's."""

    type = UnicodeAttribute()
    id = UnicodeAttribute()
    title = UnicodeAttribute()
    owner = UnicodeAttribute()
    visibility = UnicodeAttribute()
    group = UnicodeAttribute(default="")
    person = UnicodeAttribute(default="")
    organization = UnicodeAttribute(default="")
    addresses: ListAttribute[object] = ListAttribute(default=list)
    maker = UnicodeAttribute()
    made_at = NumberAttribute()
    changed_at = NumberAttribute()
    version = NumberAttribute()
    earlier: ListAttribute[object] = ListAttribute(default=list)  # [[until, owner, visibility, group], …]


class ItemWordRow(Row, discriminator="ItemWord"):
    """A word under which an item is found, and the version of the item that put it there."""

    type = UnicodeAttribute()
    id = UnicodeAttribute()
    version = NumberAttribute()


class NamingRow(Row, discriminator="Naming"):
    """An item that names another as its person or organization, and the version of it that did."""

    type = UnicodeAttribute()
    id = UnicodeAttribute()
    version = NumberAttribute()


class PersonsRow(Row, discriminator="Persons"):
    """The ids of the persons who have an address."""

    ids = UnicodeSetAttribute(null=True)


class LinkedRow(Row, discriminator="Linked"):
    """A message as an item or its conversation knows it. gsi1: the item's shared messages, of all owners."""

    message = UnicodeAttribute()
    owner = UnicodeAttribute()
    visibility = UnicodeAttribute()
    items: ListAttribute[object] = ListAttribute(default=list)  # as in MessageRow
    tracked = BooleanAttribute()
    bcc: ListAttribute[object] = ListAttribute(default=list)  # indexes


class ImportRow(Row, discriminator="Import"):
    """A bulk import of items: how far it is, and the lines it refused."""

    version = NumberAttribute()
    content: JSONAttribute = JSONAttribute()
