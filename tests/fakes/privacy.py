"""The recipient's page on ports in memory, and a reader who opens it without a network."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from functions.privacy.handler import PrivacyHandler
from functions.privacy.page import Operator
from ocello.domain.consent.ledger import LedgerEntry
from ocello.domain.consent.modes import Axis
from ocello.domain.consent.states import SubjectConsent
from ocello.domain.messages.message import Mailbox, Recipient
from ocello.domain.tracking import tokens
from ocello.services.consent.consents import Consents
from ocello.services.consent.page import RecipientPage
from ocello.services.retention.rights_page import RightsPage
from tests import fakes
from tests.fakes.engagement.tracking import MESSAGE
from tests.fakes.people.consent import MemoryConsentLedger, MemoryStatementQueue
from tests.fakes.retention import MemoryRightsTickets, MemorySubjectJobs, MemorySubjectQueue
from tests.fakes.world import KEYRING, Clock

ANN, BOB = "ann.verdi@customer.test", "bob@customer.test"
OPERATOR = Operator("Rossi S.p.A.", "privacy@rossi.test", 90, 396)
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36"


class Seen(NamedTuple):
    """An answer of the page."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> str:
        """Return the hidden value of its form; empty if it has none."""
        found = re.search(r'name="form" value="([^"]+)"', self.body)
        return found[1] if found else ""

    @property
    def buttons(self) -> list[str]:
        """Return what its buttons do, in their order."""
        return re.findall(r'<button name="do" value="([^"]+)"', self.body)

    @property
    def text(self) -> str:
        """Return its text, without markup."""
        main = self.body.partition("</style>")[2]
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


@dataclass
class PrivacyStage:
    """The page, with two recipients of one mail."""

    clock: Clock = field(default_factory=Clock)
    closed: list[tuple[str, frozenset[Axis]]] = field(default_factory=list)
    objecting: bool = False
    consents: Consents = field(init=False)
    ledger: MemoryConsentLedger = field(init=False)
    recipients: fakes.MemoryRecipientStore = field(init=False)
    received: MemoryStatementQueue = field(default_factory=MemoryStatementQueue)
    tickets: MemoryRightsTickets = field(default_factory=MemoryRightsTickets)
    jobs: MemorySubjectJobs = field(default_factory=MemorySubjectJobs)
    subject_queue: MemorySubjectQueue = field(default_factory=MemorySubjectQueue)
    mail: fakes.MemoryMailStore = field(default_factory=fakes.MemoryMailStore)

    def __post_init__(self) -> None:
        self.consents, self.ledger = fakes.consents(self.clock, lambda *closed: self.closed.append(closed))
        store = fakes.MemoryMessageStore()
        for index, address in enumerate((ANN, BOB)):
            store.rows[MESSAGE.id, index] = Recipient(index, Mailbox(address), "to")
        self.recipients = fakes.MemoryRecipientStore(store)

    @property
    def page(self) -> RecipientPage:
        """Return the use case."""
        return RecipientPage(self.recipients, self.consents, self.received, self.clock, self.objecting)

    @property
    def rights(self) -> RightsPage:
        """Return the use case of exports and erasures."""
        return RightsPage(
            self.recipients, self.subject_queue, self.tickets, self.jobs, self.subject_queue, self.mail, self.clock
        )

    def handler(self, operator: Operator = OPERATOR) -> PrivacyHandler:
        """Return the function's handler."""
        return PrivacyHandler(self.page, self.rights, KEYRING, operator, "x-forwarded-for", self.clock)

    def token(self, recipient: int = 0, flags: int = tokens.ASK, age: int = 0, purpose: str = tokens.PRIVACY) -> str:
        """Return a recipient's token, issued `age` seconds ago."""
        issued = self.clock.now // 1000 - age
        return tokens.sign_token(KEYRING, tokens.Token(purpose, MESSAGE.id, recipient, issued, flags))

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Seen:
        """Ask for an address of the tracking origin."""
        return self.ask(method, path, headers)

    def post(self, path: str, do: str, form: str | None = None, **headers: str) -> Seen:
        """Press a button of the page; without `form` the page is opened first, as a reader does."""
        given = self.get(path).form if form is None else form
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, kind | headers, urlencode({"do": do, "form": given}))

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "", **more: Any
    ) -> Seen:
        """Send one request as the gateway hands it over."""
        parts = urlsplit(path)
        event: dict[str, Any] = {
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": {"user-agent": PHONE, "x-forwarded-for": "203.0.113.77", **(headers or {})},
            "requestContext": {
                "http": {"method": method, "sourceIp": "192.0.2.1"},
                "requestId": "req-1",
                "timeEpoch": self.clock.now,
            },
            "body": body,
            "isBase64Encoded": False,
        }
        answer = self.handler().answer(event | more)
        return Seen(answer["statusCode"], answer["headers"], answer["body"])

    def said(self) -> list[tuple[str, str]]:
        """Return the ledger: event and purpose of each entry."""
        return [(entry.event, entry.purpose) for entry in self.ledger.entries]

    @property
    def last(self) -> LedgerEntry:
        """Return the newest entry."""
        return self.ledger.entries[-1]

    def state(self, address: str = ANN) -> SubjectConsent:
        """Return what is known of a recipient."""
        return self.consents.state(address)
