"""Opens users' mailboxes at IMAP servers that they named, and reads what folders there are.

A server's name is resolved once, private addresses are refused, and the certificate has to be for the name. Nothing is
said before the connection is encrypted, and what signs in is shown once: all accounts of a stack come from the same
addresses, and servers slow down who tries again.
"""

import imaplib
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from ocello.adapters import public_hosts
from ocello.adapters.imap.client import BoundedImap, ImapClient
from ocello.adapters.imap.errors import sorted_errors, words_in
from ocello.adapters.imap.mailbox import ImapMailbox
from ocello.adapters.limits import TimeLeft, words_of
from ocello.domain.common.texts import Text
from ocello.domain.mailboxes.servers import ImapServer
from ocello.domain.messages.delivery import Deferred, Rejected, SignInRefused, token_refused
from ocello.domain.people.credentials import AccessToken, Credential

PORTS = frozenset({143, 993})  # RFC 8314
SECONDS = 20.0  # for all of a session
_FOR_LATER = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[THROTTLED]")  # RFC 5530, and Yahoo's
_FAREWELL_SECONDS = 2.0


class ImapMailboxes:
    """Opens mailboxes."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        ports: Collection[int] = PORTS,
        seconds: float = SECONDS,
        trust: ssl.SSLContext | None = None,
        resolver: public_hosts.Resolver = public_hosts.resolve,
    ) -> None:
        """Connect to these ports only. `trust` are the trusted certificates, by default the system's."""
        self._allow_private, self._ports, self._seconds = allow_private, ports, seconds
        self._trust, self._resolver = trust, resolver

    @contextmanager
    def open(self, server: ImapServer, credential: Credential) -> Iterator[ImapMailbox]:
        """Connect, sign in, and sign out at the end. Raise SignInRefused, Rejected and Deferred, with the server's words."""
        if server.port not in self._ports:
            raise Rejected(Text("An IMAP server has port 993 or 143, not %(port)s.", port=server.port))
        time_left = TimeLeft(self._seconds)
        imap = self._connected(server, time_left)
        try:
            with sorted_errors():
                client = ImapClient(imap)
                if imap.state != "NONAUTH":
                    raise Rejected("The server lets in whoever connects.")
                if server.security == "starttls":
                    _encrypt(client, self._context())
                _sign_in(client, imap, server.username, credential)
            yield ImapMailbox(client)
            with suppress(OSError, imaplib.IMAP4.error):
                imap.time_left = TimeLeft(_FAREWELL_SECONDS)
                imap.logout()
        finally:
            with suppress(OSError):
                imap.shutdown()

    def _connected(self, server: ImapServer, time_left: TimeLeft) -> BoundedImap:
        host, port = server.host, server.port
        found = public_hosts.addresses_of(host, port, allow_private=self._allow_private, resolver=self._resolver)
        with sorted_errors():
            return BoundedImap(host, port, found, self._context() if server.security == "tls" else None, time_left)

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()


def _encrypt(client: ImapClient, context: ssl.SSLContext) -> None:
    if b"STARTTLS" not in client.capabilities():
        raise Rejected("The server offers no encryption on this port.")
    client.encrypt(context)


def _sign_in(client: ImapClient, imap: BoundedImap, username: str, credential: Credential) -> None:
    """Sign in, once, by XOAUTH2 with a token, else by PLAIN or LOGIN."""
    if not (username + credential.text).isprintable():
        raise Rejected("A user name or password has no control characters.")
    offered = words_in(client.capabilities())
    try:
        if isinstance(credential, AccessToken):
            if "AUTH=XOAUTH2" not in offered:
                raise Rejected("The server takes no access tokens.")
            imap.authenticate("XOAUTH2", _Answer(credential.xoauth2(username)))
        elif "AUTH=PLAIN" in offered:
            imap.authenticate("PLAIN", _Answer(f"\0{username}\0{credential.text}".encode()))
        elif "LOGINDISABLED" not in offered:
            imap.sign_in(username, credential.text)
        else:
            raise Rejected("The server offers no way to sign in that is known here.")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise _refusal(words_of(str(error)), credential) from error


class _Answer:
    """Answers a server's challenges: the first with what signs in, the reason of a refusal with an empty line, no third."""

    def __init__(self, answer: bytes) -> None:
        self._left: list[bytes | None] = [answer, b""]

    def __call__(self, _challenge: bytes) -> bytes | None:
        return self._left.pop(0) if self._left else None


def _refusal(words: str, credential: Credential) -> Rejected | Deferred:
    """Return the error for a refused sign-in. A server that is busy refuses nobody (RFC 5530)."""
    if words.upper().startswith(_FOR_LATER):
        return Deferred(words)
    if isinstance(credential, AccessToken):
        return token_refused(words)
    return SignInRefused(Text("The server does not accept this user name and password (%(words)s).", words=words))
