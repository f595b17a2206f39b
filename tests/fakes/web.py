"""The web application's ports in memory, a house with people in it, and a browser without a network."""

import base64
import json
import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, urlencode, urlsplit

from functions.web import csrf
from functions.web.context import WebContext
from functions.web.handler import WebHandler
from functions.web.pages import sign_in as signing
from functions.web.routes import ROUTES
from ocello.adapters.oidc.sealing import AesSeal
from ocello.domain.common.errors import Unauthenticated
from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.delivery import Rejected, Unverified
from ocello.domain.messages.message import LEFT_US
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.users import Account, TrackingSettings, User
from ocello.domain.tracking.tokens import Keyring
from ocello.services.accounts.passwords import Passwords
from ocello.services.items import imports
from ocello.services.people.authenticate import AdmissionPolicy, Authenticator
from ocello.services.people.ports import Claims, Tokens
from ocello.services.people.sign_in import WebSignIn
from ocello.services.sending.outgoing import SendingPorts, Tracker
from ocello.services.statistics.ports import TrackedSample
from tests.fakes import messages as fakes
from tests.fakes.engagement import MemoryHits
from tests.fakes.inbox import MemoryInboxStore
from tests.fakes.items import MemoryImportQueue, MemoryImportStore, MemoryItemStore, MemoryLinkedMessages
from tests.fakes.messages import TimeLeft

ORIGIN = "https://app.test"
TRACKING = "https://links.test"
KEYS = "1:" + "k" * 32
REP = User("01900000-0000-7000-8000-000000000001", "rep@example.test", "Rosa Rep")
OTHER = User("01900000-0000-7000-8000-000000000002", "other@example.test", "Otto Other")
ADMIN = User("01900000-0000-7000-8000-000000000003", "admin@example.test", "Ada Admin", admin=True)


@dataclass
class MemorySessionStore:
    """SessionStore."""

    sessions: dict = field(default_factory=dict)
    meanwhile: object = None  # what somebody else does before the next change

    def get(self, digest):
        return self.sessions.get(digest)

    def begin(self, session):
        self.sessions[session.digest] = session

    def note(self, session):
        self._meanwhile()
        if session.digest in self.sessions and not self.sessions[session.digest].replaced:
            self.sessions[session.digest] = session

    def rename(self, before, after):
        self._meanwhile()
        if before.digest not in self.sessions or self.sessions[before.digest].replaced:
            return False
        self.sessions |= {before.digest: before, after.digest: after}
        return True

    def _meanwhile(self):
        if self.meanwhile is not None:
            then, self.meanwhile = self.meanwhile, None
            then()

    def delete(self, digest):
        self.sessions.pop(digest, None)


@dataclass
class MemoryPreferenceStore:
    """PreferenceStore."""

    kept: dict = field(default_factory=dict)

    def read(self, user):
        return self.kept.get(user, Preferences())

    def write(self, user, preferences):
        self.kept[user] = preferences

    def choose(self, user, preferences):
        self.kept[user] = replace(preferences, signature=self.read(user).signature)

    def sign(self, user, signature):
        self.kept[user] = replace(self.read(user), signature=signature)

    def settle_zone(self, user, zone):
        if not self.read(user).zone:
            self.kept[user] = replace(self.read(user), zone=zone)

    def remember_browser_language(self, user, language):
        self.kept[user] = replace(self.read(user), browser_language=language)


@dataclass
class MemoryEngagements:
    """Engagements of MemoryMessageStore."""

    messages: fakes.MemoryMessageStore

    def of(self, messages):
        return {key: self.messages.engagements[key] for key in messages if key in self.messages.engagements}


@dataclass
class MemoryMessageLooks:
    """MessageLooks of MemoryMessageStore."""

    messages: fakes.MemoryMessageStore

    def newest(self, owners, first_ms, end_ms, limit):
        return [look for owner in owners for look in self._of(owner, first_ms, end_ms)[:limit]]

    def _of(self, owner, first_ms, end_ms):
        own = self.messages.page(owner, tracked=True, limit=len(self.messages.messages) + 1, cursor=None).items
        return [_look(each) for each in own if first_ms <= each.message.created_at < end_ms]


def _look(stored):
    left = frozenset(each.index for each in stored.recipients if each.status in LEFT_US)
    return TrackedSample(
        stored.message, stored.engagement or Engagement(), len(stored.recipients), left, stored.report.links
    )


@dataclass
class MemoryDraftStore:
    """DraftStore."""

    kept: dict = field(default_factory=dict)
    discarded: dict = field(default_factory=dict)

    def page(self, owner, limit, cursor):
        own = [draft for (whose, _), draft in sorted(self.kept.items(), reverse=True) if whose == owner]
        return fakes.paged(own, limit, cursor, lambda draft: draft.id)

    def get(self, owner, identifier):
        return self.kept.get((owner, identifier))

    def write(self, owner, draft, before):
        present = self.kept.get((owner, draft.id))
        if (present.version if present else None) != before:
            return False
        self.kept[owner, draft.id] = draft
        return True

    def delete(self, owner, identifier):
        self.kept.pop((owner, identifier), None)

    def discard(self, owner, draft, until):
        self.discarded[owner, draft.id] = draft, until
        self.delete(owner, draft.id)

    def restore(self, owner, identifier, now):
        draft, until = self.discarded.get((owner, identifier), (None, 0))
        if draft is None or until < now:
            return None
        del self.discarded[owner, identifier]
        self.kept.setdefault((owner, identifier), draft)
        return draft


@dataclass
class MemoryContactStore:
    """ContactStore."""

    kept: dict = field(default_factory=dict)

    def read(self, owner):
        return self.kept.get(owner, Contacts())

    def write(self, owner, known):
        if self.read(owner).version != known.version - 1:
            return False
        self.kept[owner] = known
        return True


@dataclass
class MemoryProbe:
    """AccountProbe; `words` are those of a server that refuses, or of a service that knows no such address."""

    words: str = ""
    unverified: bool = False
    tried: list = field(default_factory=list)
    invited: list = field(default_factory=list)

    def check(self, account, password):
        self.tried.append((account, password))
        if self.words:
            raise (Unverified if self.unverified else Rejected)(self.words)

    def invite(self, address):
        if self.words and not self.unverified:
            raise Rejected(self.words)
        self.invited.append(address)


@dataclass
class MemoryProvider:
    """SignInProvider and SignInVerifier: whoever is in `people` may sign in; tokens are their plain claims."""

    people: dict = field(default_factory=dict)  # code → Claims
    nonces: dict = field(default_factory=dict)
    verifiers: dict = field(default_factory=dict)
    refused: set = field(default_factory=set)
    refreshed: int = 0
    origin: str = "https://id.test"
    clock: object = None

    def address_to_sign_in(self, state, nonce, verifier):
        self.nonces[state], self.verifiers[state] = nonce, verifier
        return f"{self.origin}/authorize?{urlencode({'state': state, 'nonce': nonce})}"

    def redeem(self, code, verifier):
        address, _, state = code.partition("|")
        if address not in self.people or self.verifiers.get(state) != verifier:
            raise Unauthenticated("the identity provider did not accept this sign-in: please try again")
        return Tokens(f"{address}|{self.nonces[state]}", f"refresh {address}")

    def refresh(self, token):
        address = token.removeprefix("refresh ")
        if address in self.refused:
            raise Unauthenticated("no longer")
        self.refreshed += 1
        return Tokens(f"{address}|", token)

    def address_to_sign_out(self):
        return f"{self.origin}/logout"

    def nonce_of(self, identity):
        return identity.partition("|")[2]

    def verify(self, token):
        claims = self.people[token.partition("|")[0]]
        return replace(claims, issued_at=self.clock() // 1000 * 1000) if self.clock else claims


def claims_of(user, **other):
    return Claims("https://id.test", user.id, "id", user.address, user.name, ("admins",) if user.admin else (), **other)


class Stage:
    """A house with three people, of whom the rep has an account and tracks, and the door to it."""

    def __init__(self, origin=ORIGIN, provider="https://id.test"):
        self.clock, self.random_bytes = fakes.Clock(), fakes.Chance()
        self.provider = MemoryProvider({user.address: claims_of(user) for user in (REP, OTHER, ADMIN)}, origin=provider)
        self.provider.clock = self.clock
        self.users, self.keys = fakes.MemoryUserStore(), fakes.MemoryApiKeyStore()
        for user in (REP, OTHER, ADMIN):
            self.users.create(user)
        self.messages = fakes.MemoryMessageStore()
        self.mail, self.queue = fakes.MemoryMailStore(), fakes.MemoryDeliveryQueue()
        self.accounts, self.settings = fakes.MemoryAccountStore(), fakes.MemorySettingsStore()
        self.accounts.write(Account(REP.id, REP.address, REP.name, "ses", verified=True))
        self.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True, alerts=True))
        self.secrets, self.sessions = fakes.MemorySecretStore(), MemorySessionStore()
        self.seal, self.directory = fakes.MemorySeal(), fakes.MemoryDirectory()
        self.alerts, self.probe = fakes.MemoryAlertPanel(), MemoryProbe()
        self.inbox, self.drafts = MemoryInboxStore(self.messages), MemoryDraftStore()
        self.contacts = MemoryContactStore()
        self.items = MemoryItemStore()
        self.items.tells = self.tell
        self.trail = fakes.MemoryTrail(self.users.trail)
        for store in (self.keys, self.accounts, self.items):
            store.trail = self.users.trail
        self.imports, self.import_queue = MemoryImportStore(), MemoryImportQueue()
        self.hits, self.preferences = MemoryHits(), MemoryPreferenceStore()
        tracker = Tracker(Keyring.parse(KEYS), TRACKING)
        authenticator = Authenticator(
            self.provider, self.users, self.keys, AdmissionPolicy(), self.clock, self.random_bytes
        )
        web_sign_in = WebSignIn(
            self.provider, authenticator, self.users, self.sessions, AesSeal(), self.clock, self.random_bytes
        )
        self.context = WebContext(
            web_sign_in=web_sign_in,
            sending=SendingPorts(
                messages=self.messages,
                recipients=fakes.MemoryRecipientStore(self.messages),
                conversations=fakes.MemoryConversations(self.messages),
                mail=self.mail,
                queue=self.queue,
                accounts=self.accounts,
                settings=self.settings,
                items=self.items,
                tracker=tracker,
                clock=self.clock,
                random_bytes=self.random_bytes,
            ),
            users=self.users,
            settings=self.settings,
            accounts=self.accounts,
            passwords=Passwords(self.seal, self.secrets),
            directory=self.directory,
            trail=self.trail,
            keys=self.keys,
            alerts=self.alerts,
            days=self.messages,
            kept_days=fakes.MemoryDayStats(),
            samples=MemoryMessageLooks(self.messages),
            hits=self.hits,
            preferences=self.preferences,
            inbox=self.inbox,
            engagements=MemoryEngagements(self.messages),
            linked=MemoryLinkedMessages(self.messages),
            imports=self.imports,
            import_queue=self.import_queue,
            drafts=self.drafts,
            contacts=self.contacts,
            probe=self.probe,
            clock=self.clock,
            random_bytes=self.random_bytes,
            own_networks=(),
            app_origin=origin,
            form_targets=(provider,),
            cookie_key=signing.key_of(KEYS),
        )
        self.door = WebHandler(ROUTES, self.context)

    def tell(self, user, note):
        """Let a user hear of a change, as the real store does in the change's own transaction."""
        self.trail.kept.setdefault(user, []).append(note)
        self.users.update(replace(self.users.get(user), told_at=note.at))

    def random_bytes(self, size):
        self.random_bytes.calls += 1
        return self.random_bytes.calls.to_bytes(4, "big") * (size // 4)

    def advance_import(self):
        """Do what the imports function does with one message of its queue."""
        imports.advance(
            *self.import_queue.queued.pop(0),
            items=self.items,
            users=self.users,
            mail=self.mail,
            imports_=self.imports,
            queue=self.import_queue,
            clock=self.clock,
            left=TimeLeft(imports.STRETCH),
        )

    def browser(self, user=None):
        browser = Browser(self)
        if user is not None:
            browser.sign_in(user)
        return browser


@dataclass
class Seen:
    """An answer as a browser sees it."""

    status: int
    headers: dict
    cookies: list
    text: str
    raw: bytes

    @property
    def said(self):
        """Give the text without the forms' token, which is spelled anew in each answer."""
        return re.sub(r"[\w-]{100,}={0,2}", "TOKEN", self.text)


class Browser:
    """Sends AWS-shaped events to the door, and keeps its cookies."""

    def __init__(self, stage):
        self.stage, self.jar = stage, {}
        self.origin = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}

    def ask(self, method, address, *, form=None, body=b"", headers=None):
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
            "requestContext": {"http": {"method": method, "path": parts.path}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        answer = self.stage.door.answer(event)
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

    def get(self, address, **headers):
        return self.ask("GET", address, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, address, form=None, **headers):
        given = {**self.origin, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.ask("POST", address, form={"csrf": self.csrf(), **(form or {})}, headers=given)

    def upload(self, address, form, name, filename, content):
        """Post a form with a file, as a browser spells it."""
        fields = {"csrf": self.csrf(), **form}
        head = 'Content-Disposition: form-data; name="{}"'
        parts = [f"{head.format(field)}\r\n\r\n{text}".encode() for field, text in fields.items()]
        about = f'{head.format(name)}; filename="{filename}"\r\nContent-Type: text/csv\r\n\r\n'
        body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in [*parts, about.encode() + content]) + b"--edge--\r\n"
        headers = {**self.origin, "content-type": "multipart/form-data; boundary=edge"}
        return self.ask("POST", address, body=body, headers=headers)

    def csrf(self):
        session = next((s for s in self.stage.sessions.sessions.values() if not s.replaced and self._is(s)), None)
        return csrf.mask(session.csrf, bytes) if session else ""

    def _is(self, session):
        from ocello.domain.people.sessions import digest_of  # noqa: PLC0415 — keeps the reader's eye on the flow above

        return session.digest == digest_of(self.jar.get(signing.SESSION, ""))

    def sign_in(self, user, to="/app", **headers):
        pending = self.get(f"/app/sign-in?{urlencode({'next': to})}")
        state = parse_qs(urlsplit(pending.headers["location"]).query)["state"][0]
        return self.get(f"/app/callback?{urlencode({'state': state, 'code': f'{user.address}|{state}'})}", **headers)
