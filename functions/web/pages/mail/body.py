"""Shows a mail's body so that it can do no harm: sanitised, in a sandbox, with nothing loaded from elsewhere."""

import base64
import hashlib
import ipaddress
import re
from html import escape

import nh3

from functions.web.context import PageRequest
from functions.web.http import Answer
from ocello.domain.mail import bodies
from ocello.domain.mail.bodies import Body
from ocello.domain.mail.nesting import limit_nesting
from ocello.services.sending.outgoing import Tracker

_STYLES = 80  # different style attributes that have an effect: each takes 53 bytes of a header
_TAGS = frozenset(nh3.ALLOWED_TAGS | {"font", "center", "section", "article", "header", "footer", "main"})
_LOOK_ATTRIBUTES = {
    "style",
    "align",
    "valign",
    "width",
    "height",
    "bgcolor",
    "color",
    "border",
    "cellpadding",
    "cellspacing",
    "dir",
}
_PROPERTIES = {
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-radius",
    "border-right", "border-top", "color", "display", "font", "font-family", "font-size", "font-style", "font-weight",
    "height", "letter-spacing", "line-height", "list-style", "margin", "margin-bottom", "margin-left", "margin-right",
    "margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right",
    "padding-top", "text-align", "text-decoration", "text-transform", "vertical-align", "white-space", "width",
}  # fmt: skip
# A value that loads nothing and means what it shows: without escapes, comments and functions except of colours and sums.
_VALUE = re.compile(
    r"""(?:(?:rgba?|hsla?|calc)\([^"'\\(){}<>]*\)|"[^"\\<>]*"|'[^'\\<>]*'|[^"'\\(){}<>])*+""", re.IGNORECASE
)
_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
# An address whose host every reader reads alike: browsers read `\\` as `/`, drop tabs, and map letters beyond ASCII.
_ADDRESS = re.compile(
    r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(?:[/?#].*)?", re.IGNORECASE | re.DOTALL
)
_FRAME = (
    "<!doctype html><html><head><meta charset=utf-8><meta name=referrer content=no-referrer><title>{title}</title>"
    "<style>{style}</style></head><body{blocked}>{body}</body></html>"
)
_LOOK = (
    "html{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;margin:12px;color:#1d2423;background:#fff;"
    "overflow-wrap:anywhere}img{max-width:100%;height:auto}pre{white-space:pre-wrap;font:inherit}"
    "blockquote{margin:0 0 0 8px;padding-left:12px;border-left:3px solid #ccd3d0}"
)


def show(request: PageRequest) -> Answer:
    """Show a body for a frame. With `images=1`, images are loaded from their origins, except ours.

    Without, `data-blocked` says whether there are any.
    """
    source = request.context.stored_mail.source(request.authenticated.user, request.params["message"])
    body = bodies.parse_body(source)
    remote = request.http.argument("images") == "1"
    styles: list[str] = []
    blocked = False
    if body.html is None:
        inside = f"<pre>{escape(body.text)}</pre>"
    else:
        inside, styles, blocked = harmless(body, remote=remote, tracker=request.context.sending.tracker)
    page = _FRAME.format(
        title=escape(request.say("The mail")), style=_LOOK, body=inside, blocked=" data-blocked" * blocked
    )
    return Answer(page, headers={"Content-Security-Policy": policy(styles, remote=remote)})


def policy(styles: list[str], *, remote: bool) -> str:
    """Return the frame's policy: no scripts, no loading except of images that were asked for, only the given styles."""
    hashes = " ".join(f"'sha256-{_digest(style)}'" for style in (_LOOK, *styles))
    pictures = "data: https: http:" if remote else "data:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-hashes' {hashes}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups "
        "allow-popups-to-escape-sandbox"
    )


def harmless(body: Body, *, remote: bool, tracker: Tracker) -> tuple[str, list[str], bool]:
    """Return sanitised HTML, the style attributes in it, each once, and whether images were left out that may be loaded.

    Nothing may edit the result.
    """
    ours = _place(tracker.origin)
    styles: dict[str, None] = {}
    left_out: list[str] = []

    def allow(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            return _kept(_style(value), styles)
        if tag == "img" and attribute == "src":
            source = _picture(value, body, ours)
            if source is not None and not remote and not source.startswith("data:"):
                left_out.append(source)
                return None
            return source
        if tag == "a" and attribute == "href":
            leads = value.lower().startswith(("http://", "https://", "mailto:", "tel:"))
            return (tracker.own(value) or value) if leads else None
        return value

    cleaned = nh3.clean(
        limit_nesting(body.html or "", _TAGS),
        tags=set(_TAGS),
        attributes={
            "*": _LOOK_ATTRIBUTES,
            "a": {"href"},
            "img": {"src", "alt"} | _LOOK_ATTRIBUTES,
            "td": {"colspan", "rowspan"} | _LOOK_ATTRIBUTES,
        },
        attribute_filter=allow,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return cleaned, list(styles), bool(left_out)


def _style(text: str) -> str:
    """Return the declarations of a style attribute that only change how things look."""
    kept = []
    for declaration in text.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), " ".join(value.split())
        if name in _PROPERTIES and value and "/*" not in value and _VALUE.fullmatch(value):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def _kept(style: str, styles: dict[str, None]) -> str | None:
    """Add a style to those of the policy, and return it; None if nothing of it is left, or if the policy is full."""
    if not style or (style not in styles and len(styles) >= _STYLES):
        return None
    styles[style] = None
    return style


def _picture(source: str, body: Body, ours: tuple[str, str] | None) -> str | None:
    """Return a picture's address if it may be loaded; never one of our tracking origin, whoever put it there."""
    if source.lower().startswith("cid:"):
        found = body.inline.get(source[4:])
        return None if found is None else f"data:{found[0]};base64,{base64.b64encode(found[1]).decode()}"
    source = source.strip()
    if _DATA.fullmatch(source):
        return source
    place = _place(source)
    return None if place is None or place == ours else source


def _place(address: str) -> tuple[str, str] | None:
    """Return host and port of an address; the two usual ports count as one, as one may redirect to the other.

    None if it is not a plain web address: nobody can say which host a browser would then ask.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    host, port = found[1].lower().rstrip("."), (found[2] or "").lstrip("0")
    if host.startswith("[") or host.rpartition(".")[2][:1].isdigit():  # browsers read `127.1` and `0x7f.1` as numbers
        try:
            number = ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return None
        number = getattr(number, "ipv4_mapped", None) or number
        host = "localhost" if number.is_loopback else str(number)
    return host, "" if port in ("80", "443") else port


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
