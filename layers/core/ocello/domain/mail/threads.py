"""The ids by which the mails of a thread refer to each other: parsed from headers, and listed for a reply.

RFC 5322, section 3.6.4. Headers may come from anyone: no content causes an error or unlimited work.
"""

import re
from collections.abc import Iterable, Sequence

MOST = 30  # ids of one mail that are read, and that a reply gets
LONGEST_CHAIN = 4_000  # characters of the ids that a reply gets
LONGEST_ID = 900
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # RFC 5322, section 3.6.4, extended to what servers write
_LOOKED_AT = 50_000  # characters of a header, from either end
_OUTSIDE = re.compile(r'\\.|"(?:[^"\\]+|\\.)*+"|<[^<>]*>|\(', re.DOTALL)
_INSIDE = re.compile(r"\\.|[()]", re.DOTALL)  # of a comment, in which quotation marks have no meaning


def is_message_id(text: str) -> bool:
    """Return whether `text` is a Message-ID with its angle brackets."""
    return len(text) <= LONGEST_ID and _MESSAGE_ID.fullmatch(text) is not None


def ids_in(text: str) -> tuple[str, ...]:
    """Return the ids in an In-Reply-To or References header, each once, in order; of very many, the first and the last.

    Comments, quoted phrases and invalid text are skipped; an id that was folded in the middle is joined again.
    """
    if len(text) > 2 * _LOOKED_AT:
        text = f"{text[:_LOOKED_AT]}<>{text[-_LOOKED_AT:]}"  # `<>` makes an id that was cut through invalid
    together = ("".join(each.split()) for each in _bracketed(text))
    found = tuple(dict.fromkeys(each for each in together if is_message_id(each)))
    return found if len(found) <= MOST else (found[0], *found[1 - MOST :])


def _bracketed(text: str) -> Iterable[str]:
    """Return the texts in angle brackets outside comments and quotation marks."""
    at, comments = 0, True
    while (mark := _OUTSIDE.search(text, at)) is not None:
        at = mark.end()
        if mark[0].startswith("<"):
            yield mark[0]
        elif mark[0] == "(" and comments:
            end = _end_of_comment(text, at)
            comments = end is not None  # an unclosed comment is no comment, and nor is any after its start
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


def inherited_references(in_reply_to: Sequence[str], references: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that a reply inherits from its parent's headers: its References, else its In-Reply-To if that is one id."""
    if references:
        return tuple(references)
    return tuple(in_reply_to) if len(in_reply_to) == 1 else ()


def nearest_first(in_reply_to: Sequence[str], references: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that a mail refers to, nearest first: its parent first, the root of the thread last."""
    ordered = tuple(dict.fromkeys(reversed((*references, *in_reply_to))))
    return ordered if len(ordered) <= MOST else (*ordered[: MOST - 1], ordered[-1])


def build_references(inherited: Sequence[str], aliases: Sequence[str], parent: str) -> tuple[str, ...]:
    """Return the References of a reply: the ids inherited from its parent, then the parent's own; each once.

    `aliases` are other ids by which recipients know the parent, if a transport replaced its own. Beyond the limits, the
    oldest ids after the first are dropped; the first is the root of the thread.
    """
    older = [each for each in dict.fromkeys((*inherited, *aliases)) if each != parent]
    if not older:
        return (parent,)
    newest_first: list[str] = []
    remaining = LONGEST_CHAIN - len(older[0]) - len(parent)
    for each in reversed(older[1:]):
        remaining -= len(each)
        if remaining < 0 or len(newest_first) >= MOST - 2:
            break
        newest_first.append(each)
    return (older[0], *reversed(newest_first), parent)
