"""The web application's own rows in the app table; import it before `models.bind`."""

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb.models import Row


class SessionRow(Row, discriminator="Session"):
    """A session of the web application."""

    user = UnicodeAttribute()
    csrf = UnicodeAttribute()
    created_at = NumberAttribute()
    renewed_at = NumberAttribute()
    seen_at = NumberAttribute()
    sealed = BinaryAttribute(legacy_encoding=False, null=True)
    replaced = BooleanAttribute(default=False)


class PreferencesRow(Row, discriminator="Preferences"):
    """What a person prefers to see."""

    language = UnicodeAttribute(default="")
    zone = UnicodeAttribute(default="UTC")
    theme = UnicodeAttribute(default="auto")
    signature = UnicodeAttribute(default="")
    browser_language = UnicodeAttribute(default="en")


class DraftRow(Row, discriminator="Draft"):
    """A mail that somebody is writing. Its `version` grows with each save."""

    version = NumberAttribute()
    changed_at = NumberAttribute()
    content: JSONAttribute = JSONAttribute()


class ContactsRow(Row, discriminator="Contacts"):
    """The people whom somebody has written to, newest first: [[address, name], …]."""

    up_to = UnicodeAttribute()
    version = NumberAttribute()
    people: JSONAttribute = JSONAttribute()


class ConversationEntryRow(Row, discriminator="ConversationEntry"):
    """What the inbox knows of a conversation. Its `version` grows with each change."""

    version = NumberAttribute()
    content: JSONAttribute = JSONAttribute()


class InboxRow(Row, discriminator="Inbox"):
    """One line of one list of an inbox: it points to a conversation, and says which version of its entry put it there."""

    conversation = UnicodeAttribute()
    version = NumberAttribute()


class InboxMarkRow(Row, discriminator="InboxMark"):
    """The newest message that the inbox has certainly taken in."""

    message = UnicodeAttribute()
