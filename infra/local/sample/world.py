"""Tells the story of `story.py` into a run's own stores, once, with the dates of its telling."""

import functools
import json
import secrets
import time
from collections.abc import Sequence

from infra.local import place as places
from infra.local.engine.cloud import Cloud
from infra.local.place import Place
from infra.local.sample import seed, story
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.adapters.dynamodb import keys, models, paging
from ocello.adapters.dynamodb.crm.items import DynamoItemStore
from ocello.adapters.dynamodb.messages.alert_panel import DynamoAlertPanel
from ocello.adapters.dynamodb.messages.conversations import DynamoConversations
from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.messages.recipients import DynamoRecipientStore
from ocello.adapters.dynamodb.people.accounts import DynamoAccountStore
from ocello.adapters.dynamodb.people.settings import DynamoSettingsStore
from ocello.adapters.dynamodb.people.suppressions import DynamoSuppressionList
from ocello.adapters.dynamodb.people.users import DynamoUserStore
from ocello.adapters.hot import hit_item
from ocello.adapters.smtp.transport import SmtpTransport
from ocello.domain.people.users import User
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import Keyring
from ocello.services.accounts import passwords
from ocello.services.sending.deliver import DeliveryPorts, deliver
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.sending.ports import StoredMessage

_DAY_SECONDS = 86_400


class _Dial:
    """A clock that the story sets."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def set(self, now: int) -> None:
        """Let it be `now`."""
        self.now = now


class _NoQueue:
    """DeliveryQueue of mail that the story delivers by itself, at its own time."""

    def enqueue(self, message: str, indexes: Sequence[int], owner: str) -> Sequence[int]:  # noqa: ARG002 — the port's shape
        """Queue nothing, and miss nothing."""
        return ()

    def postpone(self, receipt: str, seconds: int) -> None:
        """Leave it: nothing is received here."""


def tell_once(place: Place, cloud: Cloud) -> int:
    """Tell the story if it was not told here before; give how many mails it has, 0 where it was told."""
    mark = place.home / "story.json"
    told = json.loads(mark.read_text()) if mark.exists() else {"now": time.time_ns() // 1_000_000, "whole": False}
    if told["whole"]:
        return 0
    places.write_private(mark, json.dumps(told))  # with the same dates, telling it again after a stop changes nothing
    sent = story.tell(told["now"], _world(cloud))
    places.write_private(mark, json.dumps(told | {"whole": True}))
    return len(sent)


def _world(cloud: Cloud) -> story.World:
    """Make the story's world of the run's stores, as the deliver function has them; mail goes to the mailbox at once."""
    told = cloud.settings["DeliverFunction"]
    models.bind(told["APP_TABLE"], places.REGION, cloud.endpoint)
    dial, mail, accounts = _Dial(), S3MailStore(told["MAIL_BUCKET"]), DynamoAccountStore()
    messages, recipients, conversations = DynamoMessageStore(mail), DynamoRecipientStore(), DynamoConversations()
    password_of = functools.partial(passwords.read, passwords=seed.passwords_of(cloud))
    tracker = Tracker(Keyring.parse(told["TOKEN_KEYS"]), told["TRACKING_ORIGIN"])
    ports = DeliveryPorts(
        messages=messages,
        recipients=recipients,
        conversations=conversations,
        mail=mail,
        accounts=accounts,
        suppressions=DynamoSuppressionList(),
        transports={"smtp": SmtpTransport(password_of, allow_private=True)},
        tracker=tracker,
        clock=dial,
    )
    post = SendingPorts(
        messages=messages,
        recipients=recipients,
        conversations=conversations,
        mail=mail,
        queue=_NoQueue(),
        accounts=accounts,
        settings=DynamoSettingsStore(),
        items=DynamoItemStore(),
        tracker=tracker,
        clock=dial,
        random_bytes=secrets.token_bytes,
    )
    capture = cloud.settings["CaptureFunction"]
    table, ttl = capture["HITS_TABLE"], int(capture["HIT_TTL_DAYS"]) * _DAY_SECONDS
    database = cloud.client("dynamodb")

    def send_out(stored: StoredMessage) -> None:
        for recipient in stored.recipients:
            deliver(stored.message.id, recipient.index, ports)

    def record(hit: Hit) -> None:
        database.put_item(TableName=table, Item=hit_item.to_item(hit, ttl))

    def read_alerts(user: User, until: int) -> None:
        mark = keys.alert(user.id, until, "", "")
        DynamoAlertPanel().read_up_to(user.id, paging.encode(mark.pk, mark.sk))

    return story.World(post, DynamoUserStore(), DynamoDraftStore(), dial.set, send_out, record, read_alerts)
