"""One conversation: its mails as the user may see them, and what their owner can do with them there."""

from collections.abc import Sequence
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.pages.items.items import picked, titles
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common import ids
from ocello.domain.common.errors import NotFound
from ocello.domain.crm.items import MessageLink
from ocello.domain.engagement.reach import first_at, in_order, reach_of
from ocello.domain.engagement.summary import Engagement
from ocello.domain.engagement.uncertainty import doubts_about, untouched
from ocello.domain.messages import visibility
from ocello.domain.messages.message import Message, status_of
from ocello.domain.messages.sharing import SharingUpdate, recipients_among
from ocello.domain.verdicts.verdict import names_network, sentence
from ocello.services.engagement import hits
from ocello.services.inbox import inbox
from ocello.services.sending.ports import StoredMessage

_MESSAGES = 12  # of one conversation, on one page
_HITS = 50
_DIGITS = 12  # of a version


def show(request: PageRequest) -> Answer:
    """Show a conversation, newest mail first: each with its recipients, links and body. `at` is the mail to begin with."""
    conversation, at = request.params["conversation"], request.http.argument("at")
    listed = _listed(request, conversation, at, _MESSAGES + 1)
    mails = _loaded(request, listed[:_MESSAGES])
    done = request.http.argument("done")
    return request.page(
        "conversation.html",
        conversation=conversation,
        subject=mails[0].message.subject,
        messages=[_shown(request, stored) for stored in mails],
        at=at,
        older=listed[_MESSAGES].id if len(listed) > _MESSAGES else None,
        done=done,
        live=False,
        watched=_watched(request, conversation, at, mails),
    )


def watched(request: PageRequest) -> Watched:
    """Return the figures of the mails that a conversation's page shows, as they are now."""
    conversation, at = request.http.argument("of"), request.http.argument("at")
    return _watched(request, conversation, at, _loaded(request, _listed(request, conversation, at, _MESSAGES)))


def _watched(request: PageRequest, conversation: str, at: str, mails: Sequence[StoredMessage]) -> Watched:
    done = request.http.argument("done")
    seen_of = [
        (
            stored.message.id,
            status_of(stored.recipients),
            visibility.shown_recipients(request.user, stored.message.owner, stored.recipients),
            stored.engagement,
        )
        for stored in mails
    ]

    def render() -> str:
        messages = [_shown(request, each) for each in mails]
        return request.part("part/figures_live.html", messages=messages, done=done, live=True)

    fields = (("live", "conversation"), ("of", conversation), ("at", at), ("done", done))
    return Watched(fields, version_of(seen_of), render)


def times(request: PageRequest) -> Answer:
    """Show who opened and clicked the newest tracked mails of a conversation, and when."""
    listed = _listed(request, request.params["conversation"], request.http.argument("at"), _MESSAGES)
    tracked = [each for each in listed if each.tracked][: inbox.COUNTED]
    mails = _loaded(request, tracked) if tracked else ()
    return request.page("part/times.html", messages=[_shown(request, stored) for stored in mails])


def message_times(request: PageRequest) -> Answer:
    """Show who opened and clicked one mail, and when."""
    mails = request.context.contact_book.with_names(request.authenticated.user, [seen(request)])
    return request.page("part/times.html", messages=[_shown(request, stored) for stored in mails])


def message(request: PageRequest) -> Answer:
    """Redirect to a mail's place in its conversation."""
    return go(_place_of(request, seen(request).message))


def message_hits(request: PageRequest) -> Answer:
    """List a message's hits, each with its verdict and the reasons."""
    stored = seen(request)
    cursor = request.http.argument("cursor") or None
    context = hits.context_of(stored, request.context.judging)
    page = hits.list_hits(stored.message.id, context, _HITS, cursor, request.context.hits)
    (stored,) = request.context.contact_book.with_names(request.authenticated.user, [stored])
    people = {each.index: each.mailbox.name or each.mailbox.address for each in stored.recipients}
    shown = [each for each in page.items if hits.shows_hit(request.user, stored, each.hit)]
    said = [[request.say(sentence(why)) for why in each.verdict.reasons] for each in shown]
    return request.page(
        "part/hits.html",
        judged=list(zip(shown, said, strict=True)),
        people=people,
        networks=any(names_network(why) for each in shown for why in each.verdict.reasons),
        next=page.next,
        message=stored.message.id,
    )


def resend(request: PageRequest) -> Answer:
    """Send one recipient's copy again, after it failed or its outcome is unknown."""
    identifier, index = request.params["message"], request.params["index"]
    if not index.isascii() or not index.isdigit() or len(index) > len("65535"):
        raise NotFound("there is nothing at this address")
    stored = request.context.submission.submit_again(request.principal, identifier, int(index))
    return go(_place_of(request, stored.message, done="queued"))


def change(request: PageRequest) -> Answer:
    """Change who may see a mail, and its items, from a form that names the version that it was made from."""
    form = request.http.form()
    version = form.one("version")
    stored = request.context.message_sharing.share(
        request.authenticated.user,
        request.params["message"],
        SharingUpdate(form.one("visibility") or None, picked(form)),
        int(version) if version.isascii() and version.isdigit() and len(version) <= _DIGITS else None,
    )
    return go(_place_of(request, stored.message, done="changed"))


def mute(request: PageRequest) -> Answer:
    """Let nobody be told of a mail's opens and clicks any more."""
    return _mute(request, muted=True)


def unmute(request: PageRequest) -> Answer:
    """Let its owner be told of a mail's opens and clicks again."""
    return _mute(request, muted=False)


def _mute(request: PageRequest, *, muted: bool) -> Answer:
    stored = request.context.muting.mute(request.authenticated.user, request.params["message"], muted=muted)
    return go(_place_of(request, stored.message, done="muted" if muted else "unmuted"))


def seen(request: PageRequest) -> StoredMessage:
    """Return the message that the address names. Raises NotFound if the user may not see it."""
    try:
        return request.context.mail_reader.read(request.authenticated.user, request.params["message"])
    except NotFound:
        raise NotFound("there is no such message") from None


def _visible(request: PageRequest, conversation: str, most: int, upto: str | None) -> Sequence[MessageLink]:
    return request.context.mail_reader.visible(request.authenticated.user, conversation, most, upto)


def _listed(request: PageRequest, conversation: str, at: str, most: int) -> Sequence[MessageLink]:
    """Return the ids of the mails that a conversation's page shows to the user. Raises NotFound if there are none."""
    known = ids.is_id(conversation) and (not at or ids.is_id(at))
    listed = _visible(request, conversation, most, at or None) if known else ()
    if not listed:
        raise NotFound("there is no such conversation")
    return listed


def _loaded(request: PageRequest, listed: Sequence[MessageLink]) -> Sequence[StoredMessage]:
    found = request.context.mail_reader.load(request.authenticated.user, listed)
    if not found:
        raise NotFound("there is no such conversation")
    return request.context.contact_book.with_names(request.authenticated.user, found)


def _place_of(request: PageRequest, message: Message, **more: str) -> str:
    """Return the address of a mail: on the conversation's first page, or on a page that begins with it."""
    newest = {each.id for each in _visible(request, message.conversation_id, _MESSAGES, None)}
    query = {**more, **({} if message.id in newest else {"at": message.id})}
    return f"/app/conversations/{message.conversation_id}{'?' if query else ''}{urlencode(query)}#m-{message.id}"


def _shown(request: PageRequest, stored: StoredMessage) -> dict[str, object]:
    message, engagement = stored.message, stored.engagement or Engagement()
    known = request.context.sending.items.several(message.items)
    recipients = visibility.shown_recipients(request.user, message.owner, stored.recipients)
    mine = message.owner == request.user
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
        "items": [item for item in known.values() if visibility.sees_item(request.authenticated.user, item)],
        "stay": titles(request, stay) if mine else (),
        "chosen": titles(request, [ref for ref in message.items if ref not in stay]) if mine else (),
    }
