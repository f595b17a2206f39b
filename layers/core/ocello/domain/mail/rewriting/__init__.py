"""Rewriting mail: only links, one pixel and a footer change, every other byte is kept, and the change can be undone.

`track` returns a recipient's copy and its edits; `restore(copy, edits)` returns the original, for every input;
`track(copy, same context)` changes nothing.

The functions are imported at their first use: their patterns take 50 ms to compile, and few requests send mail.
"""

from typing import TYPE_CHECKING, Any

from ocello.domain.mail.rewriting.context import PIXEL, AddressText, Footer, Tracked, TrackingContext
from ocello.domain.mail.rewriting.edits import Edit, restore
from ocello.domain.messages.message import Link, Untracked

if TYPE_CHECKING:
    from ocello.domain.mail.rewriting.links.held import holds
    from ocello.domain.mail.rewriting.links.inventory import SHOWN
    from ocello.domain.mail.rewriting.parts.message import copier, track, track_html, track_or_leave, without_bcc

__all__ = [
    "PIXEL",
    "SHOWN",
    "AddressText",
    "Edit",
    "Footer",
    "Link",
    "Tracked",
    "TrackingContext",
    "Untracked",
    "copier",
    "holds",
    "restore",
    "track",
    "track_html",
    "track_or_leave",
    "without_bcc",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from ocello.domain.mail.rewriting.parts import message  # noqa: PLC0415 — see above

        found = globals()[name] = getattr(message, name)  # the next use finds it without this function
        return found
    raise AttributeError(name)
