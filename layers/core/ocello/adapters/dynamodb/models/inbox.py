"""Rows of drafts and of the inbox in the app table; import it before `models.bind`."""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb.models import Row


class DraftRow(Row, discriminator="Draft"):
    """A draft. Its `version` grows with each save."""

    version = NumberAttribute()
    changed_at = NumberAttribute()
    content: JSONAttribute = JSONAttribute()


class ConversationEntryRow(Row, discriminator="ConversationEntry"):
    """A conversation's entry in the inbox. Its `version` grows with each change."""

    version = NumberAttribute()
    content: JSONAttribute = JSONAttribute()


class InboxRow(Row, discriminator="Inbox"):
    """A conversation on one list of an inbox, and the version of its entry that wrote the row."""

    conversation = UnicodeAttribute()
    version = NumberAttribute()


class InboxMarkRow(Row, discriminator="InboxMark"):
    """The mark up to which all messages are in the inbox."""

    message = UnicodeAttribute()
