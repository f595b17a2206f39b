"""Rewriting mail: links and one pixel change, everything else stays byte for byte, and there is a way back.

`track` makes a recipient's copy and its edits; `restore(copy, edits)` gives the original again, for every input;
`track(copy, same context)` changes nothing. `pack` and `unpack` spell edits for storage.
"""

from ocello.domain.mail.rewriting.context import PIXEL, AddressText, Tracked, TrackingContext
from ocello.domain.mail.rewriting.edits import Edit, pack, restore, unpack
from ocello.domain.mail.rewriting.parts.message import copier, track, track_html, track_or_leave, without_bcc
from ocello.domain.messages.message import Link, Untracked

__all__ = [
    "PIXEL",
    "AddressText",
    "Edit",
    "Link",
    "Tracked",
    "TrackingContext",
    "Untracked",
    "copier",
    "pack",
    "restore",
    "track",
    "track_html",
    "track_or_leave",
    "unpack",
    "without_bcc",
]
