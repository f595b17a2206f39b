"""A mail whose hits are gone never says that nobody opened it: it says what is no longer kept, and until when the rest is."""

import re
from html import unescape

import pytest

from ocello.domain.common.times import DAY_MS
from ocello.domain.engagement.summary import Engagement
from tests.fakes.engagement.settling import a_hit
from tests.fakes.web import REP
from tests.unit.web.test_web_engagement import mail

NOBODY = "Nobody has opened or clicked yet"
NOT_LISTED = "before that are no longer kept; what they came to is"
NOT_KNOWN = "Whether this mail was opened or clicked is no longer kept: that is deleted 396 days after the last time."


@pytest.fixture
def opened(stage):
    return mail(stage, "opened")


def words(answer):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def hits(stage, message):
    return words(stage.browser(REP).get(f"/app/messages/{message}/hits"))


def page(stage, message):
    conversation = stage.messages.messages[message].message.conversation_id
    return words(stage.browser(REP).get(f"/app/conversations/{conversation}"))


def test_of_a_young_mail_nobody_has_opened_yet_is_said(stage, opened):
    assert NOBODY in hits(stage, opened)


def test_while_hits_are_listed_it_is_said_until_when(stage, opened):
    stage.hits.hits.append(a_hit(message=opened)._replace(at=stage.clock.now))
    stage.clock.now += DAY_MS
    seen = hits(stage, opened)
    assert re.search(r"is listed for 30 days, the first of these until .*2026", seen)
    assert NOT_LISTED not in seen


def test_once_hits_may_be_gone_the_list_says_so_and_does_not_claim_that_nobody_opened(stage, opened):
    stage.clock.now += 29 * DAY_MS
    assert NOBODY in hits(stage, opened), "on the last day they are all there"
    stage.clock.now += 1
    seen = hits(stage, opened)
    assert NOT_LISTED in seen
    assert NOBODY not in seen
    assert NOT_KNOWN not in page(stage, opened)


def test_once_the_counts_are_deleted_too_the_page_says_so(stage, opened):
    stage.clock.now += 396 * DAY_MS + 1
    assert NOT_KNOWN not in page(stage, opened), "what was opened late is still there"
    stage.messages.engagements[opened] = Engagement()
    assert NOT_KNOWN in page(stage, opened)


def test_of_a_young_mail_that_nobody_opened_nothing_is_said_to_be_gone(stage):
    silent = mail(stage, "silent")
    assert NOT_KNOWN not in page(stage, silent)
