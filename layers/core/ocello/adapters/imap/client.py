"""An IMAP client that connects to checked addresses, with limits on the time of a session and on what a server says.

imaplib takes a literal of any length into memory, and a server that sends a byte now and then outlives its timeout.
"""

import imaplib
import socket
import ssl
from collections.abc import Sequence
from itertools import batched
from typing import Any

from imapclient import IMAPClient
from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_response

from ocello.adapters.limits import SaidTooMuch, TimeLeft

LONGEST_LITERAL = 30 * 1_048_576
LONGEST_LINE = 1_048_576
MOST_BYTES = LONGEST_LITERAL + 4 * LONGEST_LINE  # of all that is said to one command
MOST_LINES = 50_000  # the same: imaplib keeps each as an object of its own
_CONNECT_SECONDS, _STEP_SECONDS = 5.0, 10.0
_ADDRESSES = 4  # of a server that are tried
_PIECE = 65_536


class BoundedImap(imaplib.IMAP4):
    """imaplib's client. `tls` is for TLS from the start."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[str], tls: ssl.SSLContext | None, time_left: TimeLeft
    ) -> None:
        """Connect to the first address that answers, and read the greeting. Raise OSError and imaplib's errors."""
        self._addresses, self._tls, self.time_left = addresses, tls, time_left
        self._kept = bytearray()
        self._kept_from: socket.socket | None = None
        self._bytes = self._lines = 0
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 — imaplib hands it in
        failure: OSError = OSError("no address")
        for address in self._addresses[:_ADDRESSES]:
            try:
                made = socket.create_connection((address, self.port), self.time_left.left(_CONNECT_SECONDS))
            except OSError as error:
                failure = error
                continue
            try:
                made.settimeout(self.time_left.left(_CONNECT_SECONDS))
                return made if self._tls is None else self._tls.wrap_socket(made, server_hostname=self.host)
            except OSError:
                made.close()
                raise
        raise failure

    def read(self, size: int) -> bytes:
        """Return `size` bytes, a literal. Raise OSError if it is too long, or comes too late."""
        if size > LONGEST_LITERAL:
            raise SaidTooMuch("a literal longer than any may be")
        self._count(size)
        found = self._kept[:size]
        del self._kept[:size]
        while len(found) < size:
            found += self._received(min(_PIECE, size - len(found)))
        return bytes(found)

    def readline(self) -> bytes:
        """Return a line with its end. Raise OSError if it is too long, or comes too late."""
        self._drop_what_came_before_tls()
        searched = 0
        while (end := self._kept.find(b"\n", searched) + 1) == 0:
            searched = len(self._kept)
            if searched > LONGEST_LINE:
                raise SaidTooMuch("a line longer than any may be")
            self._kept += self._received(_PIECE)
        self._lines += 1
        self._count(end)
        line = bytes(self._kept[:end])
        del self._kept[:end]
        return line

    def send(self, data: bytes) -> None:  # type: ignore[override]  # imaplib accepts any buffer, and sends only these
        """Send within the time left."""
        self.sock.settimeout(self.time_left.left(_STEP_SECONDS))
        self.sock.sendall(data)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by LOGIN, in UTF-8. imaplib's own method quotes no user name, and takes ASCII alone."""
        answer, said = self._simple_command("LOGIN", _quoted(username), _quoted(password))
        if answer != "OK":
            raise self.error(said[-1].decode("utf-8", "replace"))
        self.state = "AUTH"

    def list_status(self, *, special_use: bool) -> tuple[list[Any], list[Any]]:
        """List all folders with their numbers by one command (RFC 5819); return what is said to LIST, and to STATUS.

        A server that knows special uses tells them in such a list only where they are asked for (RFC 6154).
        """
        wanted = f"({'SPECIAL-USE ' if special_use else ''}STATUS (UIDNEXT UIDVALIDITY))"
        answer, said = self._simple_command("LIST", '""', '"*"', "RETURN", wanted)
        if answer != "OK":
            raise self.error(said[-1].decode("utf-8", "replace"))
        return self._untagged_response(answer, said, "LIST")[1], self._untagged_response(answer, said, "STATUS")[1]

    def _command(self, name: str, *args: Any) -> Any:
        self._bytes = self._lines = 0
        return super()._command(name, *args)  # type: ignore[misc]  # of imaplib's own, which no type describes

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_BYTES or self._lines > MOST_LINES:
            raise SaidTooMuch("more than a server may say")

    def _received(self, most: int) -> bytes:
        self.sock.settimeout(self.time_left.left(_STEP_SECONDS))
        piece = self.sock.recv(most)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece

    def _drop_what_came_before_tls(self) -> None:
        if self._kept_from is not self.sock:
            self._kept.clear()
            self._kept_from = self.sock


def _quoted(text: str) -> bytes:
    return b'"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


class ImapClient(IMAPClient):  # type: ignore[misc]  # the library has no types
    """imapclient's parsers of what a bounded client hears."""

    def __init__(self, imap: BoundedImap) -> None:
        """Take a client that is connected. Its library would hand each command to a log, also what signs in."""
        self._made = imap
        super().__init__(imap.host, imap.port, ssl=False)
        imap.debug = 0

    def _create_IMAP4(self) -> BoundedImap:  # noqa: N802 — imapclient's name
        return self._made

    def list_status(self) -> tuple[list[tuple[tuple[bytes, ...], str]], dict[str, dict[bytes, int]]]:
        """Return all folders' flags and names, and each folder's status by name. imapclient has no method for it."""
        listed, status = self._made.list_status(special_use=b"SPECIAL-USE" in self.capabilities())
        folders = [(flags, name) for flags, _, name in self._proc_folder_list(listed)]
        pairs = batched(parse_response([item for item in status if item]), 2, strict=True)
        return folders, {_name(name): dict(batched(values, 2, strict=True)) for name, values in pairs}

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on encrypted. What the server said before could be anybody's, and is forgotten."""
        self.starttls(context)
        self._imap.untagged_responses.clear()


def _name(name: bytes | int) -> str:
    """Return a folder's name; the parser takes some names for numbers."""
    return str(name) if isinstance(name, int) else decode_utf7(name)
