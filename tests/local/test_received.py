"""Does an answer that a mailbox received show at once, and silence what would ring after it?

The mailbox is in memory: what it showed is kept by the use case of reading, in the tables of the run.
"""

import gc
import os
import time
import uuid

import pytest

from functions.deliver.settings import Settings
from infra.local.api import wait
from infra.local.mailbox import clients
from ocello import settings
from ocello.adapters.dynamodb.mailboxes.mailbox_states import DynamoMailboxStates
from ocello.adapters.hot.aws_http import Connection
from ocello.services.mailboxes.matching import MailMatching
from ocello.services.mailboxes.read import MailboxReading
from ocello.wiring.cold import Wiring
from tests.fakes.mailboxes import MemoryMailboxes

GMAIL = clients.CLIENTS["gmail"]
SENDER = "rep@example.test"


@pytest.fixture(scope="module")
def wiring(run):
    """The parts of a function that knows the app table, made for this process."""
    aws, found = run.facts["aws"], run.client("lambda").list_functions()["Functions"]
    told = next(one["Environment"]["Variables"] for one in found if "DeliverFunction" in one["FunctionName"])
    environment = {
        "AWS_ENDPOINT_URL": aws["endpoint_url"],
        "AWS_ACCESS_KEY_ID": aws["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
        "AWS_REGION": aws["region"],
        "AWS_DEFAULT_REGION": aws["region"],
    }
    os.environ.update(environment)
    yield Wiring(settings.read(Settings, told | environment), environment)
    for each in gc.get_objects():
        if isinstance(each, Connection):
            each.close()


@pytest.fixture(scope="module")
def mailbox():
    return MemoryMailboxes()


@pytest.fixture(scope="module")
def reading(wiring, mailbox):
    return MailboxReading(
        mailbox,
        wiring.accounts,
        DynamoMailboxStates(),
        wiring.received_mails,
        MailMatching(wiring.conversations, wiring.messages),
        wiring.recipients,
        wiring.subject_key,
        396,
        wiring.clock,
    )


def reply(message, sender, automatic=""):
    name = uuid.uuid4().hex
    text = f"Message-ID: <{name}@customer.test>\nFrom: Bea <{sender}>\nIn-Reply-To: {message['message_id']}\n{automatic}\nYes\n"
    return text.replace("\n", "\r\n").encode()


def test_an_answer_shows_at_its_recipient_in_the_inbox_and_among_the_alerts_and_keeps_later_opens_quiet(
    run, wiring, mailbox, reading
):
    api, mark = run.api(), uuid.uuid4().hex[:8]
    bea, carl = f"bea-{mark}@customer.test", f"carl-{mark}@customer.test"
    message = api.send(
        to=[bea, carl], subject=f"Offer {mark}", html="<p>An offer</p>", track={"opens": True, "clicks": True}
    )
    pixels = {who: run.tracked(who, message).pixels[0] for who in (bea, carl)}
    owner = wiring.messages.load(message["id"]).message.owner
    account = next(each for each in wiring.accounts.of(owner) if each.address == SENDER)
    mailbox.folders["INBOX"].append((reply(message, bea), int(time.time() * 1000)))
    mailbox.folders["INBOX"].append((reply(message, carl, "Auto-Submitted: auto-replied\n"), int(time.time() * 1000)))
    reading.begin(account)
    assert reading.look(owner, SENDER)[:2] == (2, 2)

    first, second = api.message(message["id"])["recipients"]
    assert first["replied_at"]
    assert first["away_at"] is None
    assert second["away_at"]
    assert second["replied_at"] is None
    kinds = [item["kind"] for item in api.get(f"/v1/messages/{message['id']}/replies")["items"]]
    assert sorted(kinds) == ["auto", "reply"]

    def alerts(kind):
        found = api.get("/v1/alerts?limit=200")["items"]
        return [each["recipient"] for each in found if (each["kind"], each["message"]["id"]) == (kind, message["id"])]

    assert wait(lambda: alerts("answered")) == [bea]
    for who in (bea, carl):
        clients.load_image(GMAIL, pixels[who])
    assert wait(lambda: len(alerts("open")) == 2, 60)
    silent = {row.recipient: row.silent for row in wiring.alert_panel.page(owner, 50, None).items if row.kind == "open"}
    assert (silent[bea], silent[carl]) == ("answered", "")
    entry = wiring.inbox.entry(owner, message["conversation_id"]).entry
    assert entry.replied
    assert reading.look(owner, SENDER)[:2] == (0, 0)
    reading.end(owner, SENDER)
