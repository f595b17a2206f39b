"""An SMTP client with limits on the time of a session and of each reply, and on the size of all replies."""

import smtplib
import ssl

from ocello.adapters.limits import SaidTooMuch, TimeLeft

MOST_LINES = 100  # of one reply
MOST_BYTES = 65_536  # of all replies of a session
_LONGEST_LINE = 8_192
_PIECE = 65_536  # bytes sent at once, with a timeout of their own
_LONGEST_WAIT = 60.0  # seconds for one piece, even if the session has more time left
_DIGITS = 3


class BoundedClient(smtplib.SMTP):
    """smtplib's client with the time limit of `talk` for all, and of `patience` seconds for each reply."""

    talk: TimeLeft
    patience: float
    _kept = b""
    _kept_from: object = None
    _heard = 0

    def getreply(self) -> tuple[int, bytes]:
        """Return one reply. Raise OSError if it is too late or too long, and SMTPServerDisconnected."""
        until = TimeLeft(self.talk.left(self.patience))
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

    def send(self, s: bytes | str) -> None:  # type: ignore[override]  # smtplib accepts any buffer, we only these two
        """Send within the time left for the session."""
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        for start in range(0, len(data), _PIECE):
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("please run connect() first")
            self.sock.settimeout(self.talk.left(_LONGEST_WAIT))
            self.sock.sendall(data[start : start + _PIECE])

    def _line(self, until: TimeLeft) -> bytes:
        """Return one line; bytes received before STARTTLS are dropped after it."""
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
    """The same client, with TLS from the start."""


def make(
    tls: ssl.SSLContext | None, local_name: str, host: str, seconds: float, talk: TimeLeft, patience: float
) -> BoundedClient:
    """Return a client for `host`, not connected yet; `seconds` for connecting, `tls` for TLS from the start."""
    client = (
        BoundedClient(local_hostname=local_name, timeout=seconds)
        if tls is None
        else BoundedTlsClient(local_hostname=local_name, timeout=seconds, context=tls)
    )
    client.talk, client.patience = talk, patience
    client._host = host  # type: ignore[attr-defined]  # noqa: SLF001 — we connect to an IP address; TLS checks this name
    return client
