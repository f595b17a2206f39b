"""The app table's rows of people by their subject: their copies, their consent, the ledger, their keys."""

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from ocello.adapters.dynamodb.models import Row


class SubjectCopyRow(Row, discriminator="SubjectCopy"):
    """A tracked copy of a person, found by the keyed digest of its address."""

    message = UnicodeAttribute()
    recipient = NumberAttribute()
    owner = UnicodeAttribute()


class ConsentRow(Row, discriminator="Consent"):
    """What is known of a person's consent: for each purpose the fields of `states.AxisConsent`, in their order."""

    opens: ListAttribute[object] = ListAttribute(null=True)
    links: ListAttribute[object] = ListAttribute(null=True)
    version = NumberAttribute()


class LedgerRow(Row, discriminator="Ledger"):
    """An entry of the ledger of consent, as its line; written once."""

    line = UnicodeAttribute()


class LedgerHeadRow(Row, discriminator="LedgerHead"):
    """The number and the hash of the ledger's last line."""

    number = NumberAttribute()
    hash = UnicodeAttribute()


class SubjectKeyRow(Row, discriminator="SubjectKey"):
    """The key that seals a person's address, itself encrypted by the stack's; deleting the row erases the address."""

    key = BinaryAttribute(legacy_encoding=False)


class ShownTextRow(Row, discriminator="ShownText"):
    """A text that people were shown elsewhere, and that their consent rests on."""

    text = UnicodeAttribute()


class WorkspaceRow(Row, discriminator="Workspace"):
    """What administrators chose for everybody; `periods` holds the fields of `ports.RulesPeriod`, in their order."""

    rules = UnicodeAttribute()
    opens = UnicodeAttribute()
    links = UnicodeAttribute()
    footers = BooleanAttribute()
    periods: JSONAttribute = JSONAttribute()
    version = NumberAttribute()


class OpenQuestionRow(Row, discriminator="OpenQuestion"):
    """A mail that asks for consent, of a day; its sort key is the message's id."""
