"""SMTP against servers that really listen: their answer, and the step at which it comes, decides the outcome."""

import base64
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from ocello.adapters import public_hosts
from ocello.adapters.limits import TimeLeft
from ocello.adapters.smtp import client as smtp_client
from ocello.adapters.smtp.transport import SmtpTransport, Timeouts
from ocello.domain.common.errors import Unavailable
from ocello.domain.messages.delivery import Deferred, OutcomeUnknown, Rejected, Unreachable
from ocello.domain.people.credentials import AccessToken, Password
from ocello.domain.people.users import Account, SmtpServer
from tests import certificates

COPY = (
    b"From: rep@example.test\r\nTo: buyer@customer.test\r\nMessage-ID: <m@example.test>\r\n\r\n"
    b"Hello\r\n.\r\n..two\r\n.one\r\nlast\r\n"
)
PASSWORD = "p\u00e4ssword"
TAGS = {"message": "m", "recipient": "0"}
QUICK = Timeouts(connect=2, step=2, total=4.3, final=0.3)


def account(port, security="none", host="127.0.0.1", username=""):
    server = SmtpServer(host, port, security, username, "secret/rep" if username else "")
    return Account("user-1", "rep@example.test", "Rita", "smtp", verified=True, smtp=server)


def transport(**changes):
    return SmtpTransport(lambda _: Password(PASSWORD), **{"allow_private": True, "timeouts": QUICK, **changes})


def send(port, copy=COPY, to="buyer@customer.test", **changes):
    given = {name: changes.pop(name) for name in ("security", "host", "username") if name in changes}
    return transport(**changes).send(account(port, **given), to, copy, TAGS)


USUAL = {
    "greeting": "220 ready",
    "EHLO": "250-here\r\n250-SIZE 5000\r\n250 8BITMIME",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
    "QUIT": "221 bye",
    "AUTH": "235 welcome",
}


class Scripted:
    """A server with a script: a reply per command, None to hang up, an empty text to say nothing. `tls`: from the start."""

    def __init__(self, tls=None, **replies):
        self.tls = tls
        named = {"greeting": "greeting", "end": "."}
        self.replies = {**USUAL, **{named.get(name, name): reply for name, reply in replies.items()}}
        self.said = []
        self.content = b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.thread.join(10)

    def serve(self):
        connection, _ = self.socket.accept()
        connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        with suppress(ConnectionError), connection, connection.makefile("rb") as lines:  # it may be hung up on
            if self.reply(connection, "greeting"):
                self.talk(connection, lines)

    def reply(self, connection, name):
        reply = self.replies.get(name, "500 what?")
        if reply:
            connection.sendall(reply.encode() + b"\r\n")
        return reply is not None

    def talk(self, connection, lines):
        for line in lines:
            command = (line.split() or [b""])[0].decode().upper()
            self.said.append(line.decode().strip())
            if not self.reply(connection, command):
                return
            if command == "DATA" and self.replies["DATA"].startswith("354"):
                for part in lines:
                    if part == b".\r\n":
                        break
                    self.content += part
                if not self.reply(connection, "."):
                    return


def test_a_copy_arrives_byte_for_byte_and_keeps_its_message_id():
    with Scripted() as server:
        sent = send(server.port)
    assert sent.message_id == "<m@example.test>"
    assert server.content == COPY.replace(b"\r\n.", b"\r\n..")
    assert server.said[1:3] == [f"mail from:<rep@example.test> SIZE={len(COPY)}", "rcpt to:<buyer@customer.test>"]


def test_bare_line_ends_cannot_end_the_copy_early():
    with Scripted() as server:
        send(server.port, copy=b"Subject: x\n\nbody\n.\nMAIL FROM:<evil@x.test>\r.\rrest")
    assert server.content == b"Subject: x\r\n\r\nbody\r\n..\r\nMAIL FROM:<evil@x.test>\r\n..\r\nrest\r\n"


ANSWERS = [
    ({"greeting": "554 go away"}, Rejected),
    ({"greeting": "421 busy"}, Deferred),
    ({"greeting": None}, Deferred),
    ({"greeting": ""}, Deferred),
    ({"EHLO": "421 busy", "HELO": "421 busy"}, Deferred),
    ({"MAIL": "550 not from you"}, Rejected),
    ({"MAIL": "451 try later"}, Deferred),
    ({"MAIL": None}, Deferred),
    ({"RCPT": "550 no such user"}, Rejected),
    ({"RCPT": "450 greylisted"}, Deferred),
    ({"RCPT": None}, Deferred),
    ({"RCPT": ""}, Deferred),
    ({"DATA": "554 no"}, Rejected),
    ({"DATA": "451 later"}, Deferred),
    ({"DATA": "250 what"}, Deferred),
    ({"end": "552 too much"}, Rejected),
    ({"end": "451 later"}, Deferred),
    ({"end": "421 closing"}, Deferred),
    ({"end": None}, OutcomeUnknown),
    ({"end": ""}, OutcomeUnknown),
    ({"end": "nonsense"}, OutcomeUnknown),
    ({"end": "354 more"}, OutcomeUnknown),
]


@pytest.mark.parametrize(("replies", "outcome"), ANSWERS)
def test_each_answer_at_each_step_has_its_outcome(replies, outcome):
    with Scripted(**replies) as server, pytest.raises(outcome) as raised:
        send(server.port)
    reply = next(iter(replies.values()))
    if reply and outcome is not OutcomeUnknown:
        assert str(raised.value).startswith(reply[:3])


@pytest.mark.parametrize("reply", ["251 will forward", "250 ok"])
def test_a_recipient_that_is_forwarded_is_taken(reply):
    with Scripted(RCPT=reply) as server:
        assert send(server.port)


@pytest.mark.parametrize("reply", ["500 what", None, ""])
def test_a_rude_farewell_changes_nothing(reply):
    with Scripted(QUIT=reply) as server:
        assert send(server.port)


def test_a_copy_larger_than_the_server_takes_is_refused_before_it_is_sent():
    with Scripted() as server, pytest.raises(Rejected, match="5000"):
        send(server.port, copy=COPY + b"x" * 5000)
    assert not any(line.upper().startswith("MAIL") for line in server.said)


def test_addresses_beyond_ascii_need_a_server_that_takes_them():
    with Scripted() as server, pytest.raises(Rejected):
        send(server.port, to="用户@customer.test")
    with Scripted(EHLO="250-here\r\n250 SMTPUTF8") as server:
        send(server.port, to="用户@customer.test")
    assert "SMTPUTF8" in server.said[1]
    assert "用户@customer.test" in server.said[2]


def test_eight_bit_content_is_announced_where_the_server_takes_it():
    with Scripted() as server:
        send(server.port, copy=COPY + "é\r\n".encode())
    assert "BODY=8BITMIME" in server.said[1]
    assert "SMTPUTF8" not in server.said[1]


def test_nobody_listening_is_for_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Deferred):
        send(port)


def test_words_of_a_server_become_one_printable_line():
    with Scripted(RCPT="550-no\r\n550-such\x07\r\n550 user") as server, pytest.raises(Rejected) as refused:
        send(server.port)
    assert str(refused.value) == "550 no such user"


def test_an_account_without_a_server_is_refused():
    bare = Account("user-1", "rep@example.test", "", "smtp", verified=True)
    with pytest.raises(Rejected):
        transport().send(bare, "a@b.test", COPY, TAGS)


# Private addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]"])
def test_private_hosts_are_refused_unless_allowed(host):
    with pytest.raises(Rejected, match="private"):
        send(25, host=host, allow_private=False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.1.2.3", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("::ffff:169.254.169.254", False),
        ("::ffff:8.8.8.8", False),  # a spelling of IPv4 that no name server gives
        ("::8.8.8.8", False),
        ("64:ff9b::808:808", False),  # NAT64, and its private prefix
        ("64:ff9b:1::808:808", False),
        ("2002:808:808::1", False),  # 6to4, and its relays
        ("192.88.99.1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),  # Teredo
        ("2001:2::1", False),  # benchmarking
        ("2001:10::1", False),  # ORCHID, both
        ("2001:20::1", False),
        ("2001:db8::1", False),  # documentation, both
        ("3fff::1", False),
        ("100::1", False),  # discarded
        ("5f00::1", False),  # segment routing
        ("4000::1", False),  # given to nobody
        ("fec0::1", False),
        ("2001:200::1", True),
        ("2a00:1450:4001::1", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:a9fe:a9fe::1", False),
        ("ff02::1", False),
    ],
)
def test_what_counts_as_a_public_address(address, public):
    assert public_hosts.is_public(address) is public


def test_a_name_is_looked_up_once_and_only_its_public_addresses_are_used():
    request = []

    def resolver(host, port):
        request.append((host, port))
        return ["10.0.0.1", "8.8.8.8", "::1"]

    found = public_hosts.addresses_of("mail.example.test", 25, allow_private=False, resolver=resolver)
    assert found == ["8.8.8.8"]
    assert request == [("mail.example.test", 25)]


def test_a_name_that_is_not_found_is_for_later():
    def resolver(host, port):
        raise socket.gaierror(host, port)

    with pytest.raises(Deferred):
        send(25, host="mail.example.test", resolver=resolver)


# A real server: signing in and TLS


class Mailbox:
    """Keeps what aiosmtpd is given."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 — aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Contexts for a server named mail.example.test, and for those who trust its authority."""
    files = certificates.make(tmp_path_factory.mktemp("tls"), "mail.example.test")
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(files.certificate, files.key)
    return served, files.trust()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def real_server(**options):
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


def sign_in(*request):
    data = request[-1]
    good = data.login == b"rep" and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)


def at_home(*_):
    return ["127.0.0.1"]


def test_a_real_server_gets_the_copy_whole():
    with real_server() as (mailbox, port):
        send(port)
    assert mailbox.taken == [("rep@example.test", ["buyer@customer.test"], COPY)]


def test_starttls_and_signing_in(certificate):
    served, trust = certificate
    options = {"tls_context": served, "require_starttls": True, "authenticator": sign_in, "auth_required": True}
    with real_server(**options) as (mailbox, port):
        send(port, host="mail.example.test", security="starttls", username="rep", trust=trust, resolver=at_home)
    assert len(mailbox.taken) == 1


def test_tls_from_the_start(certificate):
    served, trust = certificate
    with real_server(ssl_context=served, server_hostname="mail.example.test") as (mailbox, port):
        send(port, host="mail.example.test", security="tls", trust=trust, resolver=at_home)
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_for_another_host_or_of_nobody_known_is_refused(certificate, trusted):
    served, trust = certificate
    host = "other.example.test" if trusted else "mail.example.test"
    changes = {"trust": trust} if trusted else {}
    with real_server(tls_context=served) as (mailbox, port), pytest.raises(Rejected, match="certificate"):
        send(port, host=host, security="starttls", resolver=at_home, **changes)
    assert not mailbox.taken


def test_a_server_without_starttls_gets_neither_password_nor_copy():
    with Scripted() as server, pytest.raises(Rejected):
        send(server.port, security="starttls", username="rep")
    assert [line.split()[0].upper() for line in server.said] == ["EHLO"]


def test_a_wrong_password_is_refused_and_not_shown():
    options = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
    with real_server(**options) as (mailbox, port), pytest.raises(Rejected) as refused:
        send(port, username="rep")
    assert not mailbox.taken
    assert PASSWORD not in str(refused.value)
    assert str(refused.value).startswith("535")


# Access tokens

TOKEN = AccessToken("ya29.a-token")
SHOWN = base64.b64encode(b"user=rep\x01auth=Bearer ya29.a-token\x01\x01").decode()


def send_by_token(server, trust, security="tls"):
    account_of_rep = account(server.port, security, "mail.example.test", "rep")
    by_token = SmtpTransport(lambda _: TOKEN, allow_private=True, timeouts=QUICK, trust=trust, resolver=at_home)
    return by_token.send(account_of_rep, "buyer@customer.test", COPY, TAGS)


def said_after_greeting(server):
    return server.said[1:]


def test_a_token_is_shown_in_the_bytes_that_providers_describe(certificate):
    served, trust = certificate
    with Scripted(tls=served, EHLO="250-here\r\n250 AUTH PLAIN LOGIN XOAUTH2") as server:
        send_by_token(server, trust)
    assert said_after_greeting(server)[0] == f"AUTH XOAUTH2 {SHOWN}"
    assert server.content


@pytest.mark.parametrize(
    ("answer", "after", "error"),
    [
        ("334 eyJzdGF0dXMiOiI0MDEifQ==", "535 5.7.8 no longer", Rejected),
        ("334 eyJzdGF0dXMiOiI0MDEifQ==", "454 4.7.0 ask later", Deferred),
        ("535 5.7.3 refused at once", "", Rejected),
        ("454 4.7.0 ask later", "", Deferred),
    ],
)
def test_a_refused_token_is_not_shown_again_and_nothing_else_is_tried(certificate, answer, after, error):
    served, trust = certificate
    offers = "250-here\r\n250 AUTH PLAIN LOGIN XOAUTH2"
    scripted = Scripted(tls=served, EHLO=offers, AUTH=answer)
    scripted.replies[""] = after
    with scripted as server, pytest.raises(error) as refused:
        send_by_token(server, trust)
    assert said_after_greeting(server) == [f"AUTH XOAUTH2 {SHOWN}"] + [""] * answer.startswith("334")
    assert ("Connect it again" in str(refused.value)) is (error is Rejected)


def test_a_server_that_takes_no_tokens_is_shown_none(certificate):
    served, trust = certificate
    scripted = Scripted(tls=served, EHLO="250-here\r\n250 AUTH PLAIN LOGIN")
    with scripted as server, pytest.raises(Rejected, match="takes no access tokens"):
        send_by_token(server, trust)
    assert said_after_greeting(server) == []


def test_a_token_never_goes_over_a_connection_that_is_not_encrypted():
    with Scripted(EHLO="250-here\r\n250 AUTH XOAUTH2") as server, pytest.raises(Rejected, match="encrypted"):
        send_by_token(server, None, "none")
    assert said_after_greeting(server) == []


def test_what_signs_in_is_not_in_a_text_about_it():
    assert "ya29" not in repr(TOKEN)
    assert "hush" not in repr(Password("hush"))


def test_a_password_that_cannot_be_read_now_is_for_later():
    def forgotten(_account):
        raise Unavailable("key service: down")

    forgetful = SmtpTransport(forgotten, allow_private=True, timeouts=QUICK)
    with Scripted(EHLO="250-here\r\n250 AUTH PLAIN") as server, pytest.raises(Deferred):
        forgetful.send(account(server.port, username="rep"), "a@b.test", COPY, TAGS)


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN"])
def test_both_ways_of_signing_in_are_known(mechanisms):
    replies = {"AUTH": "334 UGFzc3dvcmQ6" if mechanisms == "LOGIN" else "235 welcome"}
    secret = base64.b64encode(PASSWORD.encode()).decode()
    with Scripted(EHLO=f"250-here\r\n250 AUTH {mechanisms}", **{secret.upper(): "235 welcome"}, **replies) as server:
        send(server.port, username="rep")
    assert server.content


def test_a_server_with_no_known_way_to_sign_in_is_refused():
    with Scripted(EHLO="250-here\r\n250 AUTH GSSAPI") as server, pytest.raises(Rejected):
        send(server.port, username="rep")


# Servers without end


class Endless(Scripted):
    """A server whose one reply continues until the client hangs up, or for `pieces` pieces."""

    def __init__(self, name, piece, pause=0.0, pieces=200_000):
        super().__init__()
        self.name, self.piece, self.pause, self.pieces = name, piece, pause, pieces
        self.hung_up = False

    def reply(self, connection, name):
        if name != self.name:
            return super().reply(connection, name)
        try:
            for _ in range(self.pieces):
                connection.sendall(self.piece)
                time.sleep(self.pause)
        except OSError:
            self.hung_up = True
        return None


ENDLESS = {
    "lines": (b"250-and another thing\r\n", 0.0, 200_000),
    "one line": (b"250 and" + b"x" * 5_000, 0.0, 20_000),
    "drops": (b"2", 0.1, 200),
    "a line now and then": (b"250-still here\r\n", 0.3, 60),
}


@pytest.mark.parametrize("way", ENDLESS)
@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_talks_without_end_is_hung_up_on(step, way):
    with Endless(step, *ENDLESS[way]) as server, pytest.raises(Unreachable):
        send(server.port, timeouts=Timeouts(connect=2, step=5, total=1.3, final=0.3))
    assert server.hung_up


def test_a_reply_of_few_but_very_long_lines_is_too_much_too():
    many = "\r\n".join(f"250-{'x' * 5_000}" for _ in range(20))
    with Scripted(EHLO=f"{many}\r\n250 SIZE 5000") as server, pytest.raises(Unreachable, match="SaidTooMuch"):
        send(server.port)


@pytest.mark.parametrize("way", ENDLESS)
def test_after_the_end_of_a_copy_endless_words_leave_it_in_doubt(way):
    with Endless(".", *ENDLESS[way]) as server, pytest.raises(OutcomeUnknown):
        send(server.port, timeouts=Timeouts(connect=2, step=5, total=4.3, final=0.3))
    assert server.hung_up


def test_a_talk_has_a_time_in_all_however_quick_each_step_is():
    class Unhurried(Scripted):
        def reply(self, connection, name):
            time.sleep(0.4)
            with suppress(OSError):  # hung up on meanwhile
                return super().reply(connection, name)
            return None

    with Unhurried() as server, pytest.raises(Unreachable):
        send(server.port, timeouts=Timeouts(connect=2, step=2, total=1.3, final=0.3))
    assert not server.content


def test_a_server_with_no_time_left_for_its_word_is_not_given_the_end_of_a_copy():
    """Such a copy was certainly not sent; if its end had been sent, the outcome would be unknown."""

    class Late(Scripted):
        def reply(self, connection, name):
            if name == "DATA":
                time.sleep(1.2)
            with suppress(OSError):  # hung up on meanwhile
                return super().reply(connection, name)
            return None

    with Late() as server, pytest.raises(Unreachable):
        send(server.port, timeouts=Timeouts(connect=2, step=5, total=11, final=10))
    assert not server.content


def test_a_reply_may_take_no_longer_than_is_left_of_the_talk():
    client = smtp_client.BoundedClient(local_hostname="x")
    client.talk, client.patience = TimeLeft(0.2), 60
    heard, here, there = threading.Event(), *socket.socketpair()

    def hang_up_late():
        heard.wait(5)
        there.close()

    late = threading.Thread(target=hang_up_late)
    late.start()
    try:
        client.sock = here
        there.sendall(b"250-and")
        with pytest.raises(TimeoutError):
            client.getreply()
    finally:
        heard.set()
        late.join()
        here.close()


def test_words_from_before_tls_do_not_count_within_it():
    client = smtp_client.BoundedClient(local_hostname="x")
    client.talk, client.patience = TimeLeft(5), 5
    pairs = [socket.socketpair() for _ in range(2)]
    try:
        pairs[0][1].sendall(b"220 go ahead\r\n250 slipped in\r\n")
        client.sock = pairs[0][0]
        assert client.getreply() == (220, b"go ahead")
        pairs[1][1].sendall(b"250 within\r\n")
        client.sock = pairs[1][0]
        assert client.getreply() == (250, b"within")
    finally:
        for each in (*pairs[0], *pairs[1]):
            each.close()


def test_a_name_whose_servers_never_answer_is_not_waited_for(monkeypatch):
    never = threading.Event()

    def silent(*_, **__):
        never.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    monkeypatch.setattr(public_hosts, "_LOOKUP_SECONDS", 0.05)
    try:
        with pytest.raises(Unreachable):
            public_hosts.addresses_of("mail.example.test", 25, allow_private=True)
    finally:
        never.set()
