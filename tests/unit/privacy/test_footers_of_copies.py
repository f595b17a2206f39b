"""Each copy's footer: of its own recipient, in their language, the same bytes each time; a user's own copy has none."""

import re
from dataclasses import replace

import pytest

from ocello.adapters.consent.notice_files import texts
from ocello.domain.consent.ladder import Decision
from ocello.domain.messages.footers import NO_DATES, ConsentDates
from ocello.domain.messages.message import OWN_USER, Mailbox, Recipient
from ocello.domain.tracking import tokens
from tests.fakes.engagement.tracking import MESSAGE, ORIGIN, TRACKER
from tests.fakes.world import KEYRING

WITH = replace(TRACKER, footers=texts("footer"), language="it")
HTML = b"Content-Type: text/html; charset=us-ascii\r\n\r\n<p>Hello <a href=https://e.test/a>x</a></p>\r\n"
BOTH = Decision("individual", "individual", "consent", "eu-strict/1", None, "allowed")
OFF = Decision("off", "off", None, "eu-strict/1", "recipient", "consent-unknown")


def reader(index=0, address="ann@customer.test", decision=BOTH, untracked=""):
    return Recipient(index, Mailbox(address), "to", tracking=decision, untracked=untracked)


def copy_for(recipient, raw=HTML, dates=NO_DATES):
    return WITH.copy(raw, MESSAGE, recipient, {recipient.index: dates})


def link_of(raw):
    found = re.search(rf"{ORIGIN}/p/([A-Za-z0-9_-]+)", raw.decode())
    return tokens.verify(KEYRING, found[1], tokens.PRIVACY)


def test_a_copys_footer_leads_to_its_own_recipients_page_and_can_only_refuse():
    copies = [copy_for(reader(index)).raw for index in (0, 1)]
    links = [link_of(raw) for raw in copies]
    assert [(link.message, link.recipient, link.flags) for link in links] == [
        (MESSAGE.id, 0, tokens.ASK),
        (MESSAGE.id, 1, tokens.ASK),
    ]


def test_a_copy_has_the_same_bytes_each_time():
    dates = ConsentDates("2026-11-03", "2026-11-03")
    assert copy_for(reader(), dates=dates) == copy_for(reader(), dates=dates)
    assert b"03/11/2026" in copy_for(reader(), dates=dates).raw


@pytest.mark.parametrize(
    ("address", "language"), [("a@e.fr", "fr"), ("a@e.it", "it"), ("a@e.de", "en"), ("a@e.test", "it")]
)
def test_the_footer_is_in_the_language_of_the_readers_country_else_the_workspaces(address, language):
    assert f'<div lang="{language}"'.encode() in copy_for(reader(address=address)).raw


def test_the_language_that_was_known_when_it_was_sent_goes_before_the_address():
    said = replace(reader(address="a@e.it"), language="fr")
    assert b'<div lang="fr"' in copy_for(said).raw


def test_a_copy_that_is_not_tracked_equals_the_original_but_for_the_footer():
    raw = copy_for(reader(decision=OFF)).raw
    assert re.sub(rb"(?s)\r\n<div lang=.*</div>\r\n", b"", raw) == HTML
    assert b"/o/" not in raw
    assert b"/c/" not in raw


def test_own_copies_have_none_and_no_copy_where_there_are_no_footers():
    assert b"/p/" not in copy_for(reader(untracked=OWN_USER)).raw
    assert b"/p/" not in WITH.copy(HTML, MESSAGE, reader()).raw


def test_where_no_footer_can_be_written_nothing_is_tracked():
    raw = b"Content-Type: application/pkcs7-mime\r\n\r\nx"
    assert copy_for(reader(), raw)[:2] == (raw, "no-footer")


def test_a_footer_that_a_reply_quotes_leads_to_the_page_about_the_host():
    earlier = copy_for(reader(1)).raw
    quoted = re.search(rb"https://[^\"]*/p/[^\"]*", earlier)[0]
    reply = (
        b"Content-Type: text/html\r\n\r\n<p>new</p><blockquote type=cite><a href='" + quoted + b"'>x</a></blockquote>"
    )
    message = replace(MESSAGE, id="01936c3e-7a10-7c4f-9b21-0a1b2c3d4e60")
    raw = WITH.copy(reply, message, reader(), {}).raw
    assert quoted not in raw
    assert f"href='{ORIGIN}/about'".encode() in raw
