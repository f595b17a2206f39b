"""Rewriting of published mail, compared with what the standard library's own parsers find in it."""

import email
import re
import shutil
from html.parser import HTMLParser

import pytest

from ocello.domain.mail import rewriting
from tests import real_mail
from tests.fakes.engagement.tracking import HOST, context, own

if shutil.which("npm") is None:
    pytest.skip("npm is missing, which fetches mail that nobody here wrote", allow_module_level=True)

HTML = dict(real_mail.html_files())
MESSAGES = dict(real_mail.message_files())
UNTOUCHED = rewriting.TrackingContext(HOST, own=own)
NEVER = re.compile(r"unsubscribe|opt[-_]?out|\{\{|%%|\*\|", re.IGNORECASE)
CONDITIONAL = re.compile(r"<!--\[if[^\]]*\]>(?!-->|<!--)(.*?)<!\[endif\]-->", re.DOTALL)


class Links(HTMLParser):
    """The standard library's view of a document's links, Outlook's comments included."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.found = []
        self.pixels = 0

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "href" and (tag in ("a", "area") or tag.startswith("v:")):
                self.found.append((value or "").strip())
                break
        if tag == "img" and dict(attrs).get("src") == context().open_url:
            self.pixels += 1

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)


def links_of(document):
    parser = Links()
    parser.feed(CONDITIONAL.sub(lambda match: match[1], document))
    parser.close()
    return parser


def message_of(document):
    return b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + document


def test_there_is_enough_real_mail_to_mean_something():
    assert len(HTML) >= 200
    assert sum(document.count(b"<!--[if") for document in HTML.values()) >= 443
    assert len(MESSAGES) >= 40


@pytest.mark.parametrize("name", HTML)
def test_every_trackable_link_of_a_real_document_is_tracked_and_one_pixel_put_in(name):
    document = HTML[name].decode("utf-8", "surrogateescape")
    tracked = rewriting.track_html(HTML[name], "utf-8", context())
    before, after = links_of(document), links_of(tracked.copy.decode("utf-8", "surrogateescape"))
    wanted = [url for url in before.found if url.lower().startswith(("http://", "https://")) and not NEVER.search(url)]
    left = {note.where for note in tracked.untracked if note.reason in ("unsubscribe", "address-text")}
    assert [link.url for link in tracked.links] == [url for url in wanted if url not in left]
    assert {note.reason for note in tracked.untracked if note.where in wanted} <= {"unsubscribe", "address-text"}
    assert [own(url) or url for url in after.found] == before.found
    assert after.pixels == 1


@pytest.mark.parametrize("name", HTML)
def test_a_real_document_is_restored_byte_for_byte_and_tracked_once_only(name):
    for original in (HTML[name], message_of(HTML[name])):
        track = (
            rewriting.track if original is not HTML[name] else lambda raw, how: rewriting.track_html(raw, "utf-8", how)
        )
        tracked = track(original, context())
        assert rewriting.restore(tracked.copy, tracked.edits) == original
        again = track(tracked.copy, context())
        assert (again.copy, again.links, again.untracked) == (tracked.copy, tracked.links, tracked.untracked)
        assert track(tracked.copy, UNTOUCHED).links == ()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_real_message_is_restored_byte_for_byte_and_keeps_its_parts(name):
    for original in (MESSAGES[name], MESSAGES[name].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")):
        for how in (context(), context(plain_text=True)):
            tracked = rewriting.track(original, how)
            assert rewriting.restore(tracked.copy, tracked.edits) == original
            assert rewriting.track(tracked.copy, how).copy == tracked.copy
            before, after = email.message_from_bytes(original), email.message_from_bytes(tracked.copy)
            assert [part.get_content_type() for part in after.walk()] == [
                part.get_content_type() for part in before.walk()
            ]
