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
    sources: JSONAttribute = JSONAttribute(default=list)


class SourcesRow(Row, discriminator="Sources"):
    """From where a user was signed in of late: [[digest, since, until], …]. Its `version` grows with each change."""

    version = NumberAttribute()
    sources: JSONAttribute = JSONAttribute()


class PreferencesRow(Row, discriminator="Preferences"):
    """A user's preferences."""

    language = UnicodeAttribute(default="")
    zone = UnicodeAttribute(default="UTC")
    theme = UnicodeAttribute(default="auto")
    signature = UnicodeAttribute(default="")
    browser_language = UnicodeAttribute(default="en")


class DraftRow(Row, discriminator="Draft"):
    """A draft. Its `version` grows with each save."""

    version = NumberAttribute()
    changed_at = NumberAttribute()
    content: JSONAttribute = JSONAttribute()


class ContactsRow(Row, discriminator="Contacts"):
    """A user's contacts, newest first: [[address, name], …]."""

    up_to = UnicodeAttribute()
    version = NumberAttribute()
    people: JSONAttribute = JSONAttribute()


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
