"""The JSON API as its callers meet it: AWS-shaped requests through the handler, everything behind it in memory."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from functions.api import handler
from functions.api.context import ApiContext
from ocello.adapters.consent.notice_files import shown_texts, texts
from ocello.adapters.oidc.tokens import KeySet, OidcVerifier
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.rules import ConsentState, RulesName
from ocello.domain.engagement.summary import unpack
from ocello.domain.people.users import SCOPES, Account, Scope, TrackingSettings, User
from ocello.domain.tracking.hits import Hit
from ocello.domain.tracking.tokens import Keyring
from ocello.domain.verdicts.context import Context
from ocello.services.accounts.credentials import AccountCredentials
from ocello.services.engagement.ports import NothingUnderWay
from ocello.services.engagement.settle import Judge
from ocello.services.people.api_keys import ApiKeys
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.retention.jobs import SubjectRequests
from ocello.services.sending.outgoing import SendingPorts, Tracker
from tests import fakes
from tests.fakes.engagement.settling import MemoryEngagementStore, MemorySurroundings
from tests.fakes.imports import MemoryImportQueue, MemoryImportStore, runner
from tests.fakes.inbox import MemoryEngagements, MemoryInboxStore
from tests.fakes.items import MemoryItemStore, MemoryLinkedMessages
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.retention import MemorySubjectJobs, MemorySubjectQueue
from tests.fakes.sending.domains import MemoryLookupQueue, MemoryMailDomains

ISSUER, AUDIENCE, JWKS = "https://issuer.test", "app-client", "https://issuer.test/jwks.json"
SIGNING = rsa.generate_private_key(65537, 2048)
STRANGERS = rsa.generate_private_key(65537, 2048)


def user_id(place: int) -> str:
    return f"0198c0de-0000-7000-8000-{place:012d}"


REP = User(user_id(1), "rep@example.test", "Rep")
ADMIN = User(user_id(3), "admin@example.test", "Admin", admin=True)
COLLEAGUE = User(user_id(2), "colleague@example.test")


def key_set(kid: str = "one", key: rsa.RSAPrivateKey = SIGNING) -> bytes:
    published = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return json.dumps({"keys": [{**published, "kid": kid, "use": "sig", "alg": "RS256"}]}).encode()


class ShownEngagementStore(MemoryEngagementStore):
    """EngagementStore whose rows the messages show."""

    def __init__(self, messages: fakes.MemoryMessageStore) -> None:
        super().__init__()
        self.messages = messages

    def write(self, message: str, packed: bytes, version: int) -> bool:
        written = super().write(message, packed, version)
        self.messages.engagements[message] = unpack(self.rows[message].packed)
        return written


@dataclass
class MemoryHitStore:
    """HitReader."""

    hits: dict[str, list[Hit]] = field(default_factory=dict)

    def pages(self, message: str, first: Any, last: Any) -> Iterator[Sequence[Hit]]:
        found = sorted(self.hits.get(message, ()), key=lambda hit: (hit.at, hit.request))
        wanted = [
            hit
            for hit in found
            if (first is None or (hit.at, hit.request) >= (first.at, first.request))
            and (last is None or (hit.at, hit.request) <= (last.at, last.request))
        ]
        for start in range(0, len(wanted), 7):
            yield wanted[start : start + 7]

    def remove(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
            self.hits[hit.message].remove(hit)


@dataclass
class Answer:
    """An answer of the API."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Api:
    """The API with all its ports in memory."""

    def __init__(self) -> None:
        self.clock, self.random_bytes = fakes.Clock(), fakes.PredictableBytes()
        self.messages = fakes.MemoryMessageStore()
        self.recipients = fakes.MemoryRecipientStore(self.messages)
        self.mail, self.queue = fakes.MemoryMailStore(), fakes.MemoryDeliveryQueue()
        self.users, self.keys = fakes.MemoryUserStore(), fakes.MemoryApiKeyStore()
        self.settings, self.accounts = fakes.MemorySettingsStore(), fakes.MemoryAccountStore()
        self.secrets, self.suppressions = fakes.MemorySecretStore(), fakes.MemorySuppressionList()
        self.alerts, self.kept_days, self.hits = fakes.MemoryAlertPanel(), fakes.MemoryDayStats(), MemoryHitStore()
        self.engagement = ShownEngagementStore(self.messages)
        self.judge = Judge(self.hits, self.engagement, MemorySurroundings(), Context(), NothingUnderWay())
        self.items, self.imports, self.import_queue = MemoryItemStore(), MemoryImportStore(), MemoryImportQueue()
        self.mail_domains, self.lookup_queue = MemoryMailDomains(), MemoryLookupQueue()
        self.received = MemoryReceivedMails()
        self.inbox = MemoryInboxStore(self.messages)
        self.seal, self.directory = fakes.MemoryCredentialSeal(), fakes.MemoryDirectory()
        self.trail = fakes.MemoryTrail(self.users.trail)
        for store in (self.keys, self.accounts, self.items, self.suppressions):
            store.trail = self.users.trail
        self.closed: list[tuple[str, frozenset[Axis]]] = []
        self.consents, self.ledger = fakes.consents(self.clock, lambda *closed: self.closed.append(closed))
        self.questions = fakes.MemoryOpenQuestions()
        self.shown_texts, self.signer = fakes.MemoryShownTexts(), fakes.MemoryDocumentSigner()

        self.subject_jobs, self.subject_queue = MemorySubjectJobs(self.users.trail), MemorySubjectQueue()
        self.subjects = SubjectRequests(
            self.subject_jobs,
            self.subject_queue,
            self.consents.keys,
            self.mail,
            fakes.SUBJECT_KEY,
            self.clock,
            self.random_bytes,
        )
        self.published = key_set()
        self.fetches = 0
        self.workspace = fakes.MemoryWorkspaceStore(trail=self.users.trail)
        self.decisions = fakes.decisions(clock=self.clock, store=self.workspace)
        self.sending = SendingPorts(
            messages=self.messages,
            recipients=self.recipients,
            conversations=fakes.MemoryConversations(self.messages),
            mail=self.mail,
            queue=self.queue,
            accounts=self.accounts,
            settings=self.settings,
            items=self.items,
            subjects=fakes.subjects(),
            decisions=self.decisions,
            tracker=Tracker(Keyring.parse(f"1:{'k' * 32}"), "https://t.test", footers=texts("footer")),
            clock=self.clock,
            random_bytes=self.random_bytes,
        )
        self.ports = ApiContext(
            judging=Context(),
            judge=lambda: self.judge,
            consents=self.consents,
            shown_texts=self.shown_texts,
            signer=self.signer,
            questions=self.questions,
            asking_texts=lambda: texts("asking"),
            notices=shown_texts,
            clock=self.clock,
            random_bytes=self.random_bytes,
            sending=self.sending,
            workspace_rules=self.decisions.workspace,
            days=self.messages,
            suppressions=self.suppressions,
            users=self.users,
            settings=self.settings,
            accounts=self.accounts,
            credentials=AccountCredentials(self.accounts.credentials, self.seal, self.secrets, self.clock),
            directory=self.directory,
            trail=self.trail,
            keys=self.keys,
            alerts=self.alerts,
            mutes=fakes.MemoryMutes(self.messages),
            kept_days=self.kept_days,
            hits=self.hits,
            linked=MemoryLinkedMessages(self.messages),
            engagements=MemoryEngagements(self.messages),
            inbox=self.inbox,
            imports=self.imports,
            import_queue=self.import_queue,
            mail_domains=self.mail_domains,
            lookup_queue=self.lookup_queue,
            subject_requests=self.subjects,
            received=self.received,
        )
        self.authenticator = Authenticator(
            OidcVerifier(ISSUER, AUDIENCE, KeySet(JWKS, self.clock, self._fetch), self.clock),
            self.users,
            self.keys,
            AdmissionPolicy(frozenset({"allowed.test"}), frozenset({"sales"}), "admins"),
            self.clock,
            self.random_bytes,
        )
        for user in (REP, COLLEAGUE):
            self.users.create(user)
        self.accounts.write(Account(REP.id, REP.address, "", "ses", verified=True))
        self.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True))
        self.rep, self.colleague = self.key_of(REP), self.key_of(COLLEAGUE)

    def under(self, rules: RulesName) -> None:
        """Let other rules of tracking hold."""
        self.decisions = fakes.decisions(rules, clock=self.clock, store=self.workspace)
        self.sending = replace(self.sending, decisions=self.decisions)
        self.ports = replace(self.ports, sending=self.sending, workspace_rules=self.decisions.workspace)

    def say(self, address: str, opens: ConsentState, links: ConsentState) -> None:
        """Let somebody's consent be known."""
        self.decisions.say(address, opens, links)

    def work_through_imports(self) -> None:
        """Do what the imports function does, until its queue is empty."""
        work = runner(
            self.items,
            self.users,
            self.imports,
            self.import_queue,
            self.mail,
            self.clock,
            self.consents,
            self.shown_texts,
        )
        while self.import_queue.queued:
            work.advance(*self.import_queue.queued.pop(0), left=fakes.TimeLeft())

    def _fetch(self, address: str) -> bytes:
        assert address == JWKS
        self.fetches += 1
        return self.published

    def key_of(self, user: User, scopes: Sequence[Scope] = SCOPES) -> str:
        made = ApiKeys(self.keys, self.clock, self.random_bytes).make(user, "test", scopes)
        return made[1]

    def token(
        self, key: Any = SIGNING, headers: dict[str, Any] | None = None, alg: str = "RS256", **claims: Any
    ) -> str:
        """Return an ID token of REP with changed claims; a claim of None is left out."""
        now = self.clock() // 1000
        usual: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "subject-1",
            "exp": now + 3600,
            "iat": now,
            "token_use": "id",
            "email": REP.address,
            "email_verified": True,
        }
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(payload, key, alg, headers={"kid": "one", **(headers or {})})

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        auth: str | None = "",
        query: Sequence[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
        encoded: bool = False,
    ) -> Answer:
        """Send a request as `auth` (by default the rep's key; None: nobody). A body that is not text or bytes is sent as JSON."""
        sent = {"host": "app.test", **(headers or {})}
        if auth is not None:
            sent.setdefault("authorization", f"Bearer {auth or self.rep}")
        raw: str | None = None
        if isinstance(body, bytes):
            raw, encoded = base64.b64encode(body).decode(), True
        elif body is not None:
            raw = body if isinstance(body, str) else json.dumps(body)
            sent.setdefault("content-type", "application/json")
            if encoded:
                raw = base64.b64encode(raw.encode()).decode()
        text = urlencode(query)
        event = {
            "version": "2.0",
            "routeKey": "ANY /v1/{proxy+}",
            "rawPath": path,
            "rawQueryString": text,
            "headers": sent,
            "queryStringParameters": {name: ",".join(v for n, v in query if n == name) for name, _ in query} or None,
            "pathParameters": {"proxy": path.removeprefix("/v1/")},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "api",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "t",
                },
                "requestId": "request",
                "routeKey": "ANY /v1/{proxy+}",
                "stage": "$default",
                "timeEpoch": self.clock(),
            },
            "isBase64Encoded": encoded,
        }
        if raw is not None:
            event["body"] = raw
        made = handler.answer(event, self.authenticator, self.ports)
        content = made.get("body") or ""
        answered = base64.b64decode(content) if made.get("isBase64Encoded") else content.encode()
        return Answer(made["statusCode"], {name.lower(): value for name, value in made["headers"].items()}, answered)

    def send(self, **changes: Any) -> dict[str, Any]:
        """Send a message with one link; return it as the API shows it."""
        body = {
            "to": ["buyer@customer.test"],
            "subject": "Offer",
            "html": '<p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p>',
            **changes,
        }
        answer = self.call("POST", "/v1/messages", body)
        assert answer.status == 202, answer.raw
        made: dict[str, Any] = answer.json
        return made


def in_path(text: str) -> str:
    return quote(text, safe="")


@pytest.fixture
def api() -> Api:
    return Api()
