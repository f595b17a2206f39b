"""The app table's rows as pynamodb models: one class for each entity, distinguished by the discriminator `cls`.

Their keys come from `keys`; the stores convert rows to domain values and back. Where an attribute's stored name
(`attr_name`) differs from its name here, rows of early releases have it so: it never changes.
"""

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.connection import Connection
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite


class Gsi1(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]  # the library left this untyped
    """Sparse index: a user's messages, all users, and the ledger's lines by number."""

    class Meta:
        """Name and projection, as in infra/storage.yaml."""

        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class Gsi2(GlobalSecondaryIndex["Row"]):  # type: ignore[no-untyped-call]  # the library left this untyped
    """Sparse index: a user's tracked messages."""

    class Meta:
        """Name and projection, as in infra/storage.yaml."""

        index_name = "gsi2"
        projection = AllProjection()

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi2sk = UnicodeAttribute(range_key=True)


class Row(Model):
    """Any row of the app table. Every subclass must have rows of its own."""

    class Meta:
        """Set by `bind`. The library's default timeouts (15 s and 30 s) are longer than a Lambda may run."""

        table_name = ""
        region: str | None = None
        host: str | None = None
        connect_timeout_seconds = 1
        read_timeout_seconds = 3
        max_retry_attempts = 3
        max_pool_connections = 8

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    cls = DiscriminatorAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)
    by_gsi1 = Gsi1()
    by_gsi2 = Gsi2()


class MessageRow(Row, discriminator="Message"):
    """One sent mail. `to`, `cc` and `bcc` are in its recipients' rows."""

    id = UnicodeAttribute()
    owner = UnicodeAttribute()
    message_id = UnicodeAttribute()
    conversation_id = UnicodeAttribute()
    sender = UnicodeAttribute()
    sender_name = UnicodeAttribute(default="")
    subject = UnicodeAttribute(default="")
    created_at = NumberAttribute()
    track_opens = BooleanAttribute()
    track_clicks = BooleanAttribute()
    visibility = UnicodeAttribute()
    items: ListAttribute[object] = ListAttribute(default=list)  # [[type, id], …]; for items linked later, with the ms
    in_reply_to = UnicodeAttribute(default="")
    references: ListAttribute[object] = ListAttribute(null=True)
    by_caller = BooleanAttribute(default=False)
    size = NumberAttribute(default=0)
    request_digest = UnicodeAttribute(default="")
    version = NumberAttribute(default=0)
    excepted: ListAttribute[object] = ListAttribute(null=True)
    never_track: ListAttribute[object] = ListAttribute(null=True)
    own_copies: ListAttribute[object] = ListAttribute(null=True)  # the message's `opens_off`
    preview = UnicodeAttribute(null=True)
    muted = BooleanAttribute(null=True)
    recipients = NumberAttribute(null=True)  # their number; missing in rows of early releases


class RecipientRow(Row, discriminator="Recipient"):
    """One address of a message, and the state of its copy."""

    index = NumberAttribute()
    address = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    kind = UnicodeAttribute()
    status = UnicodeAttribute()
    provider_message_id = UnicodeAttribute(default="", attr_name="transport_id")
    diagnostic = UnicodeAttribute(default="", attr_name="words")
    diagnostic_parts: JSONAttribute = JSONAttribute(null=True, attr_name="told")  # by texts.serialize, if it is ours
    attempts = NumberAttribute(default=0)
    changed_at = NumberAttribute(default=0)
    sent_at = NumberAttribute(default=0)
    delivered_at = NumberAttribute(default=0)
    untracked = UnicodeAttribute(default="")
    tracking: JSONAttribute = JSONAttribute(null=True)  # the fields of a Decision; missing in rows of early releases
    language = UnicodeAttribute(null=True)  # of its footer
    starts = NumberAttribute(null=True)  # times that preparing it began since the last claim
    bounce_status = UnicodeAttribute(null=True)
    replied_at = NumberAttribute(null=True)
    away_at = NumberAttribute(null=True)


class ReportRow(Row, discriminator="Report"):
    """Links, and what is untracked: packed here, or in the mail bucket if it is too large."""

    packed = BinaryAttribute(legacy_encoding=False, null=True)
    in_bucket = BooleanAttribute(default=False)


class EngagementRow(Row, discriminator="Engagement"):
    """A message's engagement, packed by domain/engagement/summary.py; settle alone writes it."""

    row = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()


class ConversationRow(Row, discriminator="Conversation"):
    """The conversation that a Message-ID belongs to, and our message with that id, if there is one."""

    conversation = UnicodeAttribute()
    message = UnicodeAttribute(default="")


class IdempotencyRow(Row, discriminator="Idempotency"):
    """The message that was created with an Idempotency-Key."""

    message = UnicodeAttribute()


class UserRow(Row, discriminator="User"):
    """A person who may sign in."""

    id = UnicodeAttribute()
    address = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    admin = BooleanAttribute(default=False)
    groups: ListAttribute[object] = ListAttribute(default=list)
    given_groups: ListAttribute[object] = ListAttribute(default=list)
    disabled = BooleanAttribute(default=False)
    created_at = NumberAttribute(default=0)
    invited = BooleanAttribute(default=False)
    signed_out_at = NumberAttribute(default=0)
    notices_at = NumberAttribute(default=0, attr_name="told_at")
    notices_seen_at = NumberAttribute(default=0, attr_name="told_seen_at")
    version = NumberAttribute(default=0)


class AuditRow(Row, discriminator="Audit"):
    """An entry of the audit trail, or of the part of it that a user is shown."""

    action = UnicodeAttribute()
    actor = UnicodeAttribute()
    target = UnicodeAttribute()
    before = UnicodeAttribute(default="")
    after = UnicodeAttribute(default="")
    by_key = BooleanAttribute(default=False)


class UserPointerRow(Row, discriminator="UserPointer"):
    """Leads from a sign-in address, or an identity at the provider, to its user."""

    user = UnicodeAttribute()


class SettingsRow(Row, discriminator="Settings"):
    """A user's switches, stored all or not at all, the domains that are never tracked, and the alerts that ring."""

    track_opens = BooleanAttribute(null=True)
    track_clicks = BooleanAttribute(null=True)
    alerts = BooleanAttribute(null=True)
    mail_alerts = BooleanAttribute(default=False)
    never_track: ListAttribute[object] = ListAttribute(null=True)
    alert_choice = UnicodeAttribute(default="every")
    quiet_hours: ListAttribute[object] = ListAttribute(
        null=True
    )  # minutes of the day: the first, and the first after them


class AccountRow(Row, discriminator="Account"):
    """A sending account. Earlier versions kept its password in `sealed`, or in Secrets Manager under the name `secret`."""

    user = UnicodeAttribute()
    address = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    transport = UnicodeAttribute()
    verified = BooleanAttribute()
    host = UnicodeAttribute(default="")
    port = NumberAttribute(default=0)
    security = UnicodeAttribute(default="tls")
    username = UnicodeAttribute(default="")
    secret = UnicodeAttribute(default="")
    sealed = BinaryAttribute(legacy_encoding=False, null=True)
    version = NumberAttribute(default=0)
    claimed = BooleanAttribute(default=False)  # whether OwnAddressRow holds its user; missing in rows of early releases


class OwnAddressRow(Row, discriminator="OwnAddress"):
    """The users who send from an address that is verified for them."""

    users = UnicodeSetAttribute(null=True)


class ApiKeyRow(Row, discriminator="ApiKey"):
    """An API key, of which only a digest is stored."""

    id = UnicodeAttribute()
    user = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    scopes: ListAttribute[object] = ListAttribute(default=list)
    digest = UnicodeAttribute()
    created_at = NumberAttribute()
    last_used_at = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)


class AlertRow(Row, discriminator="Alert"):
    """An alert in the panel; this row itself is the panel's channel."""

    detail: JSONAttribute = JSONAttribute()
    withdrawn = BooleanAttribute(default=False)
    followed = BooleanAttribute(default=False)  # marked as read by itself, independent of the mark


class AlertsReadRow(Row, discriminator="AlertsRead"):
    """The sort key up to which a user has read the alerts."""

    up_to = UnicodeAttribute()


class SuppressionRow(Row, discriminator="Suppression"):
    """A suppressed address."""

    reason = UnicodeAttribute()
    at = NumberAttribute()


class MailDomainRow(Row, discriminator="MailDomain"):
    """Who receives a domain's mail; without `mx`, the look-up is not finished."""

    mx = UnicodeAttribute(null=True)
    operator = UnicodeAttribute(default="")
    resolved_at = NumberAttribute(default=0)
    asked_at = NumberAttribute(default=0)


class DayRow(Row, discriminator="Day"):
    """The figures of a past day, and a generation that each change of their data raises."""

    generation = NumberAttribute(default=0)
    figures: JSONAttribute = JSONAttribute(null=True)


def bind(table: str, region: str, host: str | None = None) -> None:
    """Make every model use one table. `host` is another endpoint, for tests; the default is AWS's."""
    Row.Meta.table_name, Row.Meta.region, Row.Meta.host = table, region, host
    Row._connection = None  # noqa: SLF001 — the library has no other way to let go of one
    Row._get_connection()  # noqa: SLF001 — made here and inherited, so that all models share one client


def connection() -> Connection:
    """Return the shared connection."""
    return Row._get_connection().connection  # noqa: SLF001 — the library has no public way to get it


def transaction() -> TransactWrite:
    """Return a transaction; `with models.transaction() as transaction: …` commits it."""
    return TransactWrite(connection=connection())


def kind_of(row: type[Row]) -> Action:
    """Return the update of a row's discriminator: the update may create the row, and queries filter by discriminator."""
    return row.cls.set(row)
