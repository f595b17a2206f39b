"""The footer: a line with a link to its recipient's page, and its place below what the sender wrote."""

import html
import re
from typing import NamedTuple

from ocello.domain.mail.rewriting import pixel
from ocello.domain.mail.rewriting.context import Footer, plain_address

# Text and background both have a colour of their own: on a mail with a dark background it stays readable (7:1).
_STYLE = "clear:both;margin:16px 0 8px;padding:4px 0;background:#fff;color:#595959;font:12px/1.5 Arial,sans-serif;text-align:left"
_LINE_END = re.compile(r"\r?\n")
_QUOTED = re.compile(r"^>", re.MULTILINE)
_ANSWER = re.compile(r"^(?!>)[ \t]*+[^\s>]", re.ASCII | re.MULTILINE)
_SEPARATOR = re.compile(
    r"^(?:-{2,} ?(?:Original Message|Forwarded message|Messaggio originale|Messaggio inoltrato|Message d'origine"
    r"|Message transf[^\n-]{1,3}r[^\n-]{1,2}|Urspr[^\n-]{1,2}ngliche Nachricht) ?-{2,}"
    r"|Begin forwarded message:|_{20,}+(?=[ \t]*+\r?\n(?:From|Da|De|Von) ?:))[ \t]*+\r?$",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_DIGIT = re.compile(r"\d", re.ASCII)
_ATTRIBUTION = 3  # lines at most: "On Tuesday, 3 November 2026, Ann wrote:", as clients wrap it


class HtmlPlace(NamedTuple):
    """Where the footer of an HTML part stands."""

    text: str
    place: pixel.Place

    def insert(self, footer: Footer) -> tuple[int, str]:
        """Return the place and the markup; it has lines of its own, so that no line of the mail becomes too long."""
        at, end = self.place.below(), _line_end(self.text)
        sentence, label = html.escape(footer.sentence), html.escape(footer.label)
        link = f'<a href="{plain_address(footer.url)}" style="color:#595959">{label}</a>'
        return at, f'{end}<div lang="{footer.language}" dir="ltr" style="{_STYLE}">{sentence}{end}{link}</div>{end}'


class PlainPlace(NamedTuple):
    """Where the footer of a plain text stands."""

    text: str

    def insert(self, footer: Footer) -> tuple[int, str]:
        """Return the place and the lines: the link has one of its own, and nothing follows it there."""
        text, end = self.text, _line_end(self.text)
        lines = f"{footer.sentence}{end}{footer.label}:{end}{plain_address(footer.url)}"
        at = _quoted(text)
        if at is not None:
            return at, f"{lines}{end}{end}"
        if not text.strip():
            return len(text), f"{lines}{end}"
        whole = text.endswith("\n")
        return len(text), f"{end}{lines}{end}" if whole else f"{end}{end}{lines}"


def _line_end(text: str) -> str:
    """Return the line end of the first line, or CRLF."""
    first = _LINE_END.search(text)
    return first[0] if first else "\r\n"


def _quoted(text: str) -> int | None:
    """Return where the quoted mail below an answer begins; None if there is none, or if it has answers below or inside."""
    separator, quoted = _SEPARATOR.search(text), _QUOTED.search(text)
    if separator and (quoted is None or separator.start() < quoted.start()):
        at = separator.start()
    elif quoted is None or _ANSWER.search(text, quoted.start()):
        return None
    else:
        at = _attribution(text, quoted.start())
    return at if text[:at].strip() else None


def _attribution(text: str, quoted: int) -> int:
    """Return where the lines begin that say whose mail is quoted; `quoted` if there are none."""
    above = text[:quoted].rstrip()
    if not above.endswith(":"):
        return quoted
    start = len(above)
    for _ in range(_ATTRIBUTION):
        start = above.rfind("\n", 0, max(0, start - 1)) + 1
        if start == 0 or _DIGIT.search(above, start):  # the line with the date is the first
            break
    return start
