"""The app table's rows of received mail and of mailboxes; import it before `models.bind`."""

from pynamodb.attributes import BooleanAttribute, JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb.models import Row


class ReceivedRow(Row, discriminator="Received"):
    """A received mail that answers one of ours; its sort key is its name."""

    owner = UnicodeAttribute()
    account = UnicodeAttribute()
    message = UnicodeAttribute(default="")
    recipients: ListAttribute[object] = ListAttribute(default=list)
    sender = UnicodeAttribute()
    sender_name = UnicodeAttribute(default="")
    at = NumberAttribute()
    kind = UnicodeAttribute()
    reasons: ListAttribute[object] = ListAttribute()
    folder = UnicodeAttribute()
    ref = UnicodeAttribute()
    in_spam = BooleanAttribute(default=False)
    blind = BooleanAttribute(default=False)


class SubjectReceivedRow(Row, discriminator="SubjectReceived"):
    """A received mail, found by the subject of who wrote it."""


class MailboxRow(Row, discriminator="Mailbox"):
    """How far a mailbox was read. It is on a round by gsi1, unless its credential was refused."""

    owner = UnicodeAttribute()
    address = UnicodeAttribute()
    connected_at = NumberAttribute()
    place = UnicodeAttribute(default="")
    pace = UnicodeAttribute()
    last_read = NumberAttribute(default=0)
    failing_since = NumberAttribute(default=0)
    failures = NumberAttribute(default=0)
    not_before = NumberAttribute(default=0)
    refused = BooleanAttribute(default=False)
    diagnostic: JSONAttribute = JSONAttribute(null=True)  # by texts.serialize
    version = NumberAttribute()
