"""One conversation: its mails as whoever asks may see them, and what their owner does with them there."""

from collections.abc import Sequence
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.live import Watched, version_of
from functions.web.pages.items import picked, titles
from ocello.domain.common import ids
from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import MessageLink
from ocello.domain.engagement.reach import first_at, in_order, reach_of
from ocello.domain.engagement.summary import Engagement
from ocello.domain.engagement.uncertainty import doubts_about, untouched
from ocello.domain.messages import visibility
from ocello.domain.messages.message import Message, status_of
from ocello.domain.messages.sharing import SharingUpdate, recipients_among
from ocello.domain.verdicts.verdict import Context, sentence
from ocello.services.engagement import hits
from ocello.services.inbox import conversations, inbox
from ocello.services.inbox.contacts import named
from ocello.services.inbox.sharing import share
from ocello.services.items import items
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import send_again

_MESSAGES = 12  # of one conversation, at once
_HITS = 50
_DIGITS = 12  # of a version


def show(asked: PageRequest) -> Answer:
    """Show a conversation, newest mail first: each with its recipients, links and body. `at` is the mail to begin with."""
    conversation, at = asked.params["conversation"], asked.request.asked("at")
    listed = _listed(asked, conversation, at, _MESSAGES + 1)
    mails = _loaded(asked, listed[:_MESSAGES])
    done = asked.request.asked("done")
    return asked.page(
        "conversation.html",
        conversation=conversation,
        subject=mails[0].message.subject,
        messages=[_shown(asked, stored) for stored in mails],
        at=at,
        older=listed[_MESSAGES].id if len(listed) > _MESSAGES else None,
        done=done,
        live=False,
        watched=_watched(asked, conversation, at, mails),
    )


def watched(asked: PageRequest) -> Watched:
    """Return the figures of the mails that the page of a conversation shows, as they stand now."""
    conversation, at = asked.request.asked("of"), asked.request.asked("at")
    return _watched(asked, conversation, at, _loaded(asked, _listed(asked, conversation, at, _MESSAGES)))


def _watched(asked: PageRequest, conversation: str, at: str, mails: Sequence[StoredMessage]) -> Watched:
    done = asked.request.asked("done")
    seen_of = [
        (
            stored.message.id,
            status_of(stored.recipients),
            visibility.shown_recipients(asked.user, stored.message.owner, stored.recipients),
            stored.engagement,
        )
        for stored in mails
    ]

    def render() -> str:
        messages = [_shown(asked, each) for each in mails]
        return asked.part("part/figures_live.html", messages=messages, done=done, live=True)

    fields = (("live", "conversation"), ("of", conversation), ("at", at), ("done", done))
    return Watched(fields, version_of(seen_of), render)


def times(asked: PageRequest) -> Answer:
    """Show who opened and clicked the newest tracked mails of a conversation, and when."""
    listed = _listed(asked, asked.params["conversation"], asked.request.asked("at"), _MESSAGES)
    tracked = [each for each in listed if each.tracked][: inbox.COUNTED]
    mails = _loaded(asked, tracked) if tracked else ()
    return asked.page("part/times.html", messages=[_shown(asked, stored) for stored in mails])


def message_times(asked: PageRequest) -> Answer:
    """Show who opened and clicked one mail, and when."""
    mails = named(asked.visit.user, [seen(asked)], asked.house.post.items)
    return asked.page("part/times.html", messages=[_shown(asked, stored) for stored in mails])


def message(asked: PageRequest) -> Answer:
    """Lead to where a mail stands in its conversation."""
    return go(_place_of(asked, seen(asked).message))


def message_hits(asked: PageRequest) -> Answer:
    """List a message's hits, each with its verdict and the reasons."""
    stored = seen(asked)
    cursor = asked.request.asked("cursor") or None
    context = Context(len(stored.report.links), asked.house.own_networks)
    page = hits.list_hits(stored.message.id, context, _HITS, cursor, asked.house.hits)
    (stored,) = named(asked.visit.user, [stored], asked.house.post.items)
    people = {each.index: each.mailbox.name or each.mailbox.address for each in stored.recipients}
    shown = [each for each in page.items if hits.shows_hit(asked.user, stored, each.hit)]
    said = [[asked.say(sentence(why)) for why in each.verdict.reasons] for each in shown]
    return asked.page(
        "part/hits.html",
        judged=list(zip(shown, said, strict=True)),
        people=people,
        next=page.next,
        message=stored.message.id,
    )


def resend(asked: PageRequest) -> Answer:
    """Send one recipient's copy again, after it failed or nobody knows."""
    identifier, index = asked.params["message"], asked.params["index"]
    if not index.isascii() or not index.isdigit() or len(index) > len("65535"):
        raise NotFound("there is nothing at this address")
    asked.house.post.pace.take("send", asked.principal)
    stored = send_again(asked.visit.user, identifier, int(index), asked.house.post)
    return go(_place_of(asked, stored.message, done="queued"))


def change(asked: PageRequest) -> Answer:
    """Change who may see a mail, and its items, as the form says; it names the version that it was made of."""
    form, post = asked.request.form(), asked.house.post
    version = form.one("version")
    stored = share(
        asked.visit.user,
        asked.params["message"],
        SharingUpdate(form.one("visibility") or None, picked(form)),
        int(version) if version.isascii() and version.isdigit() and len(version) <= _DIGITS else None,
        messages=post.messages,
        items=post.items,
        index=asked.house.linked,
        lists=asked.house.inbox,
        clock=asked.house.clock,
    )
    return go(_place_of(asked, stored.message, done="changed"))


def seen(asked: PageRequest) -> StoredMessage:
    """Return the message that the address names. Raises NotFound where the asker may not see it."""
    post = asked.house.post
    try:
        return items.readable(asked.visit.user, asked.params["message"], post.messages, post.items)
    except NotFound:
        raise NotFound("there is no such message") from None


def _visible(asked: PageRequest, conversation: str, most: int, upto: str | None) -> Sequence[MessageLink]:
    house = asked.house
    return conversations.visible(asked.visit.user, conversation, most, upto, index=house.linked, items=house.post.items)


def _listed(asked: PageRequest, conversation: str, at: str, most: int) -> Sequence[MessageLink]:
    """Name the mails that a page of the conversation shows to the asker. Raises NotFound where there are none."""
    known = ids.is_id(conversation) and (not at or ids.is_id(at))
    listed = _visible(asked, conversation, most, at or None) if known else ()
    if not listed:
        raise NotFound("there is no such conversation")
    return listed


def _loaded(asked: PageRequest, listed: Sequence[MessageLink]) -> Sequence[StoredMessage]:
    post = asked.house.post
    found = conversations.loaded(asked.visit.user, listed, store=post.messages, items=post.items)
    if not found:
        raise NotFound("there is no such conversation")
    return named(asked.visit.user, found, post.items)


def _place_of(asked: PageRequest, message: Message, **more: str) -> str:
    """Return the address at which a mail stands: on the conversation's first page, or on one that begins with it."""
    newest = {each.id for each in _visible(asked, message.conversation_id, _MESSAGES, None)}
    query = {**more, **({} if message.id in newest else {"at": message.id})}
    return f"/app/conversations/{message.conversation_id}{'?' if query else ''}{urlencode(query)}#m-{message.id}"


def _shown(asked: PageRequest, stored: StoredMessage) -> dict[str, object]:
    message, engagement = stored.message, stored.engagement or Engagement()
    known = asked.house.post.items.several(message.items)
    recipients = visibility.shown_recipients(asked.user, message.owner, stored.recipients)
    mine = message.owner == asked.user
    stay = recipients_among(message.items, stored.recipients, known) if mine else ()
    return {
        "message": message,
        "mine": mine,
        "status": status_of(stored.recipients),
        "opens": engagement.message_opens,
        "clicks": engagement.message_clicks,
        "recipients": in_order([(recipient, engagement.recipient(recipient.index)) for recipient in recipients]),
        "reach": reach_of(engagement.recipient(recipient.index) for recipient in recipients),
        "first_at": {each.index: first_at(engagement.recipient(each.index)) for each in recipients},
        "doubts": {each.index: doubts_about(message, stored.report, each, engagement) for each in recipients},
        "untouched": {each.index: untouched(each, stored.report) for each in recipients},
        "links": [(link, engagement.link(link.index)) for link in stored.report.links],
        "untracked": stored.report.untracked,
        "items": [item for item in known.values() if visibility.sees_item(asked.visit.user, item)],
        "stay": titles(asked, stay) if mine else (),
        "chosen": titles(asked, [ref for ref in message.items if ref not in stay]) if mine else (),
    }
