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
    country = UnicodeAttribute(default="")
    maker = UnicodeAttribute()
    made_at = NumberAttribute()
    changed_at = NumberAttribute()
    version = NumberAttribute()
    earlier: ListAttribute[object] = ListAttribute(default=list)  # [[until, owner, visibility, group], …]


class ItemWordRow(Row, discriminator="ItemWord"):
    """A search word of an item, and the version of the item that wrote it."""

    type = UnicodeAttribute()
    id = UnicodeAttribute()
    version = NumberAttribute()


class NamingRow(Row, discriminator="Naming"):
    """An item that refers to another as its person or organization, and the version of the item that wrote it."""

    type = UnicodeAttribute()
    id = UnicodeAttribute()
    version = NumberAttribute()


class PersonsRow(Row, discriminator="Persons"):
    """The ids of the persons who have an address."""

    ids = UnicodeSetAttribute(null=True)


class LinkedRow(Row, discriminator="Linked"):
    """The part of a message that is stored with an item or its conversation. gsi1: the item's shared messages, of all owners."""

    message = UnicodeAttribute()
    owner = UnicodeAttribute()
    visibility = UnicodeAttribute()
    items: ListAttribute[object] = ListAttribute(default=list)  # as in MessageRow
    tracked = BooleanAttribute()
    opens = BooleanAttribute(null=True)  # with `clicks` missing in rows of early releases: both as `tracked`
    clicks = BooleanAttribute(null=True)
    bcc: ListAttribute[object] = ListAttribute(default=list)  # indexes


class ImportRow(Row, discriminator="Import"):
    """A bulk import: its progress, and the lines it refused."""

    version = NumberAttribute()
    content: JSONAttribute = JSONAttribute()
