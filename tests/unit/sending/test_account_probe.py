"""A server is tried before it is connected: its refusal is returned in its own words, and nothing is sent."""

import base64
import socketserver
import threading

import pytest

from ocello.adapters.smtp.account_probe import ServerProbe
from ocello.domain.messages.delivery import Deferred, Rejected
from ocello.domain.people.credentials import Password
from ocello.domain.people.users import Account, SmtpServer

KNOWN = base64.b64encode(b"\0rosa\0right").decode()


class ProbedServer(socketserver.ThreadingTCPServer):
    """A server that knows one person, and records every command."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.heard: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    server: ProbedServer

    def handle(self):
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            self.server.heard.append(line)
            word = line.split()[0].upper()
            if word == "QUIT":
                self._say("221 bye")
                return
            self._say(self._answer(word, line))

    def _answer(self, word, line):
        if word == "EHLO":
            return "250-here\r\n250 AUTH PLAIN"
        if word == "AUTH":
            return "235 welcome" if line.endswith(KNOWN) else "535 5.7.8 not with that password"
        return "250 fine"

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def server():
    with ProbedServer() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def account(host, port):
    smtp = SmtpServer(host, port, "none", "rosa", "s")
    return Account("u", "rosa@example.test", "", "smtp", verified=False, smtp=smtp)


def test_a_server_that_knows_us_is_connected_and_gets_no_mail(server):
    ServerProbe(allow_private=True).check(account("127.0.0.1", server.server_address[1]), Password("right"))
    assert {line.split()[0].upper() for line in server.heard} <= {"EHLO", "AUTH", "QUIT"}


def test_a_wrong_password_is_refused_in_the_servers_words(server):
    with pytest.raises(Rejected, match="535 5\\.7\\.8 not with that password"):
        ServerProbe(allow_private=True).check(account("127.0.0.1", server.server_address[1]), Password("wrong"))


def test_nobody_listening_is_said():
    with pytest.raises(Deferred, match="could not be talked to"):
        ServerProbe(allow_private=True).check(account("127.0.0.1", 1), Password("x"))


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "localhost", "::ffff:10.0.0.1"])
def test_private_and_metadata_addresses_are_never_talked_to(server, host):
    with pytest.raises(Rejected, match="private address"):
        ServerProbe().check(account(host, server.server_address[1]), Password("right"))
    assert not server.heard
