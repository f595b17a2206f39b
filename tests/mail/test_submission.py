"""Our SMTP transport delivers through a real server's submission, with a password and with an access token."""

import pytest

from ocello.adapters.smtp.transport import SmtpTransport, Timeouts
from ocello.domain.messages.delivery import Rejected
from ocello.domain.people.credentials import AccessToken, Password
from ocello.domain.people.users import Account, SmtpServer
from tests import certificates
from tests.mail.dovecot import HOST
from tests.mail.recorder import recorded

REP, BUYER = "rep@example.test", "buyer@customer.test"
COPY = (
    b"From: rep@example.test\r\nTo: buyer@customer.test\r\nMessage-ID: <m@example.test>\r\n"
    b"Date: Thu, 26 Nov 2026 09:00:00 +0100\r\n\r\nHello\r\n.\r\n..two\r\n.one\r\nlast\r\n"
)
WORD, TOKEN = Password("p\u00e4ss word"), AccessToken("ya29.token-of-rep")
WAYS = {"starttls": "submission", "tls": "submissions"}


@pytest.fixture
def known(server):
    """The server, which knows the rep's password and token."""
    server.set_password(REP, WORD.text)
    server.tokens.users[TOKEN.text] = REP
    return server


def send(server, credential, *, security="starttls", port=0, host=HOST, trust=None):
    port = port or server.ports[WAYS[security]]
    account = Account("u", REP, "Rita", "smtp", verified=True, smtp=SmtpServer(host, port, security, REP))
    transport = SmtpTransport(
        lambda _: credential,
        allow_private=True,
        timeouts=Timeouts(),
        trust=trust or server.files.trust(),
        resolver=lambda *_: ["127.0.0.1"],
    )
    return transport.send(account, BUYER, COPY, {})


@pytest.mark.parametrize("security", WAYS)
@pytest.mark.parametrize("credential", [WORD, TOKEN], ids=["password", "token"])
def test_a_copy_is_relayed_with_its_own_message_id_and_date(known, credential, security):
    sent = send(known, credential, security=security)
    assert sent.message_id == "<m@example.test>"
    [(sender, recipients, content)] = known.relay.taken
    assert (sender, recipients) == (REP, [BUYER])
    assert content.endswith(COPY)
    assert known.tokens.asked == ([TOKEN.text] if credential is TOKEN else [])


def test_what_the_server_adds_stands_before_the_copy_and_nothing_in_it_changes(known):
    send(known, WORD)
    [(_, _, content)] = known.relay.taken
    before = content.removesuffix(COPY)
    assert b"Message-ID" not in before
    assert before.count(b"Received:") <= 1


@pytest.mark.parametrize("token", ["ya29.unknown", "ya29.somebody-elses"])
def test_a_refused_token_is_shown_once_and_the_refusal_is_told_in_words(known, token):
    known.tokens.users["ya29.somebody-elses"] = "other@example.test"
    before = known.log
    with pytest.raises(Rejected, match="Connect it again") as refused:
        send(known, AccessToken(token))
    assert known.tokens.asked == [token]
    assert "auth failed, 1 attempts" in known.logged("submission-login: Info: Disconnected", before)
    assert token not in str(refused.value)
    assert "535" in str(refused.value)
    assert not known.relay.taken


def test_a_wrong_password_is_tried_once(known):
    before = known.log
    with pytest.raises(Rejected, match="535"):
        send(known, Password("another"))
    assert "auth failed, 1 attempts" in known.logged("submission-login: Info: Disconnected", before)
    assert not known.relay.taken


@pytest.mark.parametrize("security", WAYS)
def test_a_server_of_another_name_is_shown_nothing(known, security):
    before = known.log
    with pytest.raises(Rejected, match="certificate is not valid"):
        send(known, TOKEN, security=security, host="other.example.test")
    assert "no auth attempts" in known.logged("submission-login: Info: Disconnected", before)
    assert known.tokens.asked == []


def test_a_certificate_of_an_authority_that_nobody_trusts_is_refused(known, tmp_path):
    strangers = certificates.make(tmp_path, HOST)
    with pytest.raises(Rejected, match="certificate is not valid"):
        send(known, WORD, trust=strangers.trust())
    assert not known.relay.taken


@pytest.mark.parametrize("credential", [WORD, TOKEN], ids=["password", "token"])
def test_before_starttls_nothing_is_said_but_greetings(known, credential):
    with recorded(known.ports["submission"]) as recorder:
        send(known, credential, port=recorder.port)
        plain = recorder.said.partition(b"STARTTLS\r\n")[0]
    assert plain == b"ehlo example.test\r\n"
    assert b"AUTH" not in recorder.said
    assert len(known.relay.taken) == 1
