"""Web addresses in the text of a mail being written: those that are no links, and links whose text is their address."""

import re
from html.parser import HTMLParser

MOST = 20  # of each, reported at once
_PATH = r"[^\s<>\"«»“”]*"
# Common top-level domains. A word with any other ending, such as `offer.pdf`, is an address only if a path follows.
_ENDINGS = (
    "ai|app|at|be|biz|ch|cloud|co|com|cz|de|dev|dk|edu|es|eu|example|fi|fr|gov|ie|info|io|it|net|nl|no|org|pl|pt|se|test"
    "|tv|uk|us"
)
_ADDRESS = re.compile(
    rf"(?<![\w@.\-/])(?:https?://{_PATH}|www\.[\w\-]{_PATH}"
    rf"|(?:[a-z0-9][a-z0-9\-]*\.)+(?:(?:{_ENDINGS})(?![\w.@\-])(?:[/?#]{_PATH})?|[a-z]{{2,24}}/{_PATH}))",
    re.IGNORECASE,
)
_AFTER = ".,;:!?'\")]}>*_~"
_FULL = re.compile(r"https?://\S+", re.IGNORECASE)


class _Texts(HTMLParser):
    """Collects the text outside of links, and the links with their texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outside: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._link: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._link = dict(attrs).get("href") or "", []
        elif tag not in ("b", "i", "u", "em", "strong", "span", "s", "code"):
            self.outside.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            address, pieces = self._link
            self.links.append((address, "".join(pieces).replace("\u200b", "").strip()))
            self.outside.append(" ")
            self._link = None

    def handle_data(self, data: str) -> None:
        (self.outside if self._link is None else self._link[1]).append(data)


def bare_addresses(html: str) -> tuple[str, ...]:
    """Return the web addresses in the text that are not links, each once."""
    found = (match[0].rstrip(_AFTER) for match in _ADDRESS.finditer("".join(_read(html).outside)))
    return tuple(dict.fromkeys(each for each in found if not each.endswith("://")))[:MOST]


def links_showing_address(html: str) -> tuple[str, ...]:
    """Return the addresses of links whose text is a whole web address, each once."""
    return tuple(dict.fromkeys(address for address, text in _read(html).links if _FULL.fullmatch(text)))[:MOST]


def _read(html: str) -> _Texts:
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return parser
