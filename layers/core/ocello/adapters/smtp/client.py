"""An SMTP client whose talk is bounded: by time in all and for each reply, and by how much a server may say.

smtplib waits anew for every line and reads replies of any length, so that a server could keep it for ever.
"""

import smtplib
import ssl
import time

MOST_LINES = 100  # of one reply
MOST_BYTES = 65_536  # that a server may say in all
_LONGEST_LINE = 8_192
_PIECE = 65_536  # bytes sent at once: each waits anew
_LONGEST_WAIT = 60.0  # seconds for one piece, where the talk leaves more
_DIGITS = 3


class SaidTooMuch(OSError):  # noqa: N818 — what a server did
    """A server that talks without end."""


class SmtpTalk:
    """The time that a talk with a server may still take."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._end = time.monotonic() + seconds

    def left(self, most: float) -> float:
        """Return the seconds left, `most` at most. Raises TimeoutError where there are none."""
        left = min(most, self._end - time.monotonic())
        if left <= 0:
            raise TimeoutError("the talk took too long")
        return left

    def extend(self, seconds: float) -> None:
        """Let the talk take so much longer."""
        self._end += seconds


class BoundedClient(smtplib.SMTP):
    """smtplib's client, reading and writing within `talk`; `patience` are the seconds for one reply."""

    talk: SmtpTalk
    patience: float
    _kept = b""
    _kept_from: object = None
    _heard = 0

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply. Raises OSError where it does not come in time or is too long, and SMTPServerDisconnected."""
        until = SmtpTalk(self.talk.left(self.patience))
        lines: list[bytes] = []
        while len(lines) < MOST_LINES:
            line = self._line(until)
            lines.append(line[_DIGITS + 1 :].strip(b" \t\r\n"))
            code = line[:_DIGITS]
            if not code.isdigit():
                return -1, b"\n".join(lines)
            if line[_DIGITS : _DIGITS + 1] != b"-":
                return int(code), b"\n".join(lines)
        raise SaidTooMuch("more lines than a reply may have")

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # any buffer there, these two here
        """Send, within what is left of the talk."""
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        for start in range(0, len(data), _PIECE):
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("please run connect() first")
            self.sock.settimeout(self.talk.left(_LONGEST_WAIT))
            self.sock.sendall(data[start : start + _PIECE])

    def _line(self, until: SmtpTalk) -> bytes:
        """Read one line; what came before a change to TLS does not count after it."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("please run connect() first")
        if self._kept_from is not self.sock:
            self._kept, self._kept_from = b"", self.sock
        while b"\n" not in self._kept:
            if len(self._kept) > _LONGEST_LINE:
                raise SaidTooMuch("a line longer than any may be")
            self.sock.settimeout(until.left(self.patience))
            piece = self.sock.recv(4_096)
            if not piece:
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            self._heard += len(piece)
            if self._heard > MOST_BYTES:
                raise SaidTooMuch("more than a server may say")
            self._kept += piece
        line, _, self._kept = self._kept.partition(b"\n")
        return line


class BoundedTlsClient(BoundedClient, smtplib.SMTP_SSL):
    """The same over TLS from the start."""


def make(
    tls: ssl.SSLContext | None, local_name: str, host: str, seconds: float, talk: SmtpTalk, patience: float
) -> BoundedClient:
    """Make a client of `host`, not yet connected; `seconds` for connecting, `tls` where it speaks TLS from the start."""
    client = (
        BoundedClient(local_hostname=local_name, timeout=seconds)
        if tls is None
        else BoundedTlsClient(local_hostname=local_name, timeout=seconds, context=tls)
    )
    client.talk, client.patience = talk, patience
    client._host = host  # type: ignore[attr-defined]  # noqa: SLF001 — we connect to an address; this is the name that TLS checks
    return client
