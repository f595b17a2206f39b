"""What an account signs in with, wired to AWS: sealed by KMS in the app table, shown to a server, deleted with its account."""

import base64
import socketserver
import threading

import boto3
import pytest

from functions.deliver.settings import Settings
from ocello import settings
from ocello.domain.people.accounts import Server
from ocello.domain.people.credentials import OAuthTokens
from ocello.services.accounts.accounts import SendingAccounts
from ocello.wiring.cold import Wiring
from tests import fakes
from tests.fakes.world import USER
from tests.integration.conftest import REGION

SHOWN = "ss-of-the-rep"  # how any spelling of the password ends
PASSWORD = f"p\u00e4{SHOWN}"
PLAIN = base64.b64encode(f"\0rep\0{PASSWORD}".encode()).decode()
COPY = b"From: rep@example.test\r\nMessage-ID: <m@example.test>\r\n\r\nHello\r\n"


class Keeper(socketserver.ThreadingTCPServer):
    """A server that takes mail from who has the password; it keeps what it was told, and how many mails it took."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.said, self.taken = [], 0


class Talk(socketserver.StreamRequestHandler):
    server: Keeper

    def handle(self):
        self.say("220 ready")
        signed_in = content = False
        for line in self.rfile:
            text = line.decode().strip()
            if content and text != ".":
                continue
            self.server.said.append(text)
            word = text.partition(" ")[0].upper()
            signed_in = signed_in or text == f"AUTH PLAIN {PLAIN}"
            known = {"EHLO": "250-here\r\n250 AUTH PLAIN", "QUIT": "221 bye"}
            if word not in known and not signed_in:
                self.say("535 who?")
                continue
            self.say({**known, "AUTH": "235 welcome", "DATA": "354 go on"}.get(word, "250 fine"))
            content = word == "DATA"
            self.server.taken += word == "."

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def keeper():
    with Keeper() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def wiring(app_table):
    told = {
        "APP_TABLE": app_table,
        "MAIL_BUCKET": "mail",
        "DELIVERY_QUEUE_URL": "queue",
        "LOOKUP_QUEUE_URL": "queue",
        "TOKEN_KEYS": "1:" + "k" * 32,
        "SUBJECT_KEY": "s" * 32,
        "TRACKING_RULES": "none",
        "TRACKING_ORIGIN": "https://t.example.test",
        "KEY_ARN": boto3.client("kms").create_key()["KeyMetadata"]["Arn"],
        "AWS_REGION": REGION,
        "SMTP_ALLOW_PRIVATE": "true",
    }
    return Wiring(settings.read(Settings, told), {}, clock=fakes.Clock())


def stored(table):
    return [repr(item) for item in boto3.client("dynamodb").scan(TableName=table)["Items"]]


def test_a_password_signs_in_stands_nowhere_and_goes_with_its_account(wiring, app_table, keeper):
    sending = SendingAccounts(wiring.accounts, wiring.credentials, wiring.clock)
    server = Server("127.0.0.1", keeper.server_address[1], "none", "rep", PASSWORD)
    sending.connect(USER, USER.address, "", server)
    account = sending.connect(USER, USER.address, "Rita", server._replace(password=None))
    wiring.transports["smtp"].send(account, "buyer@customer.test", COPY, {})
    assert keeper.taken == 1
    assert [text for text in keeper.said if text.startswith("AUTH")] == [f"AUTH PLAIN {PLAIN}"]
    rows = stored(app_table)
    assert len([row for row in rows if f"SEAL#{USER.address}#smtp" in row]) == 1
    assert not [row for row in rows if SHOWN in row]
    sending.disconnect(USER, USER.address)
    assert not [row for row in stored(app_table) if "SEAL#" in row]


def test_tokens_longer_than_kms_takes_come_back_and_stand_nowhere(wiring, app_table):
    sending = SendingAccounts(wiring.accounts, wiring.credentials, wiring.clock)
    server = Server("mail.example.test", 587, "starttls", "rep", PASSWORD)
    account = sending.connect(USER, USER.address, "", server)
    now = wiring.clock()
    tokens = OAuthTokens("microsoft", "a" * 5_000, "r" * 3_000, now + 3_600_000, ("SMTP.Send", "offline_access"), now)
    credentials = wiring.credentials
    assert credentials.rows.replace(USER.id, USER.address, credentials.sealed(account, tokens))
    assert credentials.read(account) == tokens
    assert credentials.use(account, wiring.accounts).text == "a" * 5_000
    assert not [row for row in stored(app_table) if "a" * 50 in row or "r" * 50 in row]
