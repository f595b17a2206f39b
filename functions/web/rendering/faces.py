"""The face of a person in lists: two letters on a colour, both made of the name or the address."""

import re
import zlib

TONES = 6  # colours in the style sheet, numbered from 1
_WORD = re.compile(r"[^\W_]+")


def initials(who: str) -> str:
    """Return two capital letters: of the first and the last word of a name, or of the domain of an address; `?` without any."""
    words: list[str] = _WORD.findall(who.rpartition("@")[2] if "@" in who else who)
    if not words:
        return "?"
    if "@" in who or len(words) == 1:
        return words[0][:2].upper()
    return f"{words[0][0]}{words[-1][0]}".upper()


def tone(who: str) -> int:
    """Return the number of a colour, the same for the same name or address."""
    return zlib.crc32(who.casefold().encode("utf-8", "replace")) % TONES + 1


def first_name(who: str) -> str:
    """Return the first word of a name; an address whole."""
    return who if "@" in who else (who.split() or [who])[0]
