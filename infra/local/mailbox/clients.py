"""Mail clients and networks to act as: what each sends when it loads an image or follows a link."""

import http.client
import urllib.parse
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

_CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
_SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"
NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "it-IT,it;q=0.9,en;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
}


class Client(NamedTuple):
    """A mail client: the agent that loads images, the agent that opens links, and the address of the first."""

    name: str
    images: str
    links: str
    address: str  # where images are loaded from: the provider's networks or those for documentation (RFC 5737)
    home: str = "203.0.113.25"  # where links are opened from


CLIENTS: Mapping[str, Client] = {
    "gmail": Client(
        "Gmail on the web",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        _CHROME,
        "66.249.84.1",
    ),
    "apple-private": Client("Apple Mail with privacy protection", "Mozilla/5.0", _SAFARI, "172.224.226.10"),
    "apple": Client(
        "Apple Mail",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        _SAFARI,
        "203.0.113.25",
    ),
    "outlook": Client(
        "Outlook for Windows",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; "
        "Microsoft Outlook 16.0; ms-office; MSOffice 16)",
        _CHROME,
        "203.0.113.25",
    ),
    "thunderbird": Client(
        "Thunderbird",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
        "203.0.113.25",
    ),
    "yahoo": Client(
        "Yahoo Mail", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", _CHROME, "98.136.1.1"
    ),
    "browser": Client("Web mail in a browser", _CHROME, _CHROME, "203.0.113.25"),
    "scanner": Client("A gateway that scans links", _CHROME, _CHROME, "198.51.100.7", home="198.51.100.7"),
}


class Answer(NamedTuple):
    """An origin's answer: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """Send one plain HTTP request, without following redirects. Raises OSError or http.client.HTTPException."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        fields = {name.lower(): answer.headers.get_all(name, []) for name in answer.headers}
        return Answer(answer.status, {name: ", ".join(values) for name, values in fields.items()}, answer.read())
    finally:
        connection.close()


def load_image(client: Client, url: str, address: str = "", method: str = "GET") -> Answer:
    """Load an image as `client` does, from `address` or the client's default one."""
    headers = {"User-Agent": client.images, "X-Forwarded-For": address or client.address, "Accept": "image/*,*/*;q=0.5"}
    return request(method, url, headers)


def open_link(client: Client, url: str, address: str = "", method: str = "GET") -> Answer:
    """Open a link as a person does who reads with `client`."""
    return request(method, url, {"User-Agent": client.links, "X-Forwarded-For": address or client.home, **NAVIGATION})


def scan(pixels: Sequence[str], links: Sequence[str], address: str = "") -> None:
    """Fetch what is in a mail as a scanning gateway does: one image, and all links at once."""
    scanner = CLIENTS["scanner"]
    for pixel in pixels[:1]:
        load_image(scanner, pixel, address)
    with ThreadPoolExecutor(5) as hands:
        list(hands.map(lambda link: scan_link(scanner, link, address), links))


def scan_link(client: Client, url: str, address: str = "") -> Answer:
    """Fetch a link as a scanning gateway does: an ordinary agent, without the headers that a browser adds to a person's click."""
    return request("GET", url, {"User-Agent": client.links, "X-Forwarded-For": address or client.home})
