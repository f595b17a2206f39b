"""Creates the demo users: people in the user pool, users in the app table, with account, settings and API key.

They are created once, by the same services as all users; passwords and keys are stored in the run's folder.
"""

import contextlib
import json
import secrets
from typing import Any, NamedTuple

from functions.deliver.settings import Settings
from infra.local.engine.cloud import Cloud
from infra.local.place import REGION, Place, Ports, write_private
from infra.local.sample import story
from ocello import settings
from ocello.adapters.aws.kms_seal import KmsKeySeal, KmsSeal
from ocello.adapters.aws.secrets import SecretsManagerStore
from ocello.adapters.dynamodb.consent.subject_keys import DynamoSubjectKeys
from ocello.domain.common.ids import uuid7
from ocello.domain.messages import visibility
from ocello.domain.people.accounts import Server
from ocello.domain.people.audit import new_entry
from ocello.domain.people.users import Scope, User
from ocello.services.accounts.accounts import SendingAccounts
from ocello.services.people.api_keys import ApiKeys
from ocello.services.people.tracking_settings import SettingsEditor, TrackingSettingsUpdate
from ocello.wiring.cold import Wiring

SELF_CHECK = "selfcheck@example.test"
SHOWN = ("admin@example.test", story.REP, "colleague@example.test", story.OUTSIDER)
_NAMES = {
    "admin@example.test": "Ada Admin",
    story.REP: "Rosa Rep",
    "colleague@example.test": "Carlo Colleague",
    story.OUTSIDER: "Olga Outsider",
    story.MATE: "Tom Teammate",
    SELF_CHECK: "Self-check",
}
_SCOPES: tuple[Scope, ...] = ("read", "send", "settings")
_MORE_SCOPES: dict[str, tuple[Scope, ...]] = {
    "admin@example.test": ("consent:read", "consent:write"),
    story.REP: ("consent:read",),
}
_WITH_ACCOUNT = (story.REP, story.MATE, SELF_CHECK)
_GROUPS = {
    story.REP: (story.TEAM,),
    story.MATE: (story.TEAM,),
    "colleague@example.test": (
        visibility.LEADS,
        story.TEAM,
    ),  # who sees the team's totals, and the mails that are shared with the lead
}


class Person(NamedTuple):
    """One demo user, as in `run.json`."""

    email: str
    password: str
    api_key: str


def people(place: Place, ports: Ports, cloud: Cloud) -> list[Person]:
    """Return the demo users, those of `run.json` first and the self-check's last; create those that do not exist yet."""
    file = place.home / "users.json"
    kept = [Person(**item) for item in json.loads(file.read_text())] if file.exists() else []
    known = {person.email: person for person in kept}
    wanted = (*SHOWN, story.MATE, SELF_CHECK)
    if missing := [address for address in wanted if address not in known]:
        known |= {address: _make(address, ports, cloud) for address in missing}
        write_private(file, json.dumps([known[address]._asdict() for address in wanted]))
    return [known[address] for address in wanted]


def wiring_of(cloud: Cloud, **parts: object) -> Wiring:
    """Return the wiring of the deployed deliver function, made for this process; `parts` replace some of its own."""
    environment = {
        **cloud.settings["DeliverFunction"],
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": cloud.keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.keys.secret_access_key,
    }
    found = settings.read(Settings, environment)
    subject_keys = DynamoSubjectKeys(KmsKeySeal(found.key_arn, cloud.client("kms")), secrets.token_bytes)
    seal, old = KmsSeal(found.key_arn, cloud.client("kms")), SecretsManagerStore(cloud.client("secretsmanager"))
    ours = {"credential_seal": seal, "secret_store": old, "subject_keys": subject_keys, **parts}
    return Wiring(found._replace(smtp_allow_private=True), environment, **ours)


def _make(address: str, ports: Ports, cloud: Cloud) -> Person:
    wiring = wiring_of(cloud)
    admin = address.startswith("admin@")
    password = f"Aa1-{secrets.token_urlsafe(12)}"
    _sign_in(address, password, cloud, admin=admin)
    users, now = wiring.users, wiring.clock()
    user = User(
        uuid7(now, wiring.random_bytes(10)),
        address,
        _NAMES[address],
        admin=admin,
        created_at=now,
        given_groups=_GROUPS.get(address, ()),
    )
    if not users.create(user, new_entry(now, user, "user.joined", address)):
        user = users.by_address(address) or user
    if address in _WITH_ACCOUNT:
        _connect(user, ports, wiring)
    scopes = (*_SCOPES, *_MORE_SCOPES.get(address, ()))
    _, key = ApiKeys(wiring.keys, wiring.clock, wiring.random_bytes).make(user, "local run", scopes)
    return Person(address, password, key)


def _connect(user: User, ports: Ports, wiring: Wiring) -> None:
    """Connect a user's account to the mailbox, and switch all three settings on."""
    server = Server("127.0.0.1", ports.smtp, "none", "", None)
    sending = SendingAccounts(wiring.accounts, wiring.credentials, wiring.clock)
    sending.connect(user, user.address, user.name, server)
    on = TrackingSettingsUpdate(track_opens=True, track_clicks=True, alerts=True)
    SettingsEditor(wiring.user_settings, wiring.accounts).update(user, on)


def _sign_in(address: str, password: str, cloud: Cloud, *, admin: bool) -> None:
    """Create a person in the user pool with a verified address and a final password."""
    pool = cloud.pool
    cognito: Any = cloud.client("cognito-idp")
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):  # an earlier start was interrupted
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=address,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
        )
    cognito.admin_set_user_password(UserPoolId=pool, Username=address, Password=password, Permanent=True)
    if admin:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=address, GroupName="admins")
