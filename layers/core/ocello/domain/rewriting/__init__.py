"""Rewriting mail: links and one pixel change, everything else stays byte for byte, and there is a way back.

`track` makes a recipient's copy and its edits; `restore(copy, edits)` gives the original again, for every input;
`track(copy, same context)` changes nothing. `pack` and `unpack` spell edits for storage.
"""

from ocello.domain.messages import Link, Untracked
from ocello.domain.rewriting.context import PIXEL, AddressText, Tracked, TrackingContext
from ocello.domain.rewriting.edits import Edit, pack, restore, unpack
from ocello.domain.rewriting.message import copier, track, track_html, track_or_leave, without_bcc

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
