"""The app table's rows as pynamodb models: one class per entity, told apart by the discriminator `cls`.

Their keys come from `keys`; turning rows into domain values and back is the stores' work.
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
    """Sparse index: a user's messages, and all users."""

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
    """Any row of the app table. A subclass without rows of its own must not exist."""

    class Meta:
        """Bound by `bind`. The library's own timeouts (15 s and 30 s) outlast a Lambda, hence ours."""

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
    """One sent mail. `to`, `cc` and `bcc` stand in its recipients' rows."""

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
    items: ListAttribute[object] = ListAttribute(default=list)  # [[type, id], …], with the ms of a later link
    in_reply_to = UnicodeAttribute(default="")
    references: ListAttribute[object] = ListAttribute(null=True)
    by_caller = BooleanAttribute(default=False)
    size = NumberAttribute(default=0)
    request_digest = UnicodeAttribute(default="")
    version = NumberAttribute(default=0)
    excepted: ListAttribute[object] = ListAttribute(null=True)
    never_track: ListAttribute[object] = ListAttribute(null=True)
    own_copies: ListAttribute[object] = ListAttribute(null=True)
    recipients = NumberAttribute(null=True)  # how many; absent in rows of before it was counted


class RecipientRow(Row, discriminator="Recipient"):
    """One address of a message and what became of its copy."""

    index = NumberAttribute()
    address = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    kind = UnicodeAttribute()
    status = UnicodeAttribute()
    transport_id = UnicodeAttribute(default="")
    words = UnicodeAttribute(default="")
    told: JSONAttribute = JSONAttribute(null=True)  # the words as texts.serialize spells them, where they are ours
    attempts = NumberAttribute(default=0)
    changed_at = NumberAttribute(default=0)
    sent_at = NumberAttribute(default=0)
    delivered_at = NumberAttribute(default=0)
    untracked = UnicodeAttribute(default="")
    starts = NumberAttribute(null=True)  # of preparing it, since the last claim, where the queue handed it out again


class ReportRow(Row, discriminator="Report"):
    """Links and what was left untracked: packed here, or in the mail bucket where it is large."""

    packed = BinaryAttribute(legacy_encoding=False, null=True)
    in_bucket = BooleanAttribute(default=False)


class EngagementRow(Row, discriminator="Engagement"):
    """A message's engagement, packed by domain/engagement/summary.py; settle alone writes it."""

    row = BinaryAttribute(legacy_encoding=False)
    version = NumberAttribute()


class ConversationRow(Row, discriminator="Conversation"):
    """The conversation that a Message-ID belongs to, and the message of ours that has it, if one has."""

    conversation = UnicodeAttribute()
    message = UnicodeAttribute(default="")


class IdempotencyRow(Row, discriminator="Idempotency"):
    """The message that an Idempotency-Key made."""

    message = UnicodeAttribute()


class UserRow(Row, discriminator="User"):
    """Someone who may sign in."""

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
    told_at = NumberAttribute(default=0)
    told_seen_at = NumberAttribute(default=0)
    version = NumberAttribute(default=0)


class AuditRow(Row, discriminator="Audit"):
    """An entry of the audit trail, or of what a user is told of it."""

    action = UnicodeAttribute()
    actor = UnicodeAttribute()
    target = UnicodeAttribute()
    before = UnicodeAttribute(default="")
    after = UnicodeAttribute(default="")
    by_key = BooleanAttribute(default=False)


class UserPointerRow(Row, discriminator="UserPointer"):
    """From a sign-in address, or from a sign-in, to its user."""

    user = UnicodeAttribute()


class SettingsRow(Row, discriminator="Settings"):
    """A user's switches, of which none or all are there, and the domains that are never tracked."""

    track_opens = BooleanAttribute(null=True)
    track_clicks = BooleanAttribute(null=True)
    alerts = BooleanAttribute(null=True)
    mail_alerts = BooleanAttribute(default=False)
    never_track: ListAttribute[object] = ListAttribute(null=True)


class AccountRow(Row, discriminator="Account"):
    """A sending account. Its password is `sealed`, or was stored before that elsewhere, under the name `secret`."""

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
    claimed = BooleanAttribute(
        default=False
    )  # whether OwnAddressRow names its user; rows of earlier versions do not say


class OwnAddressRow(Row, discriminator="OwnAddress"):
    """The users who send from an address that is verified for them."""

    users = UnicodeSetAttribute(null=True)


class ApiKeyRow(Row, discriminator="ApiKey"):
    """An API key, of which only a digest is kept."""

    id = UnicodeAttribute()
    user = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    scopes: ListAttribute[object] = ListAttribute(default=list)
    digest = UnicodeAttribute()
    created_at = NumberAttribute()
    last_used_at = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)


class AlertRow(Row, discriminator="Alert"):
    """An alert as the panel shows it; the panel's channel is this row itself."""

    detail: JSONAttribute = JSONAttribute()
    withdrawn = BooleanAttribute(default=False)
    followed = BooleanAttribute(default=False)  # read by itself, whatever the mark says


class AlertsReadRow(Row, discriminator="AlertsRead"):
    """The sort key up to which a user has read the alerts."""

    up_to = UnicodeAttribute()


class SuppressionRow(Row, discriminator="Suppression"):
    """An address that is not sent to again."""

    reason = UnicodeAttribute()
    at = NumberAttribute()


class MailDomainRow(Row, discriminator="MailDomain"):
    """Who takes in a domain's mail; without `mx` it was asked for and is not known yet."""

    mx = UnicodeAttribute(null=True)
    operator = UnicodeAttribute(default="")
    resolved_at = NumberAttribute(default=0)
    asked_at = NumberAttribute(default=0)


class DayRow(Row, discriminator="Day"):
    """A closed day's figures, and a generation that each change behind them raises."""

    generation = NumberAttribute(default=0)
    figures: JSONAttribute = JSONAttribute(null=True)


def bind(table: str, region: str, host: str | None = None) -> None:
    """Point every model at one table. `host` is another endpoint, for tests; else AWS's rules decide."""
    Row.Meta.table_name, Row.Meta.region, Row.Meta.host = table, region, host
    Row._connection = None  # noqa: SLF001 — the library has no other way to let go of one
    Row._get_connection()  # noqa: SLF001 — made here, inherited by the subclasses: one client, not one for each


def connection() -> Connection:
    """Return the shared connection."""
    return Row._get_connection().connection  # noqa: SLF001 — the library hands it out nowhere else


def transaction() -> TransactWrite:
    """Begin a transaction: `with models.transaction() as transaction: …` commits it."""
    return TransactWrite(connection=connection())


def kind_of(row: type[Row]) -> Action:
    """Make the part of an update that names the row's kind: the update may make the row, and queries look at its kind."""
    return row.cls.set(row)
