"""One conversation: its mails as the user may see them, and what their owner can do with them there."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from functions.web.context import PageRequest
from functions.web.http import Answer, go
from functions.web.numbers import parse_number
from functions.web.pages.items.items import named, picked
from functions.web.rendering.live import Watched, version_of
from ocello.domain.common import ids
from ocello.domain.common.errors import NotFound
from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.reasons import BY_CODE
from ocello.domain.messages.message import Message
from ocello.domain.messages.sharing import SharingUpdate
from ocello.domain.verdicts.verdict import names_network, sentence
from ocello.services.views.mails import MailView

_VERSION_DIGITS, _INDEX_DIGITS = 12, 5


def show(request: PageRequest) -> Answer:
    """Show a conversation, oldest mail first, the newest unfolded. `at` is the mail to end with."""
    conversation, at = request.params["conversation"], request.http.argument("at")
    view = request.context.conversation_views.read(request.authenticated.user, conversation, at)
    own = [mail.message for mail in view.mails if mail.mine and mail.message.tracked]
    return request.page(
        "mail/conversation.html",
        conversation=conversation,
        subject=view.mails[0].message.subject,
        messages=view.mails,
        thread=_thread(view.mails),
        people=view.people,
        received=_said(request, view.received),
        items=list(dict.fromkeys(item for mail in view.mails for item in mail.items)),
        own_tracked=bool(own),
        muted=all(message.muted for message in own),
        settings=request.context.settings.read(request.user),
        answer=ids.uuid7(request.context.clock(), request.context.random_bytes(10)),
        linked={mail.message.id: _linked(request, mail) for mail in view.mails if mail.mine},
        at=at,
        older=view.older,
        done=request.http.argument("done"),
        live=False,
        watched=_watched(request, conversation, at, view.state),
    )


class Place(NamedTuple):
    """A mail on its conversation's page, and whether it is unfolded there."""

    mail: MailView
    open: bool


def _thread(mails: Sequence[MailView]) -> list[Place]:
    """Return mails, which are newest first, oldest first; the newest and the last of the user's own are unfolded."""
    last_own = next((mail for mail in mails if mail.mine), None)
    return [Place(mail, mail is mails[0] or mail is last_own) for mail in reversed(mails)]


def watched(request: PageRequest) -> Watched:
    """Return the figures of the mails that a conversation's page shows, as they are now."""
    conversation, at = request.http.argument("of"), request.http.argument("at")
    state = request.context.conversation_views.state(request.authenticated.user, conversation, at)
    return _watched(request, conversation, at, state)


def _watched(request: PageRequest, conversation: str, at: str, state: tuple[object, ...]) -> Watched:
    done = request.http.argument("done")

    def render() -> str:
        view = request.context.conversation_views.read(request.authenticated.user, conversation, at)
        return request.part(
            "mail/part/figures_live.html",
            messages=view.mails,
            people=view.people,
            received=_said(request, view.received),
            done=done,
            live=True,
        )

    fields = (("live", "conversation"), ("of", conversation), ("at", at), ("done", done))
    return Watched(fields, version_of(state), render)


def _said(request: PageRequest, received: Sequence[ReceivedMail]) -> list[tuple[ReceivedMail, list[str]]]:
    """Return received mails with the reasons why each is taken for what it is, in the user's language."""
    return [(mail, [request.say(BY_CODE[code].sentence) for code in mail.reasons]) for mail in received]


def times(request: PageRequest) -> Answer:
    """Show who opened and clicked the newest tracked mails of a conversation, and when."""
    views, at = request.context.conversation_views, request.http.argument("at")
    return _times(request, views.newest_tracked(request.authenticated.user, request.params["conversation"], at))


def message_times(request: PageRequest) -> Answer:
    """Show who opened and clicked one mail, and when."""
    return _times(
        request, [request.context.conversation_views.one(request.authenticated.user, request.params["message"])]
    )


def _times(request: PageRequest, mails: Sequence[MailView]) -> Answer:
    return request.page("mail/part/times.html", messages=mails)


def message(request: PageRequest) -> Answer:
    """Redirect to a mail's place in its conversation."""
    stored = request.context.mail_reader.read(request.authenticated.user, request.params["message"])
    return go(_place_of(request, stored.message))


def message_hits(request: PageRequest) -> Answer:
    """List a message's hits, each with its verdict and the reasons."""
    identifier, cursor = request.params["message"], request.http.argument("cursor") or None
    page, people = request.context.conversation_views.hits(request.authenticated.user, identifier, cursor)
    said = [[request.say(sentence(why)) for why in each.verdict.reasons] for each in page.items]
    judged = list(zip(page.items, said, strict=True))
    if cursor is None and page.next is None:  # all of them: the newest first, as people ask
        judged.reverse()
    return request.page(
        "mail/part/hits.html" if request.http.by_htmx else "mail/hits.html",
        judged=judged,
        people=people,
        networks=any(names_network(why) for each in page.items for why in each.verdict.reasons),
        next=page.next,
        message=identifier,
        sent_at=page.stored.message.created_at,
    )


def resend(request: PageRequest) -> Answer:
    """Send one recipient's copy again, after it failed or its outcome is unknown."""
    index = parse_number(request.params["index"], _INDEX_DIGITS)
    if index is None:
        raise NotFound("there is nothing at this address")
    stored = request.context.submission.submit_again(request.principal, request.params["message"], index)
    return go(_place_of(request, stored.message, done="queued"))


def change(request: PageRequest) -> Answer:
    """Change who may see a mail, and its items, from a form that names the version that it was made from."""
    form = request.http.form()
    stored = request.context.message_sharing.share(
        request.authenticated.user,
        request.params["message"],
        SharingUpdate(form.one("visibility") or None, picked(form)),
        parse_number(form.one("version"), _VERSION_DIGITS),
    )
    return go(_place_of(request, stored.message, done="changed"))


def mute(request: PageRequest) -> Answer:
    """Let nobody be told of the opens and clicks of a conversation's mails any more."""
    return _mute(request, muted=True)


def unmute(request: PageRequest) -> Answer:
    """Let their owner be told of the opens and clicks of a conversation's mails again."""
    return _mute(request, muted=False)


def _mute(request: PageRequest, *, muted: bool) -> Answer:
    conversation = request.params["conversation"]
    request.context.muting.mute_conversation(request.authenticated.user, conversation, muted=muted)
    return go(f"/app/conversations/{conversation}?done={'muted' if muted else 'unmuted'}")


def _place_of(request: PageRequest, message: Message, **more: str) -> str:
    """Return the address of a mail: on the conversation's first page, or on a page that begins with it."""
    first = request.context.conversation_views.is_on_first_page(request.authenticated.user, message)
    query = {**more, **({} if first else {"at": message.id})}
    return f"/app/conversations/{message.conversation_id}{'?' if query else ''}{urlencode(query)}#m-{message.id}"


def _linked(request: PageRequest, mail: MailView) -> dict[str, list[tuple[str, str]]]:
    """Return the items of one's own mail as a form has them: those that stay, and those that may be unlinked."""
    return {
        "stay": named(request, mail.stay, mail.titles),
        "chosen": named(request, mail.chosen, mail.titles),
    }
