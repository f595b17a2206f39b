"""A tracked mail of the rep's, sent to people of whom each did something, and what pages then say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape

from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.messages.message import ItemRef
from ocello.services.inbox import inbox
from ocello.services.sending.send import send
from tests.fakes.web import REP, Stage

DEAL = ItemRef("deal", "42")


def add_deal(stage: Stage) -> None:
    """Add the deal that the mails are linked to, which everybody sees."""
    stage.items.put(Item(DEAL, "Press", REP.address, "company", maker=REP.id, made_at=1, version=1), None)


def send_tracked(stage: Stage, acts: Mapping[str, Actions]) -> str:
    """Send a mail to people of these names, each of whom did what stands there. Return its id."""
    stage.clock.now += 60_000
    draft = Draft(
        to=tuple(f"{name}@customer.test" for name in acts),
        subject="Offer",
        html='<a href="https://example.com/">here</a>',
        track=Track(opens=True, clicks=True),
        items=(DEAL,),
    )
    sent = send(draft, REP, None, stage.context.sending).message
    for index in range(len(acts)):
        stage.messages.rows[sent.id, index] = replace(stage.messages.rows[sent.id, index], status="sent")
    done = {index: did for index, did in enumerate(acts.values()) if did != Actions()}
    if done:
        opens, clicks = (_sum([getattr(each, kind) for each in done.values()]) for kind in ("opens", "clicks"))
        stage.messages.engagements[sent.id] = Engagement(opens, clicks, done)
    stored = stage.messages.load(sent.id)
    assert stored is not None
    inbox.add_message(stored, stage.inbox)
    return sent.id


def words_of(html: str) -> str:
    """Return what a piece of a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _sum(parts: Sequence[Summary]) -> Summary:
    return Summary(*(sum(getattr(each, name) for each in parts) for name in ("count", "machine", "unknown")))
