"""A web application on ports in memory, with people in it, and a browser without a network."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from functions.web import csrf
from functions.web.context import WebContext
from functions.web.handler import WebHandler
from functions.web.pages import sign_in as signing
from functions.web.routes import ROUTES
from ocello.adapters.consent.notice_files import every_version, shown_texts, texts
from ocello.adapters.networks.builtin import class_of
from ocello.adapters.oidc.sealing import AesSeal
from ocello.domain.common.errors import Unauthenticated
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.rules import ConsentState, RulesName
from ocello.domain.messages.delivery import Rejected, Unverified
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.credentials import Credential
from ocello.domain.people.sessions import Session, digest_of
from ocello.domain.people.users import Account, TrackingSettings, User
from ocello.domain.retention.periods import Periods
from ocello.domain.tracking.tokens import Keyring
from ocello.domain.verdicts.context import Context
from ocello.domain.verdicts.signed_in import is_shared, source_digest
from ocello.services.accounts.credentials import AccountCredentials
from ocello.services.imports import imports
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.people.ports import Claims, Tokens
from ocello.services.people.sign_in import WebSignIn
from ocello.services.retention.evidence import StackEvidence
from ocello.services.retention.jobs import SubjectRequests
from ocello.services.retention.papers import StackFacts, papers
from ocello.services.sending.outgoing import Tracker
from tests import fakes
from tests.fakes.engagement.settling import MemoryHitStore
from tests.fakes.engagement.statistics import MemoryModeCounts, MemoryPoolStore, MemoryTrackedSamples
from tests.fakes.imports import MemoryImportQueue, MemoryImportStore, runner
from tests.fakes.inbox import MemoryDraftStore, MemoryEngagements, MemoryInboxStore
from tests.fakes.items import MemoryItemStore, MemoryLinkedMessages
from tests.fakes.mailboxes import MemoryReceivedMails
from tests.fakes.people.consent import MemorySubjectIndex
from tests.fakes.people.people import MemoryContactStore, MemoryPreferenceStore
from tests.fakes.people.sessions import MemorySessionStore, MemorySignInSources
from tests.fakes.retention import MemoryDeletionLog, MemorySubjectJobs, MemorySubjectQueue
from tests.fakes.sending.domains import MemoryLookupQueue, MemoryMailDomains
from tests.fakes.sending.ports import SendingInMemory
from tests.fakes.world import Clock, TimeLeft

ORIGIN = "https://app.test"


TRACKING = "https://links.test"


KEYS = "1:" + "k" * 32


REP = User("01900000-0000-7000-8000-000000000001", "rep@example.test", "Rosa Rep")


OTHER = User("01900000-0000-7000-8000-000000000002", "other@example.test", "Otto Other")


ADMIN = User("01900000-0000-7000-8000-000000000003", "admin@example.test", "Ada Admin", admin=True)


@dataclass
class MemoryAccountProbe:
    """AccountProbe; `words` are those of a server that refuses, or of a service that knows no such address."""

    words: str = ""
    unverified: bool = False
    tried: list[tuple[Account, Credential]] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)

    def check(self, account: Account, credential: Credential) -> None:
        self.tried.append((account, credential))
        if self.words:
            raise (Unverified if self.unverified else Rejected)(self.words)

    def invite(self, address: str) -> None:
        if self.words and not self.unverified:
            raise Rejected(self.words)
        self.invited.append(address)


@dataclass
class MemorySignInProvider:
    """SignInProvider and SignInVerifier: whoever is in `people` may sign in; tokens are their plain claims."""

    people: dict[str, Claims] = field(default_factory=dict)  # by address
    nonces: dict[str, str] = field(default_factory=dict)  # by state
    verifiers: dict[str, str] = field(default_factory=dict)  # by state
    refused: set[str] = field(default_factory=set)
    refreshed: int = 0
    origin: str = "https://id.test"
    clock: Clock | None = None

    def address_to_sign_in(self, state: str, nonce: str, verifier: str) -> str:
        self.nonces[state], self.verifiers[state] = nonce, verifier
        return f"{self.origin}/authorize?{urlencode({'state': state, 'nonce': nonce})}"

    def redeem(self, code: str, verifier: str) -> Tokens:
        address, _, state = code.partition("|")
        if address not in self.people or self.verifiers.get(state) != verifier:
            raise Unauthenticated("the identity provider did not accept this sign-in: please try again")
        return Tokens(f"{address}|{self.nonces[state]}", f"refresh {address}")

    def refresh(self, token: str) -> Tokens:
        address = token.removeprefix("refresh ")
        if address in self.refused:
            raise Unauthenticated("no longer")
        self.refreshed += 1
        return Tokens(f"{address}|", token)

    def address_to_sign_out(self) -> str:
        return f"{self.origin}/logout"

    def nonce_of(self, identity: str) -> str:
        return identity.partition("|")[2]

    def verify(self, token: str) -> Claims:
        claims = self.people[token.partition("|")[0]]
        return replace(claims, issued_at=self.clock() // 1000 * 1000) if self.clock else claims


def claims_of(user: User, **other: Any) -> Claims:
    return Claims("https://id.test", user.id, "id", user.address, user.name, ("admins",) if user.admin else (), **other)


class Stage:
    """The web application with three people, of whom the rep has an account and tracks, and its handler."""

    def __init__(self, origin: str = ORIGIN, provider: str = "https://id.test") -> None:
        self.clock, self.random_bytes = fakes.Clock(), fakes.PredictableBytes()
        self.provider = MemorySignInProvider(
            {user.address: claims_of(user) for user in (REP, OTHER, ADMIN)}, origin=provider
        )
        self.provider.clock = self.clock
        self.users, self.keys = fakes.MemoryUserStore(), fakes.MemoryApiKeyStore()
        for user in (REP, OTHER, ADMIN):
            self.users.create(user)
        self.messages = fakes.MemoryMessageStore()
        self.pools = MemoryPoolStore()
        self.mail, self.queue = fakes.MemoryMailStore(), fakes.MemoryDeliveryQueue()
        self.accounts, self.settings = fakes.MemoryAccountStore(), fakes.MemorySettingsStore()
        self.accounts.write(Account(REP.id, REP.address, REP.name, "ses", verified=True))
        self.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True, alerts=True))
        self.secrets, self.sessions = fakes.MemorySecretStore(), MemorySessionStore()
        self.sources = MemorySignInSources()
        self.seal, self.directory = fakes.MemoryCredentialSeal(), fakes.MemoryDirectory()
        self.alerts, self.probe = fakes.MemoryAlertPanel(), MemoryAccountProbe()
        self.inbox, self.drafts = MemoryInboxStore(self.messages), MemoryDraftStore()
        self.contacts = MemoryContactStore()
        self.items = MemoryItemStore()
        self.items.tells = self.tell
        self.trail = fakes.MemoryTrail(self.users.trail)
        self.deletions = MemoryDeletionLog()
        self.subject_jobs, self.subject_queue = MemorySubjectJobs(self.users.trail), MemorySubjectQueue()
        self.closed: list[tuple[str, frozenset[Axis]]] = []
        self.consents, self.ledger = fakes.consents(self.clock, lambda *closed: self.closed.append(closed))
        self.workspace = fakes.MemoryWorkspaceStore(trail=self.users.trail)
        self.index, self.mode_days = MemorySubjectIndex(), MemoryModeCounts()
        self.evidence = StackEvidence(
            self.consents, self.index, self.mail, self.mode_days, self.workspace, every_version
        )
        self.subject_requests = SubjectRequests(
            self.subject_jobs,
            self.subject_queue,
            self.consents.keys,
            self.mail,
            fakes.SUBJECT_KEY,
            self.clock,
            self.random_bytes,
        )
        for store in (self.keys, self.accounts, self.items):
            store.trail = self.users.trail
        self.imports, self.import_queue = MemoryImportStore(), MemoryImportQueue()
        self.shown_texts, self.questions = fakes.MemoryShownTexts(), fakes.MemoryOpenQuestions()
        self.suppressions = fakes.MemorySuppressionList()
        self.mail_domains, self.lookup_queue = MemoryMailDomains(), MemoryLookupQueue()
        self.received = MemoryReceivedMails()
        self.hits, self.preferences = MemoryHitStore(), MemoryPreferenceStore()
        self.decisions = fakes.decisions(clock=self.clock, store=self.workspace, states=self.ledger)
        tracker = Tracker(Keyring.parse(KEYS), TRACKING, footers=texts("footer"))
        authenticator = Authenticator(
            self.provider, self.users, self.keys, AdmissionPolicy(), self.clock, self.random_bytes
        )
        self.judging = Context(source_key=fakes.SUBJECT_KEY)
        web_sign_in = WebSignIn(
            self.provider,
            authenticator,
            self.users,
            self.sessions,
            self.sources,
            lambda address: source_digest(address, fakes.SUBJECT_KEY),
            lambda address: is_shared(address, class_of),
            AesSeal(),
            self.clock,
            self.random_bytes,
        )
        self.sending = SendingInMemory(
            messages=self.messages,
            recipients=fakes.MemoryRecipientStore(self.messages),
            conversations=fakes.MemoryConversations(self.messages),
            mail=self.mail,
            queue=self.queue,
            accounts=self.accounts,
            settings=self.settings,
            items=self.items,
            subjects=fakes.subjects(),
            decisions=self.decisions,
            tracker=tracker,
            clock=self.clock,
            random_bytes=self.random_bytes,
        )
        self.context = WebContext(
            web_sign_in=web_sign_in,
            sending=self.sending,
            workspace_rules=self.decisions.workspace,
            users=self.users,
            settings=self.settings,
            accounts=self.accounts,
            credentials=AccountCredentials(self.accounts.credentials, self.seal, self.secrets, self.clock),
            directory=self.directory,
            trail=self.trail,
            deletions=self.deletions,
            evidence=self.evidence,
            kept_for=Periods(30, 396),
            papers=papers(StackFacts("Rossi S.p.A.", "", "none", 30, 396, "eu-south-1")),
            keys=self.keys,
            alerts=self.alerts,
            mutes=fakes.MemoryMutes(self.messages),
            days=self.messages,
            kept_days=fakes.MemoryDayStats(),
            samples=MemoryTrackedSamples(self.messages),
            pools=self.pools,
            hits=self.hits,
            preferences=self.preferences,
            inbox=self.inbox,
            engagements=MemoryEngagements(self.messages),
            linked=MemoryLinkedMessages(self.messages),
            imports=self.imports,
            import_queue=self.import_queue,
            mail_domains=self.mail_domains,
            lookup_queue=self.lookup_queue,
            subject_requests=self.subject_requests,
            received=self.received,
            drafts=self.drafts,
            contacts=self.contacts,
            probe=self.probe,
            clock=self.clock,
            random_bytes=self.random_bytes,
            judging=self.judging,
            suppressions=self.suppressions,
            consents=self.consents,
            shown_texts=self.shown_texts,
            signer=fakes.MemoryDocumentSigner(),
            questions=self.questions,
            asking_texts=lambda: texts("asking"),
            notices=shown_texts,
            app_origin=origin,
            form_targets=(provider,),
            cookie_key=signing.key_of(KEYS),
            address_header="x-forwarded-for",
        )
        self.handler = WebHandler(ROUTES, self.context)

    def under(self, rules: RulesName) -> None:
        """Let other rules of tracking hold."""
        self.decisions = fakes.decisions(rules, clock=self.clock, store=self.workspace, states=self.ledger)
        self.sending = replace(self.sending, decisions=self.decisions)
        self.context = replace(self.context, sending=self.sending, workspace_rules=self.decisions.workspace)
        self.handler = WebHandler(ROUTES, self.context)

    def say(self, address: str, opens: ConsentState, links: ConsentState) -> None:
        """Let somebody's consent be known."""
        self.decisions.say(address, opens, links)

    def tell(self, user: str, note: AuditEntry) -> None:
        """Notify a user of a change, as the real store does in the change's own transaction."""
        self.trail.kept.setdefault(user, []).append(note)
        self.users.tell(user, note.at)

    def advance_import(self) -> None:
        """Do what the imports function does with one message of its queue."""
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
        work.advance(*self.import_queue.queued.pop(0), left=TimeLeft(imports.BATCH))

    def browser(self, user: User | None = None) -> "Browser":
        browser = Browser(self)
        if user is not None:
            browser.sign_in(user)
        return browser


@dataclass
class Seen:
    """An answer as a browser sees it."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str
    raw: bytes

    @property
    def said(self) -> str:
        """Return the text without the forms' token, which differs in each answer."""
        return re.sub(r"[\w-]{100,}={0,2}", "TOKEN", self.text)


class Browser:
    """Sends AWS-shaped events to the handler, and keeps its cookies."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.jar: dict[str, str] = {}
        self.address = ""  # from which it comes; empty: nobody knows
        self.origin = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}

    def ask(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, object] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        parts = urlsplit(address)
        given = {"accept-language": "en", **(headers or {})}
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            given["content-type"] = "application/x-www-form-urlencoded"
        event = {
            "version": "2.0",
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": given,
            "cookies": [f"{name}={value}" for name, value in self.jar.items()],
            "requestContext": {"http": {"method": method, "path": parts.path, "sourceIp": self.address}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        answer = self.stage.handler.answer(event)
        json.dumps(answer)  # what Lambda will do
        for cookie in answer["cookies"]:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        raw = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        return Seen(answer["statusCode"], headers, answer["cookies"], raw.decode("utf-8", "replace"), raw)

    def get(self, address: str, **headers: str) -> Seen:
        return self.ask("GET", address, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, address: str, form: Mapping[str, object] | None = None, **headers: str) -> Seen:
        given = {**self.origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.ask("POST", address, form={"csrf": self.csrf(), **(form or {})}, headers=given)

    def upload(self, address: str, form: Mapping[str, object], name: str, filename: str, content: bytes) -> Seen:
        """Post a form with a file, as a browser spells it."""
        fields = {"csrf": self.csrf(), **form}
        head = 'Content-Disposition: form-data; name="{}"'
        parts = [f"{head.format(field)}\r\n\r\n{text}".encode() for field, text in fields.items()]
        about = f'{head.format(name)}; filename="{filename}"\r\nContent-Type: text/csv\r\n\r\n'
        body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in [*parts, about.encode() + content]) + b"--edge--\r\n"
        headers = {**self.origin, "content-type": "multipart/form-data; boundary=edge"}
        return self.ask("POST", address, body=body, headers=headers)

    def csrf(self) -> str:
        session = next((s for s in self.stage.sessions.sessions.values() if not s.replaced and self._is(s)), None)
        return csrf.mask(session.csrf, bytes) if session else ""

    def _is(self, session: Session) -> bool:
        return session.digest == digest_of(self.jar.get(signing.SESSION, ""))

    def sign_in(self, user: User, to: str = "/app", **headers: str) -> Seen:
        pending = self.get(f"/app/sign-in?{urlencode({'next': to})}")
        state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
        return self.get(f"/app/callback?{urlencode({'state': state, 'code': f'{user.address}|{state}'})}", **headers)
