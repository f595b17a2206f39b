"""Reads an open mailbox without changing anything in it: its folders, and the headers of mail that is new.

Folders are examined, never selected, and content is peeked at, so no flag changes (RFC 3501, sections 6.3.2 and 6.4.5). Of
a mail the fields that are judged are fetched, and of a report the parts that machines read; of a mail that a report
returns, its ids alone.
"""

import binascii
import datetime as dt
import json
from collections.abc import Collection, Iterator, Sequence
from itertools import batched
from typing import Any

from ocello.adapters.imap.client import ImapClient
from ocello.adapters.imap.errors import sorted_errors, words_in
from ocello.domain.mailboxes.received import (
    FIELDS,
    LONGEST_HEAD,
    MOST_PARTS,
    REPORT_PARTS,
    MailRef,
    ReceivedHeader,
    ReportPart,
)
from ocello.domain.mailboxes.servers import Folder
from ocello.services.mailboxes.ports import Batch

_MOST_FOLDERS = 500  # that are asked for one by one
_READ_FOLDERS = 200  # that are read
_AT_ONCE = 50  # mails in a batch
_NO_FOLDER = frozenset({"\\Noselect", "\\NonExistent"})
_OURS = frozenset({"\\Sent", "\\Drafts", "\\Trash"})  # of RFC 6154: nothing that came in
_ALL, _SPAM = "\\All", "\\Junk"
_CUT = f"<0.{LONGEST_HEAD}>"
_HEAD = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS).upper()})]{_CUT}"
_IDS = "HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES)"
_RETURNED = frozenset({"message/rfc822", "message/global"})
_DAY = dt.timedelta(days=1)

type _Known = dict[str, list[int]]  # of each folder: its UIDVALIDITY, and the first UID that was not read


class ImapMailbox:
    """A mailbox that is open (MailboxReader). Every method raises Rejected and Deferred."""

    def __init__(self, client: ImapClient) -> None:
        """Read by a client that has signed in."""
        self._client = client
        self._client.normalise_times = False  # times with their zones

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what the server says that it can do, in capitals."""
        with sorted_errors():
            return words_in(self._client.capabilities())

    def folders(self) -> Sequence[Folder]:
        """Return the folders that hold mail, at most 500 where the server has to be asked for each."""
        with sorted_errors():
            if b"LIST-STATUS" in self._client.capabilities():
                listed, status = self._client.list_status()
                return [_folder(name, flags, status[name]) for flags, name in listed if name in status]
            found = []
            for flags, _, name in self._client.list_folders()[:_MOST_FOLDERS]:
                if not _NO_FOLDER & words_in(flags, capitals=False):
                    found.append(_folder(name, flags, self._client.folder_status(name, ["UIDNEXT", "UIDVALIDITY"])))
            return found

    def look(self, place: str, since: int) -> Iterator[Batch]:
        """Yield the mails that are new, folder by folder: behind `place`, and `since` a time where it knows no place."""
        folders = _to_read(self.folders())
        known = {name: numbers for name, numbers in _parse(place).items() if name in {each.name for each in folders}}
        for folder in folders:
            validity, first = known.get(folder.name, [0, 0])
            if validity != folder.uid_validity:
                yield from self._since(folder, known, since)
            elif first < folder.uid_next:
                yield from self._from(folder, known, first)

    def _from(self, folder: Folder, known: _Known, first: int) -> Iterator[Batch]:
        with sorted_errors():
            self._client.select_folder(folder.name, readonly=True)
            found = self._client.search(["UID", f"{first}:*"])
        uids = sorted(
            uid for uid in found if uid >= first
        )  # `*` is the last one, however small (RFC 3501, section 6.4.8)
        yield from self._batches(folder, known, uids, 0)

    def _since(self, folder: Folder, known: _Known, since: int) -> Iterator[Batch]:
        day = (
            dt.datetime.fromtimestamp(max(since, 0) / 1_000, dt.UTC) - _DAY
        ).date()  # the server counts days by its own zone
        with sorted_errors():
            self._client.select_folder(folder.name, readonly=True)
            uids = sorted(self._client.search(["SINCE", day]))
        yield from self._batches(folder, known, uids, since)

    def _batches(self, folder: Folder, known: _Known, uids: Sequence[int], since: int) -> Iterator[Batch]:
        for some in batched(uids, _AT_ONCE, strict=False):
            with sorted_errors():
                mails = self._headers(folder, some)
            known[folder.name] = [folder.uid_validity, some[-1] + 1]
            yield Batch([mail for mail in mails if mail.received_at >= since], json.dumps(known))
        end = [folder.uid_validity, max(folder.uid_next, uids[-1] + 1 if uids else 0)]
        if known.get(folder.name) != end:
            known[folder.name] = end
            yield Batch((), json.dumps(known))

    def _headers(self, folder: Folder, uids: Sequence[int]) -> Sequence[ReceivedHeader]:
        """Fetch the headers of mails; those that were moved away meanwhile are left out."""
        found = self._client.fetch(list(uids), ["INTERNALDATE", _HEAD])
        return [self._header(folder, uid, found[uid]) for uid in uids if uid in found]

    def _header(self, folder: Folder, uid: int, item: dict[bytes, Any]) -> ReceivedHeader:
        head = _content(item, b"BODY[HEADER.FIELDS")
        taken: dt.datetime = item[b"INTERNALDATE"]
        return ReceivedHeader(
            ref=MailRef(folder.name, f"{folder.uid_validity}.{uid}"),
            head=head,
            received_at=int(taken.timestamp() * 1_000),
            in_spam=_SPAM in folder.flags,
            report=self._report(uid) if b"multipart/report" in head.lower() else (),
        )

    def _report(self, uid: int) -> tuple[ReportPart, ...]:
        """Fetch the parts of a report that machines read; none where the mail is no multipart."""
        structure = self._client.fetch([uid], ["BODYSTRUCTURE"]).get(uid, {}).get(b"BODYSTRUCTURE")
        if structure is None or not structure.is_multipart:
            return ()
        parts = [part for part in enumerate(structure[0], 1) if not part[1].is_multipart]
        wanted = [(number, kind, part[5]) for number, part in parts if (kind := _type(part)) in REPORT_PARTS][
            :MOST_PARTS
        ]
        if not wanted:
            return ()
        sections = [f"{number}.{_IDS}" if kind in _RETURNED else f"{number}" for number, kind, _ in wanted]
        item = self._client.fetch([uid], [f"BODY.PEEK[{section}]{_CUT}" for section in sections]).get(uid, {})
        return tuple(
            ReportPart(kind, _decoded(_content(item, f"BODY[{section.partition(' ')[0]}".encode()), encoding))
            for (_, kind, encoding), section in zip(wanted, sections, strict=True)
        )


def _to_read(folders: Sequence[Folder]) -> Sequence[Folder]:
    """Return the folders that replies reach. Where one holds all mail, as at Gmail, it and that of spam are enough."""
    if any(_ALL in folder.flags for folder in folders):
        return [folder for folder in folders if {_ALL, _SPAM} & folder.flags]
    return [folder for folder in folders if not _OURS & folder.flags][:_READ_FOLDERS]


def _parse(place: str) -> _Known:
    found: _Known = json.loads(place) if place else {}
    return found


def _content(item: dict[bytes, Any], section: bytes) -> bytes:
    """Return what was said of a section, whose name the server may spell with other spaces and a place in brackets."""
    wanted = section.upper()
    said = next((value for name, value in item.items() if _begins(name.upper(), wanted)), None)
    return said if isinstance(said, bytes) else b""


def _begins(name: bytes, wanted: bytes) -> bool:
    return name.startswith(wanted) and name[len(wanted) : len(wanted) + 1] in (b" ", b"]")


def _type(part: Any) -> str:
    return b"/".join(each for each in part[:2] if isinstance(each, bytes)).decode("ascii", "replace").lower()


def _decoded(content: bytes, encoding: Any) -> bytes:
    kind = encoding.lower() if isinstance(encoding, bytes) else b""
    if kind == b"quoted-printable":
        return binascii.a2b_qp(content)
    if kind == b"base64":
        try:
            return binascii.a2b_base64(content)
        except binascii.Error:
            return b""
    return content


def _folder(name: str, flags: Collection[bytes], status: dict[bytes, int]) -> Folder:
    """Return a folder. Raise ValueError if the server did not say what was asked for."""
    if not {b"UIDVALIDITY", b"UIDNEXT"} <= status.keys():
        raise ValueError("a folder without its numbers")
    return Folder(name, words_in(flags, capitals=False), int(status[b"UIDVALIDITY"]), int(status[b"UIDNEXT"]))
