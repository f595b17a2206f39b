"""The recipients' mailbox: receives mail by SMTP on loopback and keeps every delivered copy as a file, byte for byte.

Two kinds of address refuse mail on purpose: `refuse@…` for ever (550), `busy@…` once (451).
"""

import collections
import itertools
import os
import re
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_BYTES = 45_000_000
_BUSY_TIMES = 1
_SAFE = "@!#$&'*+=^`{|}~"  # in addition to letters, digits and -._ : what both an address and a file name may hold
_NAME = re.compile(r"[0-9]{13}\.[0-9]+\.[0-9]{6}\.eml")


def folder_of(address: str) -> str:
    """Return an envelope recipient as a folder name: characters that are unsafe in a path are percent-encoded."""
    name = quote(address, safe=_SAFE, errors="surrogateescape")
    return "%2E" + name[1:] if name.startswith(".") else name


class Copy(NamedTuple):
    """A delivered copy: the envelope recipient, the file's name, and when it arrived (ms)."""

    recipient: str
    name: str
    at: int


class Maildir:
    """The folder of delivered copies: `<recipient>/new/<name>`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._counter = itertools.count()
        root.mkdir(parents=True, exist_ok=True)

    def keep(self, recipient: str, content: bytes) -> Path:
        """Store one copy; a reader sees the whole file or none."""
        box = self._root / folder_of(recipient)
        for part in ("new", "tmp"):
            (box / part).mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns() // 1_000_000:013d}.{os.getpid()}.{next(self._counter):06d}.eml"
        draft = box / "tmp" / name
        draft.write_bytes(content)
        return draft.rename(box / "new" / name)

    def copies(self) -> list[Copy]:
        """Return all copies, newest first."""
        found = [
            Copy(unquote(file.parent.parent.name), file.name, int(file.name[:13]))
            for file in self._root.glob("*/new/*.eml")
            if _NAME.fullmatch(file.name)
        ]
        return sorted(found, key=lambda copy: copy.name, reverse=True)

    def read(self, recipient: str, name: str) -> bytes | None:
        """Return one copy; None if there is none, or if the name is not one of ours."""
        if not recipient or not _NAME.fullmatch(name):
            return None
        try:
            return (self._root / folder_of(recipient) / "new" / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


class Reception:
    """What the SMTP server calls: whom to accept, and what to do with a mail."""

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir
        self._put_off: collections.Counter[str] = collections.Counter()

    async def handle_RCPT(  # noqa: N802 — the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient, or refuse one of the addresses that refuse mail."""
        local = address.partition("@")[0].lower()
        if local == "refuse":
            return "550 5.1.1 No such mailbox here"
        if local == "busy" and self._put_off[address] < _BUSY_TIMES:
            self._put_off[address] += 1
            return "451 4.2.1 Mailbox busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 — the library's name
        """Store one copy for each envelope recipient."""
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self._maildir.keep(recipient, content)
        return "250 2.0.0 Kept"


def smtp_server(maildir: Maildir, port: int) -> Controller:
    """Return the SMTP server; `start()` and `stop()` are its own. It listens on loopback only."""
    return Controller(
        Reception(maildir),
        hostname="127.0.0.1",
        port=port,
        server_hostname="mailbox.example.test",
        ident="mailbox",
        enable_SMTPUTF8=True,
        data_size_limit=MAX_BYTES,
    )
