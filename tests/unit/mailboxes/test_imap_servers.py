"""IMAP against servers that really listen, and mean no good: what they say is bounded, and so is the time they get."""

import base64
import itertools
import socket
import ssl
import threading
import time
import tracemalloc
from contextlib import suppress

import pytest

from ocello.adapters.imap.mailboxes import ImapMailboxes
from ocello.domain.mailboxes.servers import Folder, ImapServer
from ocello.domain.messages.delivery import Deferred, Rejected, SignInRefused, Unreachable
from ocello.domain.people.credentials import AccessToken, Password
from tests import certificates

HOST, TOKEN = "mail.example.test", AccessToken("ya29.a-token")
CAPABILITIES = "* CAPABILITY IMAP4rev1 STARTTLS LIST-STATUS AUTH=PLAIN AUTH=XOAUTH2"
MANY = 400_000  # pieces of a server that never ends


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Contexts for a server of our name, and for those who trust its authority."""
    files = certificates.make(tmp_path_factory.mktemp("tls"), HOST)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(files.certificate, files.key)
    return served, files.trust()


class Scripted:
    """A server with a script: what it says to each command before its `OK`, or all that it says if that is a function."""

    def __init__(self, certificate, security="tls", greeting=b"* OK ready\r\n", **answers):
        self.served, self.trust = certificate
        self.security, self.greeting = security, greeting
        self.answers = {"CAPABILITY": CAPABILITIES, **answers}
        self.said = []
        self.bytes, self.connection = 0, None
        self.hung_up = False
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # else a thread waits for somebody to come
        self.socket.close()
        self.thread.join(20)

    def open(self, credential=TOKEN, *, username="rep", seconds=20, **options):
        changes = {"allow_private": True, "ports": [self.port], "resolver": lambda *_: ["127.0.0.1"], **options}
        mailboxes = ImapMailboxes(seconds=seconds, trust=self.trust, **changes)
        return mailboxes.open(ImapServer(HOST, self.port, self.security, username), credential)

    def serve(self):
        with suppress(OSError):
            self.connection, _ = self.socket.accept()
            self.talk()
        if self.connection is not None:
            self.connection.close()

    def encrypt(self):
        self.connection = self.served.wrap_socket(self.connection, server_side=True)

    def talk(self):
        if self.security == "tls":
            self.encrypt()
        self.say(self.greeting)
        while line := self.line():
            self.said.append(line)
            tag, _, command = line.partition(" ")
            name = command.partition(" ")[0].upper()
            answer = self.answers.get(name, "")
            if callable(answer):
                answer(self, tag)
                continue
            self.say(f"{answer}\r\n".encode() if answer else b"")
            self.say(f"{tag} OK done\r\n".encode())
            if name == "STARTTLS":
                self.encrypt()

    def say(self, data):
        pieces = [data] if isinstance(data, bytes) else data
        try:
            for piece in pieces:
                self.connection.sendall(piece)
                self.bytes += len(piece)
        except OSError:
            self.hung_up = True
            raise

    def line(self):
        heard = b""
        while not heard.endswith(b"\r\n"):
            piece = self.connection.recv(1)
            if not piece:
                self.hung_up = True
                return ""
            heard += piece
        return heard.decode().removesuffix("\r\n") or " "


def let_in(server, tag):
    """Ask for what signs in, and take anything."""
    server.say(b"+ \r\n")
    server.said.append(server.line())
    server.say(f"{tag} OK welcome\r\n".encode())


def saying(*data):
    """Return what says this, piece by piece, to a command, and never ends it."""
    return lambda server, _tag: server.say(itertools.chain(*data))


def folders_of(server, **options):
    with server, server.open(**options) as mailbox:
        return mailbox.folders()


# What signs in


def test_a_token_is_shown_in_the_bytes_that_providers_describe(certificate):
    shown = base64.b64encode(b"user=rep\x01auth=Bearer ya29.a-token\x01\x01").decode()
    with Scripted(certificate, AUTHENTICATE=let_in) as server, server.open():
        pass
    assert [line.partition(" ")[2] or line for line in server.said[1:3]] == ["AUTHENTICATE XOAUTH2", shown]


def test_a_password_is_shown_by_plain_in_utf_8(certificate):
    shown = base64.b64encode("\0rep\0p\u00e4ss word".encode()).decode()
    with Scripted(certificate, AUTHENTICATE=let_in) as server, server.open(Password("p\u00e4ss word")):
        pass
    assert [line.partition(" ")[2] or line for line in server.said[1:3]] == ["AUTHENTICATE PLAIN", shown]


def test_where_only_login_is_offered_user_name_and_password_are_quoted(certificate):
    capabilities = "* CAPABILITY IMAP4rev1"
    with (
        Scripted(certificate, CAPABILITY=capabilities) as server,
        server.open(Password('say "hi\\'), username='R "D" Rep'),
    ):
        pass
    assert server.said[1].partition(" ")[2] == 'LOGIN "R \\"D\\" Rep" "say \\"hi\\\\"'


def refusing(*said):
    def refuse(server, tag):
        server.say(b"+ \r\n")
        server.said.append(server.line())
        for challenge in said[:-1]:
            server.say(b"+ " + challenge + b"\r\n")
            server.said.append(server.line())
        server.say(tag.encode() + b" " + said[-1] + b"\r\n")

    return refuse


def test_the_reason_of_a_refusal_is_answered_with_an_empty_line(certificate):
    reason = base64.b64encode(b'{"status":"400","schemes":"Bearer"}')
    refuse = refusing(reason, b"NO [AUTHENTICATIONFAILED] Invalid credentials")
    server = Scripted(certificate, AUTHENTICATE=refuse)
    with server, pytest.raises(SignInRefused, match="Connect it again"), server.open():
        pytest.fail("it opened")
    assert server.said[3] == " ", "an empty line"
    assert not [line for line in server.said[4:] if "AUTH" in line or "LOGIN" in line]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (b"NO [AUTHENTICATIONFAILED] no", SignInRefused),
        (b"NO no", SignInRefused),
        (b"BAD what", SignInRefused),
        (b"NO [UNAVAILABLE] later", Deferred),
        (b"NO [LIMIT] too many", Deferred),
    ],
)
@pytest.mark.parametrize("credential", [TOKEN, Password("hush")], ids=["token", "password"])
def test_a_refused_sign_in_is_not_tried_again_and_a_busy_server_refuses_nobody(certificate, credential, words, error):
    server = Scripted(certificate, AUTHENTICATE=refusing(words))
    with server, pytest.raises(error) as refused, server.open(credential):
        pytest.fail("it opened")
    assert type(refused.value) is error
    assert sum("AUTHENTICATE" in line or "LOGIN" in line for line in server.said) == 1


def test_a_refused_login_is_told_in_the_servers_words(certificate):
    def refuse(server, tag):
        server.say(f"{tag} NO [AUTHENTICATIONFAILED] not with that\r\n".encode())

    server = Scripted(certificate, CAPABILITY="* CAPABILITY IMAP4rev1", LOGIN=refuse)
    with server, pytest.raises(SignInRefused, match="not with that"), server.open(Password("hush")):
        pytest.fail("it opened")


@pytest.mark.parametrize(
    ("capabilities", "credential", "words"),
    [
        ("IMAP4rev1 AUTH=PLAIN", TOKEN, "takes no access tokens"),
        ("IMAP4rev1 LOGINDISABLED AUTH=GSSAPI", Password("hush"), "no way to sign in"),
        ("IMAP4rev1 AUTH=PLAIN", Password("hu\r\nsh"), "control characters"),
    ],
)
def test_where_there_is_no_way_to_sign_in_nothing_is_shown(certificate, capabilities, credential, words):
    server = Scripted(certificate, CAPABILITY=f"* CAPABILITY {capabilities}")
    with server, pytest.raises(Rejected, match=words), server.open(credential):
        pytest.fail("it opened")
    assert not [line for line in server.said if "hush" in line or "AUTHENTICATE" in line]


def test_a_server_that_asks_without_end_gets_no_third_answer(certificate):
    def ask(server, _tag):
        for _ in range(MANY):
            server.say(b"+ \r\n")
            server.said.append(server.line())

    with Scripted(certificate, AUTHENTICATE=ask) as server, pytest.raises(Unreachable), server.open(seconds=1):
        pytest.fail("it opened")
    assert server.said[3:5] == [" ", "*"]
    assert set(server.said[4:]) <= {"*", ""}


# Before TLS


def test_a_server_without_starttls_is_told_nothing(certificate):
    server = Scripted(certificate, "starttls", CAPABILITY="* CAPABILITY IMAP4rev1 AUTH=PLAIN")
    with server, pytest.raises(Rejected, match="no encryption"), server.open(Password("hush")):
        pytest.fail("it opened")
    assert {line.split()[1] for line in server.said} == {"CAPABILITY"}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_lets_in_whoever_comes_is_refused(certificate, security):
    server = Scripted(certificate, security, greeting=b"* PREAUTH welcome\r\n")
    with server, pytest.raises(Rejected, match="lets in whoever"), server.open(Password("hush")):
        pytest.fail("it opened")
    assert not [line for line in server.said if "AUTHENTICATE" in line]


def test_words_from_before_tls_do_not_count_within_it(certificate):
    """Whoever sits between could have said them (CVE-2011-0411 and its like)."""

    def slip_in(server, tag):
        slipped = b'* LIST () "/" Slipped\r\n* STATUS Slipped (UIDNEXT 1 UIDVALIDITY 1)\r\n'
        server.say(slipped + tag.encode() + b" OK go on\r\n" + slipped + b"half a line")
        server.encrypt()

    listed = '* LIST () "/" INBOX\r\n* STATUS INBOX (UIDNEXT 7 UIDVALIDITY 5)'
    answers = {"STARTTLS": slip_in, "AUTHENTICATE": let_in, "LIST": listed}
    with Scripted(certificate, "starttls", **answers) as server, server.open() as mailbox:
        assert mailbox.folders() == [Folder("INBOX", frozenset(), 5, 7)]


# What is refused before anybody is talked to


@pytest.mark.parametrize("port", [25, 110, 2_143, 0, 65_535])
def test_other_ports_than_those_of_imap_are_not_connected_to(port):
    asked = []

    def resolver(host, _port):
        asked.append(host)
        return ["8.8.8.8"]

    refused = pytest.raises(Rejected, match="993 or 143")
    with refused, ImapMailboxes(resolver=resolver).open(ImapServer(HOST, port, "tls", "rep"), TOKEN):
        pytest.fail("it opened")
    assert asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "::1", "::ffff:10.0.0.1"])
def test_private_hosts_are_refused(host):
    with pytest.raises(Rejected, match="private"), ImapMailboxes().open(ImapServer(host, 993, "tls", "rep"), TOKEN):
        pytest.fail("it opened")


def test_a_name_is_looked_up_once_and_only_its_public_addresses_are_used(certificate):
    asked = []

    def changing(host, _port):
        asked.append(host)
        return ["10.0.0.1"] if len(asked) == 1 else ["127.0.0.1"]

    with Scripted(certificate) as server:
        with pytest.raises(Rejected, match="private"), server.open(allow_private=False, resolver=changing):
            pytest.fail("it opened")
        assert (asked, server.said) == ([HOST], [])


def test_nobody_listening_is_for_later():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    mailboxes = ImapMailboxes(allow_private=True, ports=[port])
    with pytest.raises(Unreachable), mailboxes.open(ImapServer("127.0.0.1", port, "tls", "rep"), TOKEN):
        pytest.fail("it opened")


# Servers that never end

LONG = b"* LIST () " + b"x" * 100_000
LITERAL = b'* LIST () "/" {%d}\r\n'
WHOLE_LITERAL = [LITERAL % 29_000_000, *[b"x" * 1_000_000] * 29, b"\r\n"]
ENDLESS = {
    "a literal of 3 GB": ([LITERAL % 3_000_000_000], [b"x" * 1_000_000] * 3_000),
    "a literal whose size is no number": ([b'* LIST () "/" {' + b"9" * 5_000 + b"}\r\n"], [b"x" * 1_000] * MANY),
    "literal after literal": (WHOLE_LITERAL * 10,),
    "one line": ([LONG], [b"x" * 100_000] * 30_000),
    "short lines": ([b"* X ab\r\n" * 10_000] * MANY,),
}


@pytest.mark.parametrize("way", ENDLESS)
def test_an_answer_without_end_is_hung_up_on_and_takes_little_memory(certificate, way):
    server = Scripted(certificate, AUTHENTICATE=let_in, LIST=saying(*ENDLESS[way]))
    tracemalloc.start()
    try:
        with pytest.raises(Deferred, match=r"SaidTooMuch|nobody understands"):
            folders_of(server)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert server.hung_up
    assert server.bytes < 70_000_000
    assert peak < 100_000_000


def slowly(data, pause=0.05):
    for number in range(2_000):
        time.sleep(pause)
        yield data[number % len(data) :][:1]


DRIPPING = {
    "a line": lambda server, _tag: server.say(slowly(b"* OK still here ")),
    "lines": lambda server, _tag: server.say(slowly(b"* OK\r\n")),
    "a literal": lambda server, _tag: server.say(itertools.chain([LITERAL % 1_000_000], slowly(b"x"))),
    "nothing": lambda server, _tag: server.line(),
}


@pytest.mark.parametrize("way", DRIPPING)
@pytest.mark.parametrize("step", ["CAPABILITY", "AUTHENTICATE", "LIST"])
def test_a_server_that_drips_is_hung_up_on_when_its_time_is_over(certificate, step, way):
    answers = {"AUTHENTICATE": let_in, step: DRIPPING[way]}
    server, began = Scripted(certificate, **answers), time.monotonic()
    with pytest.raises(Unreachable):
        folders_of(server, seconds=1)
    assert time.monotonic() - began < 25, "no session may take longer"
    assert server.hung_up


def test_a_server_that_drips_its_greeting_or_says_nothing_of_tls_is_hung_up_on(certificate):
    with Scripted(certificate) as server:
        server.greeting = slowly(b"* OK ")
        with pytest.raises(Unreachable), server.open(seconds=1):
            pytest.fail("it opened")
    assert server.hung_up
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mailboxes = ImapMailboxes(allow_private=True, ports=[port], seconds=1)
        with pytest.raises(Unreachable), mailboxes.open(ImapServer("127.0.0.1", port, "tls", "rep"), TOKEN):
            pytest.fail("it opened")


# Answers that nobody understands


@pytest.mark.parametrize(
    "answer",
    [
        b"* LIST (\r\n",
        b"* LIST () nil\r\n",
        b"* LIST\r\n",
        b"\xff\xfe\r\n",
        b"x1 OK whose\r\n",
        b"* STATUS INBOX (UIDNEXT)\r\n",
        b'* LIST () "/" INBOX\r\n* STATUS INBOX (UIDNEXT x UIDVALIDITY y)\r\n',
        b'* LIST () "/" INBOX\r\n* STATUS INBOX (UIDNEXT 5)\r\n',
        b'* LIST () "/" "&&&\xff-"\r\n* STATUS INBOX (UIDNEXT 5 UIDVALIDITY 5)\r\n',
        b"* BYE go away\r\n",
    ],
)
def test_an_answer_that_nobody_understands_is_for_later_or_names_no_folder(certificate, answer):
    def say(server, tag):
        server.say(answer + tag.encode() + b" OK done\r\n")

    try:
        assert folders_of(Scripted(certificate, AUTHENTICATE=let_in, LIST=say)) == []
    except Deferred as error:
        text = error.text
    else:
        text = ""
    assert "go away" not in text


def test_names_come_as_atoms_strings_literals_and_numbers(certificate):
    said = [
        '* LIST (\\HasNoChildren) "/" INBOX',
        '* LIST (\\Sent) "/" "Gesendet &APw-"',
        '* LIST () "/" {5}\r\nA (b)',
        '* LIST () "/" 2026',
        '* LIST (\\Noselect) "/" Nothing',
        "* STATUS INBOX (UIDNEXT 7 UIDVALIDITY 5)",
        '* STATUS "Gesendet &APw-" (UIDVALIDITY 6 UIDNEXT 8)',
        "* STATUS {5}\r\nA (b) (UIDNEXT 9 UIDVALIDITY 7)",
        "* STATUS 2026 (UIDNEXT 10 UIDVALIDITY 8)",
    ]
    assert folders_of(Scripted(certificate, AUTHENTICATE=let_in, LIST="\r\n".join(said))) == [
        Folder("INBOX", frozenset({"\\HasNoChildren"}), 5, 7),
        Folder("Gesendet \u00fc", frozenset({"\\Sent"}), 6, 8),
        Folder("A (b)", frozenset(), 7, 9),
        Folder("2026", frozenset(), 8, 10),
    ]


@pytest.mark.parametrize("more", [0, 1])
def test_a_literal_of_thirty_megabytes_is_read_and_none_that_is_longer(certificate, more):
    name = b"x" * (30 * 1_048_576 + more)

    def say(server, tag):
        server.say(b'* LIST () "/" {%d}\r\n%s\r\n%s OK done\r\n' % (len(name), name, tag.encode()))

    server = Scripted(certificate, AUTHENTICATE=let_in, LIST=say)
    if more:
        with pytest.raises(Unreachable, match="SaidTooMuch"):
            folders_of(server)
    else:
        assert folders_of(server) == []
