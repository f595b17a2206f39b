"""What the HTML of a mail that is written here may hold, and the images that it shows."""

import re

import nh3

from ocello.domain.mail import images
from ocello.domain.mail.nesting import limit_nesting

_TAGS = frozenset({
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "hr", "i", "img", "li", "ol", "p", "pre", "s", "span",
    "strong", "u", "ul",
})  # fmt: skip
_IMAGE = re.compile(r"/app/images/([0-9a-f-]{36})")
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_NO_IMAGE = re.compile(r'<img(?: (?:alt|title|lang)="[^"]*")*>')  # what is left of an image that was not uploaded here


def clean(html: str) -> str:
    """Return the HTML that mail needs, without anything active, and only with images that were uploaded here."""

    def allow(tag: str, attribute: str, value: str) -> str | None:
        return None if (tag, attribute) == ("img", "src") and not _IMAGE.fullmatch(value) else value

    def sanitised(text: str) -> str:
        return nh3.clean(
            text, tags=set(_TAGS), attributes=_ATTRIBUTES, attribute_filter=allow, url_schemes=_SCHEMES, link_rel=None
        )

    cleaned = sanitised(limit_nesting(html, _TAGS))
    without = _NO_IMAGE.sub("", cleaned)
    return cleaned if without == cleaned else sanitised(without)  # the sanitiser runs last


def shown_images(html: str) -> tuple[str, ...]:
    """Return the uploads that a cleaned body shows, each once."""
    return embedded(html)[1]


def embedded(html: str) -> tuple[str, tuple[str, ...]]:
    """Return HTML that refers to its images by `cid:`, as mail does, and the uploads, each once."""
    uploads: dict[str, None] = {}

    def refer(tag: str, attribute: str, value: str) -> str | None:
        found = _IMAGE.fullmatch(value) if (tag, attribute) == ("img", "src") else None
        if found is None:
            return value
        uploads[found[1]] = None
        return f"cid:{images.content_id(found[1])}"

    spelled = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=refer,
        url_schemes=_SCHEMES | {"cid"},
        link_rel=None,
    )
    return spelled, tuple(uploads)
