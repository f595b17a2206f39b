"""Rows of credentials, sessions, preferences and contacts in the app table; import it before `models.bind`."""

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from ocello.adapters.dynamodb.models import Row


class CredentialRow(Row, discriminator="Credential"):
    """What an account signs in with, sealed. Its `version` grows with each change."""

    sealed = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()


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
    shortcuts = BooleanAttribute(null=True)  # missing in rows of early releases: on


class ContactsRow(Row, discriminator="Contacts"):
    """A user's contacts, newest first: [[address, name], …]."""

    up_to = UnicodeAttribute()
    version = NumberAttribute()
    people: JSONAttribute = JSONAttribute()
