"""Whole mails on which mail trackers are known to stumble: what is tracked of each, and what must hold of every one.

Each mail is in tests/rewriting_cases; what is right of it stands in links.json there.
"""

import email
import email.policy
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ocello.domain.mail import rewriting
from tests.fakes.engagement.tracking import MESSAGE, ORIGIN, READER, TRACKER, content_of

CASES = Path(__file__).resolve().parents[3] / "rewriting_cases"
LINKS = json.loads((CASES / "links.json").read_text("utf-8"))
OURS = re.compile(rf"{ORIGIN}/[oc]/[A-Za-z0-9_\-]+\??")
COMMENT = re.compile(r"<!--.*?(?:--!?>|\Z)", re.DOTALL)


class Events(HTMLParser):
    """What a document says, our links as what they lead to and our pixel left out."""

    def __init__(self, document):
        super().__init__(convert_charrefs=False)
        self.seen = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        address = dict(attrs).get("src") or ""
        if not (tag == "img" and TRACKER.own(address) == rewriting.PIXEL):
            self.seen.append((tag, [(name, plain(value or "")) for name, value in attrs]))

    def handle_endtag(self, tag):
        self.seen.append(tag)

    def handle_data(self, data):
        if self.seen and isinstance(self.seen[-1], list):
            self.seen[-1].append(data)
        else:
            self.seen.append([data])

    def handle_comment(self, data):
        self.seen.append(("comment", [each for each in Events(data).seen if "endif" not in str(each)]))

    handle_decl = unknown_decl = handle_pi = handle_entityref = handle_charref = handle_data


def plain(text):
    """Return text with our addresses replaced by their targets."""
    return OURS.sub(lambda match: TRACKER.own(match[0]) or "", text)


def decoded(raw):
    """Return each part of a mail: its type, what frames it, and its text."""
    parts = []
    for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
        text = None if part.is_multipart() else content_of(part).decode(part.get_content_charset("utf-8"))
        parts.append((part.get_content_type(), part.get_boundary(), text))
    return parts


def everywhere(raw, copy, edits):
    """Assert what holds of every copy."""
    assert rewriting.restore(copy, edits) == raw
    assert TRACKER.copy(copy, MESSAGE, READER).raw == copy
    before, after = decoded(raw), decoded(copy)
    assert [part[:2] for part in before] == [part[:2] for part in after]
    for (kind, _, old), (_, _, new) in zip(before, after, strict=True):
        if new is None:
            continue
        for address in OURS.finditer(new):
            assert TRACKER.own(address[0]) is not None
            assert not re.match(r"[A-Za-z0-9_\-]", new[address.end() :])
        if kind == "text/html":
            assert Events(new).seen == Events(old).seen
            assert COMMENT.sub("", new).count(f"{ORIGIN}/o/") == 1
        else:
            assert plain(new) == old


@pytest.mark.parametrize("name", LINKS)
def test_a_mail_is_tracked_as_it_should_be(name):
    raw, right = (CASES / f"{name}.eml").read_bytes(), LINKS[name]
    copy, report = TRACKER.copy(raw, MESSAGE, READER).raw, TRACKER.report(raw, MESSAGE, [READER])
    tracked = rewriting.track(raw, TRACKER._context(MESSAGE, 0))
    assert (tracked.copy, tracked.links) == (copy, report.links)
    everywhere(raw, copy, tracked.edits)
    if "many" in right:
        assert len(report.links) == right["many"]
    else:
        assert [link.url for link in report.links] == right["links"]
    assert set(right.get("left", ())) <= {note.reason for note in report.untracked}
    written = [TRACKER.own(address) for address in OURS.findall(decoded(copy)[-1][2]) if "/c/" in address]
    assert written == [link.url for link in report.links]
    assert right.get("visible", "") in COMMENT.sub("", decoded(copy)[-1][2])
