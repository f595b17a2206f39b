"""Every kind of row has an end, or a reason why it has none: those that DynamoDB deletes by the time that they carry.

The periods are those of docs/retention.md, here in days, hours and minutes. What our own functions delete is proved with the
clock moved in tests/unit/retention; that an expired row is of no use before DynamoDB deletes it, beside each use case.
"""

import importlib
import pkgutil
import time

import pytest

from ocello.adapters import dynamodb
from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.imports import DynamoImportStore
from ocello.adapters.dynamodb.messages.drafts import DynamoDraftStore
from ocello.adapters.dynamodb.messages.messages import DynamoMessageStore
from ocello.adapters.dynamodb.people.sessions import DynamoSessionStore
from ocello.adapters.dynamodb.people.sign_in_sources import DynamoSignInSources
from ocello.adapters.dynamodb.people.trail import add_notes
from ocello.adapters.dynamodb.retention.rights_tickets import DynamoRightsTickets
from ocello.adapters.dynamodb.retention.subject_jobs import DynamoSubjectJobs
from ocello.adapters.dynamodb.sending.mail_domains import DynamoMailDomains
from ocello.adapters.dynamodb.sending.places import DynamoSendingPlaces
from ocello.adapters.dynamodb.sending.pools import DynamoPoolStore
from ocello.adapters.dynamodb.sending.send_counts import DynamoSendCounts
from ocello.adapters.dynamodb.sending.server_records import DynamoServerRecords
from ocello.adapters.hot.load_sinks import DynamoLoadSink
from ocello.adapters.hot.settle_store import DynamoSurroundings
from ocello.adapters.no_mail import NoMailStore
from ocello.domain.imports.imports import Import
from ocello.domain.messages.drafts import DraftContent, StoredDraft
from ocello.domain.messages.servers import ServerRecord
from ocello.domain.people.sessions import GRACE_MS, Session
from ocello.domain.retention.jobs import SubjectJob
from ocello.domain.retention.tickets import RightsTicket
from ocello.domain.tracking.loads import Load
from ocello.domain.tracking.pools import Pool
from ocello.domain.verdicts.context import DomainHistory
from ocello.domain.verdicts.exchangers import Exchange, MxClass
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.services.drafts.drafts import RESTORED_MS
from ocello.services.people.ports import KnownSources
from tests.ports.examples import note, stored
from tests.tables import BotoClient

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NOW = 1_764_000_000  # Monday, 24 November 2025, 16:00 UTC
MS = NOW * 1000
MONDAY = NOW - 16 * HOUR


def session(*, replaced=False):
    DynamoSessionStore().begin(Session("a" * 64, "u1", "token", MS, MS, MS, b"sealed", replaced=replaced))


def trail():
    with models.transaction() as transaction:
        add_notes(transaction, [note()])


def pool_reader():
    DynamoPoolStore().add_recipient(Pool("p" * 22, "2025-W48"), "d" * 22)


def load(app_table):
    DynamoLoadSink(BotoClient(), app_table).add(Load("p" * 22, "2025-11-24", "open", "person"), 2.0)


def idempotency():
    DynamoMessageStore(NoMailStore()).create(stored(), "digest")


def discarded():
    draft = StoredDraft("d1", 1, MS, DraftContent())
    DynamoDraftStore().discard("u1", draft, MS + RESTORED_MS)


def ticket():
    DynamoRightsTickets().put(RightsTicket("d" * 64, "s1", "export", "m1", 0, "sealed", MS))


# Of each kind: what writes a row of it at NOW, or on that Monday, and how long it is kept after that.
EXPIRES = {
    "Session": (session, 4 * HOUR + 5 * MINUTE + 1),
    "Audit": (trail, 400 * DAY),
    "Sources": (lambda: DynamoSignInSources().write("u1", KnownSources((SignedIn(7, MS - DAY, MS),), 1)), 14 * DAY + 1),
    "Import": (lambda: DynamoImportStore().write(Import("i1", "u1", "up", "csv", MS), None), 30 * DAY),
    "Draft": (discarded, 10 * MINUTE + 1),
    "Idempotency": (idempotency, DAY),
    "MailDomain": (lambda: DynamoMailDomains().resolved("d.test", Exchange(MxClass.OTHER, ""), MS), 60 * DAY),
    "SendCount": (lambda: DynamoSendCounts().count("u1", "send", NOW // 60, 9), HOUR),
    "Server": (lambda: DynamoServerRecords().write("mx.test", ServerRecord(), MS), 2 * DAY),
    "Place": (lambda: DynamoSendingPlaces().take("mx.test", 1, MS, MS + 1000 * MINUTE), MINUTE + 1),
    "SubjectJob": (lambda: DynamoSubjectJobs().write(SubjectJob("j1", "s1", "erase", MS), None), 30 * DAY),
    "RightsTicket": (ticket, 3 * DAY),
    "RightsMail": (lambda: DynamoRightsTickets().claim("s1", "export", MS), 2 * DAY),
    "PoolReader": (pool_reader, MONDAY + 3 * 7 * DAY - NOW),
    "Pool": (pool_reader, MONDAY + 760 * DAY - NOW),
}
# Kinds that have no time of their own, and what ends them.
DELETED_BY_FUNCTIONS = {"Engagement", "Alert", "InboxMark", "Due", "OpenQuestion"}  # retention, and the nightly one
KEPT_FOR_PROOF = {"Ledger", "LedgerHead", "Consent", "SubjectKey", "ShownText", "Workspace", "Deletion", "ModeDay"}
KEPT_WITH_THE_MAIL = {
    "Message", "Recipient", "Report", "Conversation", "ConversationEntry", "Inbox", "SubjectCopy", "Linked", "Day",
    "Received", "SubjectReceived",
}  # fmt: skip
KEPT_WITH_THE_USER = {
    "User", "UserPointer", "Settings", "Account", "Credential", "OwnAddress", "ApiKey", "AlertsRead", "Preferences",
    "Contacts", "Mailbox",
}  # fmt: skip
KEPT_WITH_THE_ITEM = {"Item", "ItemWord", "Naming", "Persons"}
OVERWRITTEN = {"RetentionRun"}  # one row, of the present run
KEPT_TO_PROTECT = {"Suppression"}  # no mail is to go there
BY_THE_SMALL_CLIENT = {"DomainScans", "PoolDay"}  # see the tests below


@pytest.mark.parametrize("kind", EXPIRES)
def test_a_row_expires_when_its_time_is_over(app_table, kind):
    write, seconds = EXPIRES[kind]
    write()
    items = BotoClient().call("Scan", {"TableName": app_table})["Items"]
    # A count of what is sent does not say its kind: it is written by one update, which is all that it needs.
    found = [item for item in items if item.get("cls", {"S": "SendCount"})["S"] == kind and "ttl" in item]
    assert {int(item["ttl"]["N"]) - NOW for item in found} == {seconds}


def test_a_pools_counters_expire_after_25_months_at_a_midnight(app_table):
    load(app_table)
    (row,) = models.Row.scan()
    assert int(row.ttl) == MONDAY + 760 * DAY


def test_what_is_learned_of_a_domain_expires_a_year_after_the_last_of_it(app_table):
    models.RecipientRow(*keys.recipient("m1", 0), index=0, address="b@d.test", kind="to", status="sent").save()
    before = time.time()
    DynamoSurroundings(BotoClient(), app_table).learn("m1", {0: DomainHistory(1, 1)})
    (row,) = [row for row in models.Row.scan() if type(row).__name__ == "DomainScansRow"]
    assert before + 366 * DAY - 1 <= int(row.ttl) <= time.time() + 366 * DAY


@pytest.mark.usefixtures("app_table")
def test_a_session_that_was_renewed_leaves_its_old_name_after_a_minute():
    session(replaced=True)
    (row,) = models.Row.scan()
    assert int(row.ttl) - NOW == GRACE_MS // 1000 + 1


def test_there_is_no_kind_of_row_of_which_nobody_said_how_long_it_is_kept():
    for module in pkgutil.walk_packages(dynamodb.__path__, f"{dynamodb.__name__}."):
        importlib.import_module(module.name)
    kinds = {kind.__name__.removesuffix("Row") for kind in models.Row.__subclasses__()}
    said = [
        set(EXPIRES),
        BY_THE_SMALL_CLIENT,
        DELETED_BY_FUNCTIONS,
        KEPT_FOR_PROOF,
        KEPT_WITH_THE_MAIL,
        KEPT_WITH_THE_USER,
        KEPT_WITH_THE_ITEM,
        OVERWRITTEN,
        KEPT_TO_PROTECT,
    ]
    assert kinds == set().union(*said)
    assert len(kinds) == sum(map(len, said)), "each is said once"
