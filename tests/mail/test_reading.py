"""A real server's mailbox is read to its end, whatever is moved in it, and looks the same afterwards."""

import base64
import contextlib
import imaplib
import quopri
import smtplib
import ssl
import time
from collections.abc import Callable

import pytest

from ocello.adapters.imap.mailboxes import ImapMailboxes
from ocello.domain.common.times import DAY_MS
from ocello.domain.mailboxes.servers import ImapServer
from ocello.domain.people.credentials import Password
from tests.mail.dovecot import HOST
from tests.unit.mailboxes.test_reading import Post, bounce, reply

REP, BUYER, WORD = "rep@example.test", "buyer@customer.test", Password("a word")


class Served:
    """Mailboxes of a server, by our IMAP, with one password for all."""

    def __init__(self, server):
        self.server, port = server, server.ports["imaps"]
        self.opener = ImapMailboxes(
            allow_private=True, ports=[port], trust=server.files.trust(), resolver=lambda *_: ["127.0.0.1"]
        )

    def open(self, account, until):
        return self.opener.open(ImapServer(HOST, self.server.ports["imaps"], "tls", account.address), WORD)


class World(Post):
    """A rep with sent mail whose mailbox is on a real server, beside a program that a person reads mail with."""

    def __init__(self, server):
        super().__init__()
        self.server, self.box = server, Served(server)
        self.clock.now = int(time.time() * 1000)
        self.message = self.send(1, ["ann@customer.test", "bob@customer.test"], at=self.clock.now - 1_000)

    def delivers(self, text):
        """Let the server take in a mail, as from outside."""
        with smtplib.LMTP("127.0.0.1", self.server.ports["lmtp"], local_hostname="customer.test") as client:
            client.sendmail(BUYER, [REP], text.replace("\n", "\r\n").encode())

    @contextlib.contextmanager
    def person(self):
        """Sign in as a person's mail program does."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with imaplib.IMAP4_SSL("127.0.0.1", self.server.ports["imaps"], ssl_context=context) as client:
            client.login(REP, WORD.text)
            yield client


@pytest.fixture
def world(server):
    server.set_password(REP, WORD.text)
    made = World(server)
    with made.person() as client:
        for folder in ("INBOX", "Junk", "Sent"):
            if client.select(folder)[1] != [b"0"]:
                client.store("1:*", "+FLAGS", r"\Deleted")
                client.expunge()
        for folder in ("Customers", "Elsewhere"):
            client.delete(folder)
        client.create("Customers")
    return made


def test_answers_in_all_folders_are_kept_and_the_next_look_finds_nothing(world):
    world.delivers(reply(world.message))
    world.delivers("From: news@else.test\nMessage-ID: <n@else.test>\n\nNews\n")
    with world.person() as client:
        client.append(
            "Junk", None, None, reply(world.message, "bob@customer.test", "r2").replace("\n", "\r\n").encode()
        )
        client.append(
            "Sent", None, None, reply(world.message, "carl@customer.test", "r3").replace("\n", "\r\n").encode()
        )
    assert world.look()[1] == 2
    assert {mail.sender.address: mail.in_spam for mail in world.kept()} == {
        "ann@customer.test": False,
        "bob@customer.test": True,
    }
    assert [bool(world.recipient(world.message, index).replied_at) for index in (0, 1)] == [True, True]
    written = world.states.written
    assert world.look()[:2] == (0, 0)
    assert world.states.written == written


def test_a_mail_that_was_moved_or_whose_folder_was_made_anew_is_found_and_not_kept_twice(world):
    world.look()
    world.delivers(reply(world.message))
    with world.person() as client:
        client.select("INBOX")
        client.copy("1", "Customers")
        client.store("1", "+FLAGS", r"\Deleted")
        client.expunge()
    assert world.look()[1] == 1
    with world.person() as client:
        client.rename("Customers", "Elsewhere")
        client.create("Customers")
        client.append("Customers", None, None, reply(world.message, name="r9").replace("\n", "\r\n").encode())
    assert world.look()[1] == 1
    assert len(world.kept()) == 2


def test_reading_changes_no_flag_and_makes_no_folder(world):
    def state():
        with world.person() as client:
            folders = sorted(line.rpartition(b" ")[2] for line in client.list()[1])  # without what may be new in them
            client.select("INBOX", readonly=True)
            return folders, client.fetch("1:*", "(UID FLAGS)")[1]

    world.delivers(reply(world.message))
    world.delivers(bounce(world.message, "bob@customer.test"))
    before = state()
    world.look()
    assert len(world.kept()) == 2
    folders, flags = state()
    assert folders == before[0]
    assert len(flags) == len(before[1]) == 2
    assert not any(b"Seen" in line for line in (*flags, *before[1]))


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_report_is_read_by_its_parts_in_any_encoding(world, encoding):
    named = b"Final-Recipient: rfc822;bob@customer.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    status = b"Reporting-MTA: dns; mx.test\r\n\r\n" + named
    ways: dict[str, Callable[[bytes], bytes]] = {
        "7bit": bytes,
        "base64": base64.encodebytes,
        "quoted-printable": quopri.encodestring,
    }
    world.delivers(
        f"Message-ID: <b-{encoding}@mx.test>\nFrom: mailer-daemon@mx.test\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nSorry\n"
        f"--b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: {encoding}\n\n"
        f"{ways[encoding](status).decode()}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {world.message.message_id}\n\nText\n--b--\n"
    )
    world.look()
    bob = world.recipient(world.message, 1)
    assert (bob.status, bob.bounce_status) == ("bounced", "5.1.1")


def test_mail_from_before_two_days_before_the_connection_is_left_alone(world):
    old = time.time() - 3 * DAY_MS / 1000
    with world.person() as client:
        when = imaplib.Time2Internaldate(old)
        client.append("INBOX", None, when, reply(world.message, name="old").replace("\n", "\r\n").encode())
    world.delivers(reply(world.message))
    assert world.look()[1] == 1


def test_a_hundred_and_fifty_mails_are_read_in_batches_and_none_is_left_out(world):
    with world.person() as client:
        for number in range(150):
            client.append("INBOX", None, None, reply(world.message, name=f"r{number}").replace("\n", "\r\n").encode())
    assert world.look()[:2] == (150, 150)
    assert len(world.kept()) == 150
