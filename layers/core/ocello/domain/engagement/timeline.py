"""What happened to a mail, moment by moment: who sent, opened and clicked it, as far as its engagement still tells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from ocello.domain.engagement.summary import Engagement
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient


class Moment(NamedTuple):
    """One moment. Sorts by time."""

    at: int  # ms
    kind: Literal["sent", "open", "click"]
    message: str
    subject: str
    who: str = ""  # name or address; empty where hits tell nobody apart, or the row kept the time alone
    link: str = ""  # of a click: the link's text or address; empty where that is not known


def moments_of(
    message: Message, recipients: Sequence[Recipient], links: Sequence[Link], engagement: Engagement
) -> Iterator[Moment]:
    """Return what the engagement tells of, in no order; `recipients` are those that may be heard of."""
    about = message.id, message.subject
    yield Moment(message.created_at, "sent", *about, _named(message.sender))
    people = [(_named(each.mailbox), each.index, engagement.recipient(each.index)) for each in recipients]
    opens = Counter(engagement.message_opens.times)
    for name, _, actions in people:
        yield from (Moment(at, "open", *about, name) for at in actions.opens.times)
        opens -= Counter(actions.opens.times)
    yield from (Moment(at, "open", *about) for at in opens.elements())
    texts = {link.index: link.text or link.url for link in links}
    only = _only_link(engagement, texts)
    rung = {(ring.at, ring.recipient): texts.get(ring.link, "") for ring in engagement.alerts if ring.link is not None}
    clicks = Counter(engagement.message_clicks.times)
    for name, index, actions in people:
        yield from (Moment(at, "click", *about, name, rung.get((at, index), only)) for at in actions.clicks.times)
        clicks -= Counter(actions.clicks.times)
    yield from (Moment(at, "click", *about, "", only) for at in clicks.elements())


def _only_link(engagement: Engagement, texts: Mapping[int, str]) -> str:
    """Return the link that every counted click followed, where it was one and the same; else nothing."""
    clicked = [index for index, summary in engagement.links.items() if summary.count]
    if len(clicked) != 1 or engagement.link(clicked[0]).count != engagement.message_clicks.count:
        return ""
    return texts.get(clicked[0], "")


def _named(mailbox: Mailbox) -> str:
    return mailbox.name or mailbox.address
