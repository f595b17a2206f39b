"""The ids by which the mails of a thread name each other: read out of headers, and chained for a reply.

RFC 5322, section 3.6.4. Headers come from anyone: whatever stands in them costs bounded work and is never an error.
"""

import re
from collections.abc import Iterable, Sequence

MOST = 30  # ids of one mail that are looked at, and that a reply carries
LONGEST_CHAIN = 4_000  # characters of the ids that a reply carries
LONGEST_ID = 900
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # RFC 5322, section 3.6.4, and what servers really write
_LOOKED_AT = 50_000  # characters of a header, from either end
_OUTSIDE = re.compile(r'\\.|"(?:[^"\\]+|\\.)*+"|<[^<>]*>|\(', re.DOTALL)
_INSIDE = re.compile(r"\\.|[()]", re.DOTALL)  # a comment: quotation marks mean nothing in it


def is_message_id(text: str) -> bool:
    """Return whether `text` is a Message-ID with its angle brackets."""
    return len(text) <= LONGEST_ID and _MESSAGE_ID.fullmatch(text) is not None


def ids_in(text: str) -> tuple[str, ...]:
    """Read the ids of an In-Reply-To or References, each once, in their order: of very many the first and the last.

    Comments, quoted phrases and rubbish are passed over; an id that was folded in its midst is put together again.
    """
    if len(text) > 2 * _LOOKED_AT:
        text = f"{text[:_LOOKED_AT]}<>{text[-_LOOKED_AT:]}"  # an id that the cut goes through is none
    together = ("".join(spelled.split()) for spelled in _bracketed(text))
    found = tuple(dict.fromkeys(each for each in together if is_message_id(each)))
    return found if len(found) <= MOST else (found[0], *found[1 - MOST :])


def _bracketed(text: str) -> Iterable[str]:
    """Return what stands in angle brackets outside comments and quotation marks."""
    at, comments = 0, True
    while (mark := _OUTSIDE.search(text, at)) is not None:
        at = mark.end()
        if mark[0].startswith("<"):
            yield mark[0]
        elif mark[0] == "(" and comments:
            end = _end_of_comment(text, at)
            comments = end is not None  # one that never ends is none, and neither is any in it
            at = at if end is None else end


def _end_of_comment(text: str, at: int) -> int | None:
    depth = 1
    while depth:
        mark = _INSIDE.search(text, at)
        if mark is None:
            return None
        at = mark.end()
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
    return at


def inherited(in_reply_to: Sequence[str], references: Sequence[str]) -> tuple[str, ...]:
    """Return what a reply takes over of its parent's headers: its References, else its only In-Reply-To."""
    if references:
        return tuple(references)
    return tuple(in_reply_to) if len(in_reply_to) == 1 else ()


def nearest_first(in_reply_to: Sequence[str], references: Sequence[str]) -> tuple[str, ...]:
    """Order the ids that a mail names by how near they are to it: its parent first, the root of the thread last."""
    ordered = tuple(dict.fromkeys(reversed((*references, *in_reply_to))))
    return ordered if len(ordered) <= MOST else (*ordered[: MOST - 1], ordered[-1])


def chain(taken_over: Sequence[str], heard_as: Sequence[str], parent: str) -> tuple[str, ...]:
    """Make the References of a reply: what it takes over of its parent, then the parent's id; each once.

    `heard_as` are other ids by which recipients know the parent, where a transport replaced its own. Beyond the limits
    ids are dropped after the first, which is the root of the thread, oldest ones first.
    """
    older = [each for each in dict.fromkeys((*taken_over, *heard_as)) if each != parent]
    if not older:
        return (parent,)
    kept: list[str] = []
    room = LONGEST_CHAIN - len(older[0]) - len(parent)
    for each in reversed(older[1:]):
        room -= len(each)
        if room < 0 or len(kept) >= MOST - 2:
            break
        kept.append(each)
    return (older[0], *reversed(kept), parent)
