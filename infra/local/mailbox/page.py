"""The mailbox's page: lists delivered copies and shows one as a mail client would, acting as client and network.

It calls nothing but the tracking origin, and a mail's own code never runs: the policy is strict, and the frame is
sandboxed.
"""

import datetime as dt
import email
import email.policy
import html
import http.client
import urllib.parse
from collections.abc import Mapping
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from infra.local.mailbox import clients, copies, mailbox, rendering

# The functions read the user pool's keys here, because the pool's own address is not known before the deploy.
JWKS = "/.well-known/jwks.json"
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:64rem;padding:0 1rem;color:#1c2430}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #dfe3e8}
iframe{width:100%;height:34rem;border:1px solid #c5ccd4;background:#fff}code{word-break:break-all}a{color:#0b57a4}
form{display:flex;gap:1rem;flex-wrap:wrap;align-items:center;margin:1rem 0;padding:.7rem;background:#f2f4f7}"""
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


class View(NamedTuple):
    """How a mail is shown: with which client, from which address, and whether images are loaded."""

    client: str = "gmail"
    address: str = ""
    images: bool = False

    def query(self, **more: str) -> str:
        """Return the view as a query."""
        own = {"client": self.client, "address": self.address, "images": "1" if self.images else "0"}
        return urllib.parse.urlencode({**own, **more})


class Reply(NamedTuple):
    """The page's answer."""

    status: int
    body: bytes
    kind: str = "text/html; charset=utf-8"
    policy: str = _POLICY


def _page(title: str, body: str, status: int = 200) -> Reply:
    text = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
    )
    return Reply(status, f"{text}<body>{body}</body></html>".encode())


def view_of(query: Mapping[str, str]) -> View:
    """Return the view that a query names; unknown values become the default."""
    client = query.get("client", "gmail")
    return View(
        client if client in clients.CLIENTS else "gmail", _address(query.get("address", "")), query.get("images") == "1"
    )


def _address(text: str) -> str:
    """Return a text if it can be a network address and cannot start a new header line."""
    return text if len(text) <= 64 and all(c in "0123456789abcdefABCDEF:.," for c in text) else ""


class Pages:
    """The pages, without a server."""

    def __init__(self, maildir: mailbox.Maildir, tracking: str, own: str) -> None:
        self.maildir = maildir
        self._tracking = tracking
        self._own = own
        self.jwks = ""  # the address of the user pool's keys in the engine, once it is known

    def answer(self, path: str, query: Mapping[str, str]) -> Reply:
        """Answer one GET request."""
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        match parts:
            case [""]:
                return self._list()
            case ["mail" | "body" | "source" as what, recipient, name]:
                return self._mail(what, recipient, name, view_of(query))
            case ["image"]:
                return self._image(query.get("url", ""), view_of(query))
            case [".well-known", "jwks.json"] if self.jwks:
                return Reply(200, clients.request("GET", self.jwks, {}).body, "application/json")
            case ["follow"]:
                return self._follow(query.get("url", ""), view_of(query))
        return _page("Not here", "<p>There is nothing here. <a href='/'>All mails</a></p>", 404)

    def _list(self) -> Reply:
        rows: list[str] = []
        for copy in self.maildir.copies()[:500]:
            message = _parse(self.maildir.read(copy.recipient, copy.name) or b"")
            when = dt.datetime.fromtimestamp(copy.at / 1000, dt.UTC).strftime("%d %b %H:%M:%S")
            link = f"/mail/{urllib.parse.quote(copy.recipient, safe='')}/{copy.name}"
            subject = html.escape(_header(message, "Subject") or "(no subject)")
            rows.append(
                f"<tr><td>{when}<td>{html.escape(copy.recipient)}<td>{html.escape(_header(message, 'From'))}"
                f"<td><a href='{html.escape(link)}'>{subject}</a>"
            )
        table = f"<table><tr><th>came (UTC)<th>to<th>from<th>subject{''.join(rows)}</table>"
        return _page("Mailbox", "<h1>Mailbox</h1>" + (table if rows else "<p>No mail yet.</p>"))

    def _mail(self, what: str, recipient: str, name: str, view: View) -> Reply:
        content = self.maildir.read(recipient, name)
        if content is None:
            return _page("Not here", "<p>No such mail. <a href='/'>All mails</a></p>", 404)
        if what == "source":
            return Reply(200, content, "text/plain; charset=utf-8")
        if what == "body":
            shown = rendering.body(
                _parse(content), lambda kind, url: self._address_for(kind, url, view), images=view.images
            )
            policy = (
                f"default-src 'none'; img-src {self._own if view.images else ''} data:; style-src 'unsafe-inline'; "
                f"form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox {_SANDBOX}"
            )
            return Reply(200, shown.encode("utf-8", "replace"), policy=policy)
        scanned = self._scanned(content, view.address) if view.client == "scanner" else ""
        return self._frame(_parse(content), recipient, name, view, scanned)

    def _scanned(self, content: bytes, address: str) -> str:
        """Fetch a mail's addresses as a scanning gateway does, and return a sentence about it."""
        found = copies.tracked(content, self._tracking)
        clients.scan(found.pixels, found.links, address)
        return f"<p role=status>The gateway fetched {len(found.pixels[:1])} images and {len(found.links)} links.</p>"

    def _address_for(self, kind: str, url: str, view: View) -> str:
        return f"/{kind}?{view.query(url=url)}"

    def _frame(self, message: EmailMessage, recipient: str, name: str, view: View, note: str) -> Reply:
        place = f"{urllib.parse.quote(recipient, safe='')}/{name}"
        options = "".join(
            f"<option value={key}{' selected' if key == view.client else ''}>{html.escape(client.name)}"
            for key, client in clients.CLIENTS.items()
        )
        heads = "".join(
            f"<tr><th>{field}<td>{html.escape(_header(message, field))}"
            for field in ("From", "To", "Cc", "Date", "Subject")
        )
        usual = clients.CLIENTS[view.client].address
        checked = " checked" if view.images else ""
        form = (
            f"<form><label>client <select name=client>{options}</select></label>"
            f"<label>address <input name=address value='{html.escape(view.address)}' placeholder='{usual}'></label>"
            f"<label><input type=checkbox name=images value=1{checked}> load images</label>"
            f"<button>Read</button><a href='/source/{html.escape(place)}'>source</a></form>"
        )
        source = html.escape(f"/body/{place}?{view.query()}")
        frame = f"<iframe title=mail sandbox='{_SANDBOX}' src='{source}'></iframe>"
        top = f"<p><a href='/'>All mails</a> · delivered to {html.escape(recipient)}</p><table>{heads}</table>"
        body = f"{top}{form}{note}{frame}"
        return _page(_header(message, "Subject"), body)

    def _ours(self, url: str) -> bool:
        return url.startswith(self._tracking + "/")

    def _image(self, url: str, view: View) -> Reply:
        if not self._ours(url):
            return Reply(404, b"This mailbox reaches the tracking origin only.", "text/plain")
        answer = clients.load_image(clients.CLIENTS[view.client], url, view.address)
        kind = answer.headers.get("content-type", "")
        return Reply(answer.status, answer.body, kind if kind.startswith("image/") else "text/plain")

    def _follow(self, url: str, view: View) -> Reply:
        client = clients.CLIENTS[view.client]
        shown = html.escape(url)
        if not self._ours(url):
            return _page(
                "A link", f"<h1>An ordinary link</h1><p>It leads to <code>{shown}</code>; nothing was requested.</p>"
            )
        answer = (
            clients.scan_link(client, url, view.address)
            if view.client == "scanner"
            else clients.open_link(client, url, view.address)
        )
        target = html.escape(answer.headers.get("location", ""))
        words = f"to <code>{target}</code>" if target else html.escape(answer.body.decode("utf-8", "replace")[:500])
        return _page("A click", f"<h1>Clicked as {html.escape(client.name)}</h1><p>Answer: {answer.status} {words}</p>")


def _parse(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, TypeError, AttributeError):  # the parser itself raises these on broken headers
        return ""


def server(pages: Pages, port: int) -> ThreadingHTTPServer:
    """Return the page's server on loopback; `serve_forever()` and `shutdown()` are its own."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            if self.headers.get("Host") not in hosts:
                reply = Reply(421, b"Ask 127.0.0.1.", "text/plain")
            else:
                try:
                    reply = pages.answer(parts.path, query)
                except (OSError, http.client.HTTPException):
                    reply = Reply(502, b"The tracking origin does not answer.", "text/plain")
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Content-Security-Policy", reply.policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
            """Log nothing: a path may hold a token."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
