"""Mails that once failed: how bytes are encoded, which part is the body, where the pixel is."""

import email
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ocello.domain.mail import rewriting
from ocello.domain.mail.compose import Track
from ocello.services.sending.track import instrument
from tests import fakes
from tests.fakes.engagement.tracking import content_of, context
from tests.fakes.world import USER

CASES = Path(__file__).parents[3] / "rewriting_cases"
EXPECTED = json.loads((CASES / "bytes.json").read_text())
ORIGIN = "https://t.example.test"
_CLICK = re.compile(rf"{ORIGIN}(/c/[A-Za-z0-9_-]+)")
_PIXEL = re.compile(rf"<img [^>]*{ORIGIN}/o/[^>]*>")
each_case = pytest.mark.parametrize("name", EXPECTED)


class Events(HTMLParser):
    """What a browser is told of: tags with their attributes, texts, comments."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))

    def handle_endtag(self, tag):
        self.found.append(tag)

    def handle_data(self, data):
        self.found.append(data)

    def handle_comment(self, data):
        self.found.append(("comment", data))


def copy_of(name):
    raw = (CASES / f"{name}.eml").read_bytes()
    sending = fakes.sending_ports(USER)
    both = Track(opens=True, clicks=True)
    stored, copies = instrument(raw, ("someone@customer.test",), both, USER, sending)
    return raw, copies[0][1], stored.report, sending.tracker


def parts(raw, charset):
    """Return each part's media type and, of text, its characters; comments of RFC 2045 are beyond the library."""
    found = []
    for part in email.message_from_bytes(raw).walk():
        coding = part.get("Content-Transfer-Encoding", "")
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = re.sub(r"\(.*?\)", "", coding).strip()
        text = content_of(part).decode(charset) if part.get_content_maintype() == "text" else ""
        found.append((part.get_content_type(), text))
    return found


def tracked_by(tracker, text):
    """Return a text with the targets in place of our addresses, and without our pixel: the sender's text."""
    assert not re.search(rf"{ORIGIN}/[co]/[A-Za-z0-9_-]+[A-Za-z0-9_-]", _CLICK.sub("", _PIXEL.sub("", text)))
    return _CLICK.sub(lambda match: tracker.own(match[0]).replace("&", "&amp;"), _PIXEL.sub("", text))


@each_case
def test_a_case_comes_out_right(name):
    raw, copy, report, tracker = copy_of(name)
    wanted = EXPECTED[name]
    if wanted["links"] is not None:
        assert [link.url for link in report.links] == wanted["links"]
    assert set(wanted.get("left", ())) <= {note.reason for note in report.untracked}
    charset = wanted.get("charset", "utf-8")
    before, after = parts(raw, charset), parts(copy, charset)
    assert [kind for kind, _ in before] == [kind for kind, _ in after]
    for (kind, one), (_, two) in zip(before, after, strict=True):
        if kind in ("text/html", "text/plain"):
            assert tracked_by(tracker, two) == one
            assert Events(tracked_by(tracker, two)).found == Events(one).found
            assert _PIXEL.sub("", re.sub(r"(?s)<!--.*?(?:-->|\Z)", "", two)).count("/o/") == 0


@each_case
def test_a_case_has_a_way_back(name):
    raw = (CASES / f"{name}.eml").read_bytes()
    tracked = rewriting.track(raw, context())
    assert rewriting.restore(tracked.copy, tracked.edits) == raw
    assert rewriting.track(tracked.copy, context()).edits == ()


@each_case
def test_the_pixel_of_a_case_is_shown(name):
    _, copy, report, _ = copy_of(name)
    if {"no-html", "transfer-encoding"} & {note.reason for note in report.untracked}:
        return
    shown = [re.sub(r"(?s)<!--.*?(?:-->|\Z)", "", text or "") for _, text in parts(copy, "latin-1")]
    assert sum(len(_PIXEL.findall(text)) for text in shown) == 1


@each_case
def test_every_click_of_a_case_leads_on(name):
    _, copy, report, tracker = copy_of(name)
    texts = "".join(text or "" for _, text in parts(copy, "latin-1"))
    targets = [tracker.own(ORIGIN + path) for path in _CLICK.findall(texts)]
    assert targets == [link.url for link in report.links]
