"""Replies and forwards as Thunderbird 153.7 and Roundcube 1.6.5 wrote them, to a mail tracked by the tests' own key.

Each file in tests/replies is what its program handed to the mail server, named after the program, the mail that was
answered (with HTML, or text alone), what was done, and the form of what was written.
"""

import email
import email.policy
import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ocello.domain.mail import rewriting
from ocello.domain.tracking import tokens
from tests.fakes.engagement.tracking import MESSAGE, ORIGIN, READER, TRACKER

REPLIES = Path(__file__).resolve().parents[4] / "replies"
WRITTEN = sorted(path.stem for path in REPLIES.glob("*.eml"))
TARGETS = [
    "https://example.test/offer?b=1&c=2",
    "https://example.test/terms_",
    "https://example.test/" + "long/" * 30,
    "https://example.test/team#rosa",
]
BROKEN = re.compile(r"[ \t]*\r?\n(?:[ \t]*[>|])*[ \t]*")
OURS = re.compile(rf"{re.escape(ORIGIN)}/([oc])/(?:{BROKEN.pattern})?([\w\-]+)")
HREF = re.compile(r'href="(.*?)"', re.DOTALL)


def bodies(raw):
    """Return the text of each body, by its kind."""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    return {
        part.get_content_subtype(): part.get_content() for part in found.walk() if part.get_content_maintype() == "text"
    }


def named(body, kind):
    """Return the addresses in a body, in their order: a link's in HTML, a written one's in text, with its lines joined."""
    if kind == "html":
        return [html.unescape(address) for address in HREF.findall(body) if address.startswith("http")]
    found = BROKEN.sub("", body)
    return [target for _, target in sorted((found.find(target), target) for target in TARGETS) if target in found]


@pytest.fixture(params=WRITTEN)
def written(request):
    return (REPLIES / f"{request.param}.eml").read_bytes()


def test_the_programs_left_earlier_addresses_in_every_body(written):
    for body in bodies(written).values():
        assert len(OURS.findall(body)) >= len(TARGETS)


@pytest.mark.parametrize("changes", [{}, {"track_clicks": False}, {"track_clicks": False, "track_opens": False}])
def test_no_earlier_address_is_left_in_any_body(written, changes):
    mail = replace(MESSAGE, **changes)
    tracked = rewriting.track(written, TRACKER._context(mail, 0))
    for body in bodies(tracked.copy).values():
        for kind, token in OURS.findall(body):
            purpose = tokens.OPEN if kind == "o" else tokens.CLICK
            assert tokens.verify(TRACKER.keyring, token, purpose).message == MESSAGE.id
    assert rewriting.restore(tracked.copy, tracked.edits) == written
    assert TRACKER.copy(tracked.copy, mail, READER).raw == tracked.copy


def test_every_body_names_the_targets_again(written):
    nothing = TRACKER._context(replace(MESSAGE, track_clicks=False, track_opens=False), 0)
    copy = rewriting.track(written, nothing).copy
    assert ORIGIN.encode() not in copy
    for kind, body in bodies(copy).items():
        assert named(body, kind) == TARGETS


def test_the_links_of_the_reply_are_those_of_the_mail_that_it_answers(written):
    links = rewriting.track(written, TRACKER._context(MESSAGE, 0)).links
    assert [link.url for link in links] == TARGETS
