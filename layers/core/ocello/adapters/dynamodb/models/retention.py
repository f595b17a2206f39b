"""The rows of retention."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb.models import Row


class RetentionRunRow(Row, discriminator="RetentionRun"):
    """How far the newest run has come."""

    day = NumberAttribute()
    began = NumberAttribute()
    stage = UnicodeAttribute()
    cursor = UnicodeAttribute(default="")
    counted = NumberAttribute(null=True)  # it and those that follow are missing in rows of earlier releases
    counting = NumberAttribute(null=True)
    looked = NumberAttribute(null=True)
    deleted: JSONAttribute = JSONAttribute()


class DueRow(Row, discriminator="Due"):
    """A note that an engagement row is to be looked at; the key says all."""


class DeletionRow(Row, discriminator="Deletion"):
    """An entry of the log of deletions."""

    at = NumberAttribute()
    kind = UnicodeAttribute()
    began = NumberAttribute()
    subject = UnicodeAttribute(default="")
    reason = UnicodeAttribute(default="")
    deleted: JSONAttribute = JSONAttribute()


class SubjectJobRow(Row, discriminator="SubjectJob"):
    """A request to export or erase; `content` has the fields of `SubjectJob`."""

    content: JSONAttribute = JSONAttribute()
    version = NumberAttribute()


class RightsTicketRow(Row, discriminator="RightsTicket"):
    """What the link of a mail about an export or an erasure stands for; `content` has the fields of `RightsTicket`."""

    content: JSONAttribute = JSONAttribute()


class RightsMailRow(Row, discriminator="RightsMail"):
    """When a person was last written such a mail: the time of the wish, in ms."""

    at = NumberAttribute()
