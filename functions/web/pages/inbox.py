"""The inbox, and one conversation of it."""

from urllib.parse import urlencode

from functions.web.house import Asked
from functions.web.http import Answer, go
from ocello.domain import visibility
from ocello.domain.doubts import doubts_about, untouched
from ocello.domain.engagement import Engagement
from ocello.domain.errors import NotFound
from ocello.domain.inbox import ALL, FILTERS
from ocello.domain.messages import status_of
from ocello.domain.verdicts import sentence
from ocello.services import hits, inbox, items
from ocello.services.ports import StoredMessage
from ocello.services.send import send_again

_LINES = 25
_MESSAGES = 12  # of one conversation, at once
_HITS = 50


def show(asked: Asked) -> Answer:
    """List conversations: a filter's, or those that a search finds."""
    house, request = asked.house, asked.request
    text = request.asked("q").strip()[:200]
    chosen = request.asked("show", ALL)
    item = request.asked("item")
    name = f"item:{item}" if item else chosen if chosen in FILTERS else ALL
    following = None
    if text:
        listed = inbox.search(asked.user, text, 50, store=house.inbox, engagements=house.engagements)
    else:
        page = inbox.read(
            asked.user,
            name,
            _LINES,
            request.asked("cursor") or None,
            now=house.clock(),
            messages=house.post.messages,
            store=house.inbox,
            engagements=house.engagements,
        )
        listed = page.items
        following = (
            None
            if page.next is None
            else "/app?" + urlencode({"item" if item else "show": item or name, "cursor": page.next})
        )
    return asked.page(
        "inbox.html",
        listed=listed,
        following=following,
        filters=FILTERS,
        chosen=name,
        text=text,
        connected=any(account.verified for account in house.accounts.of(asked.user)),
    )


def times(asked: Asked) -> Answer:
    """Show who opened and clicked the tracked mails of a conversation, and when."""
    found = _messages(asked)[: inbox.COUNTED]
    return asked.page("part/times.html", messages=[_shown(asked, stored) for stored in found if stored.message.tracked])


def conversation(asked: Asked) -> Answer:
    """Show a conversation: each mail with its recipients, links and body."""
    found = _messages(asked)
    return asked.page(
        "conversation.html",
        subject=found[0].message.subject,
        messages=[_shown(asked, stored) for stored in found],
        done=asked.request.asked("done"),
    )


def message(asked: Asked) -> Answer:
    """Lead to the conversation of a message, where it stands; of somebody else's, show that message alone."""
    stored = seen(asked)
    if stored.message.owner != asked.user:
        shown = [_shown(asked, stored)]
        return asked.page("conversation.html", subject=stored.message.subject, messages=shown, done="")
    return go(f"/app/conversations/{stored.message.conversation_id}#m-{stored.message.id}")


def message_hits(asked: Asked) -> Answer:
    """List a message's hits, each with its verdict and the reasons."""
    stored = seen(asked)
    cursor = asked.request.asked("cursor") or None
    page = hits.list_hits(stored.message.id, len(stored.report.links), _HITS, cursor, asked.house.hits)
    people = {recipient.index: recipient.mailbox.address for recipient in stored.recipients}
    shown = [each for each in page.items if hits.shows_hit(asked.user, stored, each.hit)]
    judged = [(each.hit, each.verdict, [asked.say(sentence(why)) for why in each.verdict.reasons]) for each in shown]
    return asked.page("part/hits.html", judged=judged, people=people, next=page.next, message=stored.message.id)


def resend(asked: Asked) -> Answer:
    """Send one recipient's copy again, after it failed or nobody knows."""
    stored = own(asked)
    index = asked.params["index"]
    if not index.isascii() or not index.isdigit() or len(index) > len("65535"):
        raise NotFound("there is nothing at this address")
    send_again(asked.visit.user, stored.message.id, int(index), asked.house.post)
    return go(f"/app/conversations/{stored.message.conversation_id}?done=queued#m-{stored.message.id}")


def seen(asked: Asked) -> StoredMessage:
    """Give the message that the address names. Raises NotFound where the asker may not see it."""
    post = asked.house.post
    try:
        return items.readable(asked.visit.user, asked.params["message"], post.messages, post.items)
    except NotFound:
        raise NotFound("there is no such message") from None


def own(asked: Asked) -> StoredMessage:
    """Give the message that the address names. Raises NotFound where it is not the asker's."""
    stored = asked.house.post.messages.load(asked.params["message"])
    if stored is None or stored.message.owner != asked.user:
        raise NotFound("there is no such message")
    return stored


def _messages(asked: Asked) -> list[StoredMessage]:
    """Give the newest messages of the conversation that the address names. Raises NotFound."""
    kept = asked.house.inbox.entry(asked.user, asked.params["conversation"])
    wanted = [line.message for line in kept.entry.lines[:_MESSAGES]] if kept else [asked.params["conversation"]]
    loaded = (asked.house.post.messages.load(identifier) for identifier in wanted)
    found = [stored for stored in loaded if stored is not None and stored.message.owner == asked.user]
    if not found:
        raise NotFound("there is no such conversation")
    return found


def _shown(asked: Asked, stored: StoredMessage) -> dict[str, object]:
    message, engagement = stored.message, stored.engagement or Engagement()
    known = asked.house.post.items.several(message.items)
    recipients = visibility.shown_recipients(asked.user, message.owner, stored.recipients)
    return {
        "message": message,
        "mine": message.owner == asked.user,
        "status": status_of(stored.recipients),
        "opens": engagement.message_opens,
        "clicks": engagement.message_clicks,
        "recipients": [(recipient, engagement.recipient(recipient.index)) for recipient in recipients],
        "doubts": {
            each.index: doubts_about(message, stored.report, each, stored.engagement or Engagement())
            for each in recipients
        },
        "untouched": {each.index: untouched(each, stored.report) for each in recipients},
        "links": [(link, engagement.link(link.index)) for link in stored.report.links],
        "untracked": stored.report.untracked,
        "items": [item for item in known.values() if visibility.sees_item(asked.visit.user, item)],
    }
