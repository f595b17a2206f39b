"""Shows a mail's body where it can do no harm: sanitised, in a sandbox, with nothing fetched from elsewhere."""

import base64
import hashlib
import re
from html import escape
from urllib.parse import urlsplit

import nh3

from functions.web.house import Asked
from functions.web.http import Answer
from functions.web.pages.conversations import seen
from ocello.domain import bodies
from ocello.domain.bodies import Body
from ocello.domain.errors import NotFound
from ocello.domain.nesting import bounded
from ocello.services.outgoing import Tracker, original_name

_STYLES = 80  # different style attributes that keep their effect: each takes 53 bytes of a header
_TAGS = frozenset(nh3.ALLOWED_TAGS | {"font", "center", "section", "article", "header", "footer", "main"})
_LOOKS = {
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
_STYLE = re.compile(r' style="([^"]*)"')
_FRAME = (
    "<!doctype html><html><head><meta charset=utf-8><meta name=referrer content=no-referrer><title>{title}</title>"
    "<style>{style}</style></head><body>{body}</body></html>"
)
_LOOK = (
    "html{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;margin:12px;color:#1d2423;background:#fff;"
    "overflow-wrap:anywhere}img{max-width:100%;height:auto}pre{white-space:pre-wrap;font:inherit}"
    "blockquote{margin:0 0 0 8px;padding-left:12px;border-left:3px solid #ccd3d0}"
)


def show(asked: Asked) -> Answer:
    """Show a body for a frame. With `images=1`, pictures are fetched from where they are, save ours."""
    stored = seen(asked)
    raw = asked.house.post.mail.get(original_name(stored.message.id))
    if raw is None:
        raise NotFound("the original is no longer there")
    body = bodies.read(raw)
    remote = asked.request.asked("images") == "1"
    styles: list[str] = []
    if body.html is None:
        inside = f"<pre>{escape(body.text)}</pre>"
    else:
        inside, styles = harmless(body, remote=remote, tracker=asked.house.post.tracker)
    page = _FRAME.format(title=escape(asked.say("The mail")), style=_LOOK, body=inside)
    return Answer(page, headers={"Content-Security-Policy": policy(styles, remote=remote)})


def policy(styles: list[str], *, remote: bool) -> str:
    """Spell the frame's policy: no script, nothing fetched but wished-for pictures, only the styles that are there."""
    hashes = " ".join(f"'sha256-{_digest(style)}'" for style in (_LOOK, *styles))
    pictures = "data: https: http:" if remote else "data:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-hashes' {hashes}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups "
        "allow-popups-to-escape-sandbox"
    )


def harmless(body: Body, *, remote: bool, tracker: Tracker) -> tuple[str, list[str]]:
    """Sanitise HTML; give it with the style attributes that are left in it, each once."""
    ours = urlsplit(tracker.origin).netloc.lower()

    def allow(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return _picture(value, body, ours, remote=remote)
        if tag == "a" and attribute == "href":
            leads = value.lower().startswith(("http://", "https://", "mailto:", "tel:"))
            return (tracker.own(value) or value) if leads else None
        return value

    cleaned = nh3.clean(
        bounded(body.html or "", _TAGS),
        tags=set(_TAGS),
        attributes={"*": _LOOKS, "a": {"href"}, "img": {"src", "alt"} | _LOOKS, "td": {"colspan", "rowspan"} | _LOOKS},
        attribute_filter=allow,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        filter_style_properties=_PROPERTIES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    styles: dict[str, None] = {}

    def keep(match: re.Match[str]) -> str:
        style = match[1].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if "url(" in style.lower() or (style not in styles and len(styles) >= _STYLES):
            return ""
        styles[style] = None
        return match[0]

    return _STYLE.sub(keep, cleaned), list(styles)


def _picture(source: str, body: Body, ours: str, *, remote: bool) -> str | None:
    """Give a picture's address as it may be shown: never one of our tracking origin, whoever put it there."""
    if source.lower().startswith("cid:"):
        found = body.inline.get(source[4:])
        return None if found is None else f"data:{found[0]};base64,{base64.b64encode(found[1]).decode()}"
    if re.match(r"data:image/(?:png|jpeg|gif|webp);base64,", source, re.IGNORECASE):
        return source
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    if not remote or parts.scheme not in ("http", "https") or parts.netloc.rpartition("@")[2].lower() == ours:
        return None
    return source


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
