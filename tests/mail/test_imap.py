"""Our IMAP connection opens a real server's mailbox, with a password and with an access token, and says nothing too early."""

import logging
import re
import smtplib

import pytest

from infra.tools.operate import try_mailbox
from ocello.adapters.imap.mailboxes import ImapMailboxes
from ocello.domain.mailboxes.servers import ImapServer
from ocello.domain.messages.delivery import Rejected, SignInRefused
from ocello.domain.people.credentials import AccessToken, Password
from tests import certificates
from tests.mail.dovecot import HOST
from tests.mail.recorder import recorded

REP, BUYER = "rep@example.test", "buyer@customer.test"
WORD, TOKEN = Password('p\u00e4ss "word\\'), AccessToken("ya29.token-of-rep")
WAYS = {"starttls": "imap", "tls": "imaps"}
CHILDREN = {"\\HasNoChildren", "\\HasChildren"}  # which a list says that was not asked for anything else
BOTH = pytest.mark.parametrize("credential", [WORD, TOKEN], ids=["password", "token"])


@pytest.fixture
def known(server):
    """The server, which knows the rep's password and token."""
    server.set_password(REP, WORD.text)
    server.tokens.users[TOKEN.text] = REP
    return server


def opened(server, credential, *, security="tls", port=0, host=HOST, trust=None):
    port = port or server.ports[WAYS[security]]
    mailboxes = ImapMailboxes(
        allow_private=True,
        ports=[port],
        trust=trust or server.files.trust(),
        resolver=lambda *_: ["127.0.0.1"],
    )
    return mailboxes.open(ImapServer(host, port, security, REP), credential)


def deliver(server, number):
    """Let the server take in a mail, as from outside."""
    with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], local_hostname="customer.test") as client:
        content = f"From: {BUYER}\r\nTo: {REP}\r\nMessage-ID: <{number}@customer.test>\r\n\r\nHello\r\n"
        client.sendmail(BUYER, [REP], content)


@pytest.mark.parametrize("security", WAYS)
@BOTH
def test_a_mailbox_opens_and_tells_its_folders(known, credential, security):
    with opened(known, credential, security=security) as mailbox:
        folders = {folder.name: folder for folder in mailbox.folders()}
        assert "LIST-STATUS" in mailbox.capabilities
    assert {"INBOX", "Sent", "Junk"} <= folders.keys()
    assert "\\Sent" in folders["Sent"].flags
    assert all(folder.uid_validity > 0 for folder in folders.values())
    assert known.tokens.asked == ([TOKEN.text] if credential is TOKEN else [])


def test_a_mail_that_comes_in_raises_the_next_number_of_its_folder_alone(known):
    def numbers():
        with opened(known, WORD) as mailbox:
            return {folder.name: (folder.uid_validity, folder.uid_next) for folder in mailbox.folders()}

    before = numbers()
    deliver(known, 1)
    deliver(known, 2)
    after = numbers()
    changed = {name: pair for name, pair in after.items() if before[name] != pair}
    assert changed == {"INBOX": (before["INBOX"][0], before["INBOX"][1] + 2)}


def test_a_server_without_the_extension_is_asked_for_each_folder(known, monkeypatch):
    with opened(known, WORD) as mailbox:
        of_one_command = list(mailbox.folders())
        monkeypatch.setattr(mailbox._client, "_cached_capabilities", (b"IMAP4REV1",))
        of_many = [folder._replace(flags=folder.flags - CHILDREN) for folder in mailbox.folders()]
    assert sorted(of_many) == sorted(of_one_command)


@pytest.mark.parametrize("token", ["ya29.unknown", "ya29.somebody-elses"])
def test_a_refused_token_is_shown_once_and_the_refusal_is_told_in_words(known, token):
    known.tokens.users["ya29.somebody-elses"] = "other@example.test"
    before = known.log
    with pytest.raises(SignInRefused, match="Connect it again") as refused, opened(known, AccessToken(token)):
        pytest.fail("it opened")
    assert known.tokens.asked == [token]
    assert "auth failed, 1 attempts" in known.logged("imap-login: Info: Disconnected", before)
    assert token not in str(refused.value)


def test_a_wrong_password_is_tried_once_and_in_no_other_way(known):
    before = known.log
    with pytest.raises(SignInRefused, match="AUTHENTICATIONFAILED"), opened(known, Password("another")):
        pytest.fail("it opened")
    assert "auth failed, 1 attempts" in known.logged("imap-login: Info: Disconnected", before)


@pytest.mark.parametrize("security", WAYS)
def test_a_server_of_another_name_is_shown_nothing(known, security):
    before = known.log
    refused = pytest.raises(Rejected, match="certificate is not valid")
    with refused, opened(known, TOKEN, security=security, host="other.example.test"):
        pytest.fail("it opened")
    assert "no auth attempts" in known.logged("imap-login: Info: Disconnected", before)
    assert known.tokens.asked == []


def test_a_certificate_of_an_authority_that_nobody_trusts_is_refused(known, tmp_path):
    trust = certificates.make(tmp_path, HOST).trust()
    with pytest.raises(Rejected, match="certificate is not valid"), opened(known, WORD, trust=trust):
        pytest.fail("it opened")


@BOTH
def test_before_starttls_nobody_is_named(known, credential):
    with recorded(known.ports["imap"]) as recorder:
        with opened(known, credential, security="starttls", port=recorder.port) as mailbox:
            assert mailbox.folders()
        plain = recorder.said.partition(b"STARTTLS\r\n")[0]
    assert [line.split()[1] for line in plain.splitlines() if len(line.split()) > 1] == [b"CAPABILITY"]
    assert b"AUTH" not in recorder.said
    assert b"LOGIN" not in recorder.said


@BOTH
def test_what_signs_in_reaches_no_log(known, credential, caplog):
    caplog.set_level(logging.DEBUG)
    with opened(known, credential) as mailbox:
        mailbox.folders()
    assert credential.text not in caplog.text
    assert "AUTHENTICATE" not in caplog.text


@pytest.mark.parametrize(("words", "shown"), [([], WORD.text), (["--token"], TOKEN.text)], ids=["password", "token"])
def test_an_operator_is_told_what_a_mailbox_can_do(known, capsys, words, shown):
    port = known.ports["imaps"]
    mailboxes = ImapMailboxes(
        allow_private=True, ports=[port], trust=known.files.trust(), resolver=lambda *_: ["127.0.0.1"]
    )
    said = [*words, "--port", str(port), HOST, REP]
    assert try_mailbox.main(said, mailboxes, lambda _: shown) == 0
    told = capsys.readouterr().out
    assert f"{REP} is signed in at {HOST}:{port} (tls)" in told
    assert re.search(r"^LIST-STATUS +yes$", told, re.MULTILINE)
    assert re.search(r"^Sent: next number \d+, valid for \d+ \\Sent\b", told, re.MULTILINE)
    assert shown not in told
    assert try_mailbox.main(said, mailboxes, lambda _: "another") == 1
    assert "(" in capsys.readouterr().err
    assert try_mailbox.main([HOST, REP, "--port", "25"], None, lambda _: shown) == 1
    assert "993 or 143" in capsys.readouterr().err


def test_a_session_ends_with_a_farewell(known):
    before = known.log
    with opened(known, WORD):
        pass
    assert "Logged out" in known.logged("imap(rep@example.test)", before)
