"""Sends copies through a user's own SMTP server, one connection and one recipient at a time."""

import base64
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.parser import BytesHeaderParser
from typing import NamedTuple

from ocello.adapters import public_hosts
from ocello.adapters.limits import TimeLeft, words_of
from ocello.adapters.smtp import client as smtp_client
from ocello.adapters.smtp.client import BoundedClient
from ocello.domain.common.errors import Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.mail.addresses import domain_of
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected, Unreachable, token_refused
from ocello.domain.people.credentials import AccessToken, Credential
from ocello.domain.people.users import Account, SmtpServer
from ocello.services.sending.ports import Sent

_DOT = re.compile(rb"(?m)^\.")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_END_OF_DATA = b".\r\n"
_READY, _SIGNED_IN, _OK, _CONTINUE, _GO_AHEAD, _PERMANENT = 220, 235, 250, 334, 354, 500
_FAREWELL_SECONDS = 2
_AGAIN_SECONDS = 60


class Timeouts(NamedTuple):
    """Seconds for connecting, for each reply, for the whole session, and the part of these reserved for the final reply.

    If too little time is left for the final reply, the end of the copy is not sent: then it was certainly not accepted,
    whereas without a final reply the outcome would be unknown.
    """

    connect: float = 5
    step: float = 8
    total: float = 30
    final: float = 10


_SECONDS_EACH_BYTE = 1e-6  # extra time for a large copy
_ADDRESSES = 4  # of a server that are tried


class SmtpTransport:
    """Transport by SMTP. Message-ID and Date are not changed."""

    def __init__(
        self,
        credential_of: Callable[[Account], Credential],
        *,
        allow_private: bool = False,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 — immutable
        trust: ssl.SSLContext | None = None,
        resolver: public_hosts.Resolver = public_hosts.resolve,
    ) -> None:
        """Get what accounts sign in with by `credential_of`. `trust` are the trusted certificates, by default the system's."""
        self._credential_of = credential_of
        self._allow_private = allow_private
        self._timeouts = timeouts
        self._trust = trust
        self._resolver = resolver

    def send(self, account: Account, envelope_to: str, copy: bytes, tags: dict[str, str]) -> Sent:  # noqa: ARG002 — SMTP has no place for tags that a reader would not see
        """Send `copy`. Raise Rejected, Deferred or OutcomeUnknown, with the server's diagnostic."""
        with self._signed_in(account, len(copy)) as client:
            with _sorted():
                _envelope(client, account.address, envelope_to, copy)
                _hand_over(client, copy)
            _await_word(client, self._timeouts)
        return Sent(str(BytesHeaderParser().parsebytes(copy)["Message-ID"] or ""))

    def check(self, account: Account) -> None:
        """Connect and sign in without sending anything, to check an account before it is saved. Raise the errors of `send`."""
        with self._signed_in(account, 0):
            pass

    @contextmanager
    def _signed_in(self, account: Account, size: int) -> Iterator[BoundedClient]:
        server = account.smtp
        if server is None:
            raise Rejected("Not sent: the account has no SMTP server.")
        talk = TimeLeft(self._timeouts.total - self._timeouts.final + size * _SECONDS_EACH_BYTE)
        with _sorted():
            client = self._connected(server, account, talk)
        try:
            with _sorted():
                self._secured(client, server, account)
            yield client
            _leave(client)
        finally:
            client.close()

    def _connected(self, server: SmtpServer, account: Account, talk: TimeLeft) -> BoundedClient:
        """Connect to the first address that answers; certificates are still checked against the host's name."""
        found = public_hosts.addresses_of(
            server.host, server.port, allow_private=self._allow_private, resolver=self._resolver
        )
        failure: OSError = OSError("no address")
        for address in found[:_ADDRESSES]:
            client = self._client(server, account, talk)
            try:
                code, reply = client.connect(address, server.port)
            except ssl.SSLError:
                raise
            except OSError as error:
                client.close()
                failure = error
                continue
            if code != _READY:
                client.close()
                raise smtplib.SMTPConnectError(code, reply)
            return client
        raise failure

    def _client(self, server: SmtpServer, account: Account, talk: TimeLeft) -> BoundedClient:
        tls = self._context() if server.security == "tls" else None
        wait = talk.left(self._timeouts.connect)
        return smtp_client.make(tls, domain_of(account.address), server.host, wait, talk, self._timeouts.step)

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _secured(self, client: smtplib.SMTP, server: SmtpServer, account: Account) -> None:
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            client.starttls(context=self._context())
            client.ehlo_or_helo_if_needed()
        if server.username:
            credential = self._credential_of(account)
            if isinstance(credential, AccessToken) and server.security == "none":
                raise Rejected("Not sent: an access token goes over encrypted connections only.")
            _sign_in(client, server.username, credential)


def _sign_in(client: smtplib.SMTP, username: str, credential: Credential) -> None:
    """Sign in, once, by XOAUTH2 with a token, else by PLAIN or LOGIN in UTF-8 (RFC 4616).

    smtplib's own method fails for characters beyond ASCII, and tries another mechanism after a refusal.
    """
    offered = client.esmtp_features.get("auth", "").upper().split()
    if isinstance(credential, AccessToken):
        if "XOAUTH2" not in offered:
            raise Rejected("The server takes no access tokens.")
        _show_token(client, credential.xoauth2(username))
        return
    if "PLAIN" in offered:
        reply = client.docmd("AUTH", f"PLAIN {_base64(f'\0{username}\0{credential.text}'.encode())}")
    elif "LOGIN" in offered:
        reply = client.docmd("AUTH", f"LOGIN {_base64(username.encode())}")
        if reply[0] == _CONTINUE:
            reply = client.docmd(_base64(credential.text.encode()))
    else:
        raise Rejected("The server offers no way to sign in that is known here.")
    _expect(reply, _SIGNED_IN)


def _show_token(client: smtplib.SMTP, answer: bytes) -> None:
    """Sign in by XOAUTH2. A server may say in a challenge why it refuses, and ends the exchange after an empty line."""
    reply = client.docmd("AUTH", f"XOAUTH2 {_base64(answer)}")
    if reply[0] == _CONTINUE:
        reply = client.docmd("")
    if _PERMANENT <= reply[0] < _PERMANENT + 100:
        raise token_refused(_diagnostic(*reply))
    _expect(reply, _SIGNED_IN)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _envelope(client: smtplib.SMTP, sender: str, recipient: str, copy: bytes) -> None:
    """Send the envelope, with the parameters of the server's extensions."""
    options: list[str] = []
    limit = client.esmtp_features.get("size", "")
    if client.has_extn("size"):
        if limit.isdigit() and 0 < int(limit) < len(copy):
            pattern = "The server takes at most %(most)s bytes, and this copy has %(size)s."
            raise Rejected(Text(pattern, most=int(limit), size=len(copy)))
        options.append(f"SIZE={len(copy)}")
    if not copy.isascii() and client.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    header = copy.partition(b"\r\n\r\n")[0]
    if not (sender.isascii() and recipient.isascii() and header.isascii()):
        options.append("SMTPUTF8")
    _expect(client.mail(sender, options), _OK)
    code, reply = client.rcpt(recipient)
    if code // 10 != _OK // 10:  # 250, or 251 if the server forwards
        raise smtplib.SMTPResponseException(code, reply)


def _hand_over(client: BoundedClient, copy: bytes) -> None:
    """Send the copy without its end: before that, no server may accept it (RFC 5321, section 4.1.1.4)."""
    _expect(client.docmd("DATA"), _GO_AHEAD)
    lines = _LINE_END.sub(b"\r\n", copy)
    whole = _DOT.sub(b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")
    client.send(whole)


def _await_word(client: BoundedClient, timeouts: Timeouts) -> None:
    """Send the end of the copy and read the final reply. Raise OutcomeUnknown if it is missing or not understandable."""
    try:
        client.talk.extend(timeouts.final)
        client.patience = timeouts.total
        client.send(_END_OF_DATA)
        code, reply = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown("The server had the whole copy and then said nothing.") from error
    if code == _OK:
        return
    if not 400 <= code < 600:
        raise OutcomeUnknown(_diagnostic(code, reply))
    raise _error_of(code, reply)


def _leave(client: BoundedClient) -> None:
    """End the session; errors no longer matter."""
    with suppress(OSError, smtplib.SMTPException):
        client.talk, client.patience = TimeLeft(_FAREWELL_SECONDS), _FAREWELL_SECONDS
        client.quit()


def _expect(reply: tuple[int, bytes], code: int) -> None:
    if reply[0] != code:
        raise smtplib.SMTPResponseException(*reply)


@contextmanager
def _sorted() -> Iterator[None]:
    """Convert errors before the end of a copy to Rejected, if permanent, or Deferred."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _error_of(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        raise Deferred("The server closed the connection.") from error
    except smtplib.SMTPException as error:  # no STARTTLS, no way to sign in, no SMTPUTF8: the text comes from smtplib
        raise Rejected(words_of(str(error))) from error
    except ssl.SSLCertVerificationError as error:
        raise Rejected(
            Text("The server's certificate is not valid: %(why)s.", why=str(error.verify_message))
        ) from error
    except OSError as error:
        raise Unreachable(Text("The server could not be talked to (%(why)s).", why=type(error).__name__)) from error
    except Unavailable as error:
        raise NotTried("The server's password cannot be read just now.", _AGAIN_SECONDS) from error


def _error_of(code: int, reply: bytes | str) -> Exception:
    diagnostic = _diagnostic(code, reply)
    return Rejected(diagnostic) if _PERMANENT <= code < _PERMANENT + 100 else Deferred(diagnostic)


def _diagnostic(code: int, reply: bytes | str) -> str:
    """Return a server's diagnostic as one printable line."""
    return words_of(f"{code} {words_of(reply)}")
