"""Connecting a server is trying it: its refusal comes back in its own words, and nothing is sent."""

import asyncio
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from ocello.adapters.account_probe import ServerProbe
from ocello.domain.delivery import Postponed, Refused
from ocello.domain.people import Account, SmtpServer


# The server of the tests leaves its closed connections to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Keeper:
    """Takes mail, and notes it."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 — aiosmtpd's name
        await asyncio.sleep(0)
        self.taken.append(envelope)
        return "250 OK"


def knows(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"rosa", b"right"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server():
    keeper = Keeper()
    controller = Controller(
        keeper, hostname="127.0.0.1", port=free_port(), authenticator=knows, auth_require_tls=False, auth_required=True
    )
    controller.start()
    yield controller.port, keeper
    controller.stop()


def account(host, port, username="rosa"):
    return Account(
        "u", "rosa@example.test", "", "smtp", verified=False, smtp=SmtpServer(host, port, "none", username, "s")
    )


def test_a_server_that_knows_us_is_connected_and_gets_no_mail(server):
    port, keeper = server
    ServerProbe(allow_private=True).check(account("127.0.0.1", port), "right")
    assert not keeper.taken


def test_a_wrong_password_is_refused_in_the_servers_words(server):
    with pytest.raises(Refused, match="535"):
        ServerProbe(allow_private=True).check(account("127.0.0.1", server[0]), "wrong")


def test_nobody_listening_is_said():
    with pytest.raises(Postponed, match="could not be talked to"):
        ServerProbe(allow_private=True).check(account("127.0.0.1", 1), "x")


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "localhost", "::ffff:10.0.0.1"])
def test_private_and_metadata_addresses_are_never_talked_to(server, host):
    with pytest.raises(Refused, match="private address"):
        ServerProbe().check(account(host, server[0]), "right")
