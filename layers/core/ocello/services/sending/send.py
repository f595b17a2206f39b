"""Takes a message to be sent. Everything is stored before anything is queued; copies that cannot be queued are marked."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Invalid, NotFound, NotQueued, Unavailable
from ocello.domain.common.texts import Text
from ocello.domain.mail import compose, images, mime
from ocello.domain.mail.compose import Composed, Draft, Enclosed
from ocello.domain.messages import delivery
from ocello.domain.messages.message import (
    LONGEST_IDEMPOTENCY_KEY,
    MAX_MESSAGE_BYTES,
    OWN_USER,
    Mailbox,
    Message,
    Recipient,
)
from ocello.domain.people.users import Account, User
from ocello.services.accounts.ports import AccountStore
from ocello.services.consent.deciding import choice_of
from ocello.services.items.items import link_persons
from ocello.services.sending import threads
from ocello.services.sending.outgoing import SendingPorts, original_name, read_image, upload_name
from ocello.services.sending.own_copies import decide_for, planned
from ocello.services.sending.ports import StoredMessage

_RANDOM_BYTES = 22  # random bytes: ten for the id, twelve for the MIME boundaries
_QUEUE_TRIES = 2  # in addition to those of the queue's own adapter


def send(draft: Draft, user: User, idempotency_key: str | None, sending: SendingPorts) -> StoredMessage:
    """Store and queue a message; the recipients of the result show what is queued.

    If this user used the `idempotency_key` before with the same draft, the result is the earlier message, and those of
    its copies that never reached the queue are queued again; a different draft raises Conflict. Raises Invalid,
    TooLarge, Conflict without a verified account, and NotQueued if nothing could be queued: then every recipient is
    recorded as failed, and asking again with the same key queues them. Raises TrackingNotPermitted for a mode of tracking
    that is named and not allowed: then nothing is stored.
    """
    composed = compose.check(draft)
    account = sending_account(user, sending.accounts, draft.sender)
    request = request_digest(draft)
    idempotency = None if idempotency_key is None else _idempotency(idempotency_key)
    earlier = None if idempotency is None else sending.messages.earlier(user.id, idempotency)
    if earlier is not None:
        return _repeat_request(earlier, request, sending)

    settings = sending.settings.read(user.id)
    sender = Mailbox(account.address, account.name or user.name)
    choice = choice_of(draft.track, settings)
    recipients = decide_for(composed.recipients, choice, sender.address, user, sending, composed.items)
    attachment_bytes(user, draft, sending)
    attachments = [_attachment(user, place, each, sending) for place, each in enumerate(draft.attachments)]
    inline = [_image(user, place, upload, sending) for place, upload in enumerate(draft.images)]
    now, random_bytes = sending.clock(), sending.random_bytes(_RANDOM_BYTES)
    identifier = ids.uuid7(now, random_bytes[:10])
    message, raw = write(composed, identifier, user, sender, sending, now, random_bytes[10:], attachments, inline)
    message = replace(message, request_digest=request, never_track=settings.never_track)
    message = link_persons(message, recipients, user, sending.items)
    stored = store(planned(message, recipients, raw, choice, sending), raw, idempotency, sending)
    if isinstance(stored, str):
        return _repeat_request(stored, request, sending)
    return queue_copies(stored, stored.recipients, sending)


def write(
    composed: Composed,
    identifier: str,
    user: User,
    sender: Mailbox,
    sending: SendingPorts,
    now: int,
    random_bytes: bytes,
    attachments: Sequence[mime.Attachment] = (),
    inline: Sequence[mime.Image] = (),
) -> tuple[Message, bytes]:
    """Return a new message and its original, in its place in its conversation. Nothing is stored yet."""
    message_id = compose.message_id_of(identifier, sender)
    place = threads.answer(user.id, composed.in_reply_to, identifier, sending)
    raw = compose.build_original(
        composed,
        sender,
        message_id,
        at_ms=now,
        attachments=attachments,
        images=inline,
        references=place.references,
        random_bytes=random_bytes,
    )
    message = Message(
        id=identifier,
        owner=user.id,
        message_id=message_id,
        conversation_id=place.conversation,
        sender=sender,
        subject=composed.subject,
        preview=composed.preview,
        created_at=now,
        visibility=composed.visibility,
        items=composed.items,
        in_reply_to=composed.in_reply_to,
        references=place.references,
        size=len(raw),
        excepted=composed.excepted,
    )
    return message, raw


def store(whole: StoredMessage, raw: bytes, idempotency: str | None, sending: SendingPorts) -> StoredMessage | str:
    """Store the original, note whose copies are tracked, then store the rest in one write.

    Return the earlier message's id if `idempotency` made one. The copies are noted first: one that leaves without its
    row could never be silenced.
    """
    sending.mail.put(original_name(whole.message.id), raw, "message/rfc822")
    sending.subjects.note(whole.message, whole.recipients)
    earlier = sending.messages.create(whole, idempotency)
    return whole if earlier is None else earlier


def send_again(user: User, message: str, index: int, sending: SendingPorts) -> StoredMessage:
    """Queue one recipient's copy again, because a person asked for it after *failed*, *unknown* or *bounced*.

    A copy that is still waiting is tried now; that is always safe, because no copy is claimed twice. Raises NotFound,
    Conflict for a copy that left or that its user sends, and Unavailable.
    """
    stored = sending.messages.load(message)
    found = None if stored is None else next((each for each in stored.recipients if each.index == index), None)
    if stored is None or found is None or stored.message.owner != user.id:
        raise NotFound("no such message, or no such recipient of it")
    if stored.message.by_caller:
        raise Conflict("this message was only instrumented here: its sender sends it")
    now = sending.clock()
    cut_short = found.status == "sending" and now - found.changed_at > delivery.STALE_AFTER_MS
    if found.status not in delivery.SENT_AGAIN and not cut_short:
        raise Conflict(Text("this copy is %(status)s", status=Text(found.status)))
    fresh = replace(
        found,
        status="queued",
        diagnostic="",
        attempts=0,
        provider_message_id="",
        changed_at=now,
        sent_at=0,
        delivered_at=0,
        untracked=OWN_USER if found.untracked == OWN_USER else "",
    )
    sending.subjects.note(stored.message, [fresh])  # of mail that was stored before copies were noted
    if not sending.recipients.record(message, fresh, frozenset({found.status})):
        raise Conflict("this copy's state has just changed: look again")
    recipients = tuple(fresh if each.index == index else each for each in stored.recipients)
    return queue_copies(replace(stored, recipients=recipients), [fresh], sending)


def sending_account(user: User, accounts: AccountStore, wanted: str = "") -> Account:
    """Return the account to send from: `wanted`, or the user's own verified address, or the first verified one.

    Raises Conflict without a verified account, and Invalid if `wanted` is not one of them.
    """
    verified = senders(user, accounts)
    if not verified:
        raise Conflict("connect a sending account first: no verified address to send from")
    if not wanted:
        return verified[0]
    found = next((account for account in verified if account.address == wanted), None)
    if found is None:
        raise Invalid("from", "is not an address that you can send from")
    return found


def senders(user: User, accounts: AccountStore) -> list[Account]:
    """Return the accounts that a user may send from, the default one first."""
    verified = [account for account in accounts.of(user.id) if account.verified]
    return sorted(verified, key=lambda account: account.address != user.address)


def _repeat_request(identifier: str, request: str, sending: SendingPorts) -> StoredMessage:
    """Return the message that the first request made, and queue those of its copies that never reached the queue."""
    stored = sending.messages.load(identifier)
    if stored is None:
        raise Unavailable("the message of this Idempotency-Key cannot be read")
    if stored.message.request_digest != request:
        raise Conflict("this Idempotency-Key was used for a different request")
    recipients: list[Recipient] = []
    for each in stored.recipients:
        current = each
        if each.status == "failed" and each.diagnostic == delivery.NOT_QUEUED:
            fresh = replace(each, status="queued", diagnostic="", changed_at=sending.clock())
            if sending.recipients.record(identifier, fresh, frozenset({"failed"})):
                current = fresh
        recipients.append(current)
    waiting = [each for each in recipients if each.status == "queued"]
    return queue_copies(replace(stored, recipients=tuple(recipients)), waiting, sending)


def queue_copies(stored: StoredMessage, waiting: Sequence[Recipient], sending: SendingPorts) -> StoredMessage:
    """Queue the copies of `waiting`; record those that the queue does not take as failed, and return the message so.

    A queue that did not answer may have taken a copy all the same, and the copy may already be on its way. So the
    result shows the status that is stored in each row. Only a copy that was *queued* until now, and is *failed* from
    now on, is certainly not sent.
    """
    left: Sequence[int] = [each.index for each in waiting]
    for _ in range(_QUEUE_TRIES):
        if left:
            left = sending.queue.enqueue(stored.message.id, left, stored.message.owner)
    if not left:
        return stored
    recipients = [
        _record_not_queued(stored.message.id, each, sending) if each.index in left else each
        for each in stored.recipients
    ]
    lost = [each for each in recipients if each.index in left and each.diagnostic == delivery.NOT_QUEUED]
    if len(lost) == len(waiting):
        raise NotQueued("the message could not be queued: nothing of it is being sent")
    return replace(stored, recipients=tuple(recipients))


def _record_not_queued(message: str, recipient: Recipient, sending: SendingPorts) -> Recipient:
    """Record a copy as failed unless its sending has begun; return its new state. Raises NotQueued if that cannot be known."""
    failed = replace(recipient, status="failed", diagnostic=delivery.NOT_QUEUED, changed_at=sending.clock())
    try:
        if sending.recipients.record(message, failed, frozenset({"queued"})):
            return failed
        return sending.recipients.read(message, recipient.index) or recipient
    except Unavailable as error:
        raise NotQueued(
            "it is not known whether the message is being sent: send it again unchanged to learn"
        ) from error


def attachment_bytes(user: User, draft: Draft, sending: SendingPorts) -> int:
    """Return the size of a draft's attachments in bytes, without reading them. Raises Invalid if one is missing, and TooLarge."""
    total = 0
    for place, enclosed in enumerate(draft.attachments):
        known = ids.is_id(
            enclosed.upload
        )  # a text that is not an id is no object's name: nothing else can be read through it
        size = sending.mail.size(upload_name(user.id, enclosed.upload)) if known else None
        if size is None:
            raise Invalid(f"attachments[{place}].upload", "is not an upload of yours that has arrived")
        total += size
    if total > MAX_MESSAGE_BYTES:
        raise compose.too_large_error()
    return total


def _attachment(user: User, place: int, enclosed: Enclosed, sending: SendingPorts) -> mime.Attachment:
    content = sending.mail.get(upload_name(user.id, enclosed.upload))
    if content is None:
        raise Invalid(f"attachments[{place}].upload", "is not an upload of yours that has arrived")
    return mime.Attachment(enclosed.filename, content)


def _image(user: User, place: int, upload: str, sending: SendingPorts) -> mime.Image:
    field = f"images[{place}]"
    content = read_image(user.id, upload, sending.mail)
    if content is None:
        raise Invalid(field, "is not an upload of yours that has arrived")
    return mime.Image(images.content_id(upload), images.validated_type(field, content), content)


def request_digest(draft: Draft) -> str:
    """Return a digest of a draft, the same for the same content only.

    Fields that are not used, or that were added in later versions, do not change the digest.
    """
    spelled = asdict(draft)
    for later in ("images", "sender", "excepted"):
        if not spelled[later]:
            del spelled[later]
    return _digest(json.dumps(spelled, sort_keys=True))


def _idempotency(key: str) -> str:
    if not 1 <= len(key) <= LONGEST_IDEMPOTENCY_KEY or not key.isprintable():
        raise Invalid(
            "Idempotency-Key", Text("must be 1 to %(most)s printable characters", most=LONGEST_IDEMPOTENCY_KEY)
        )
    return _digest(key)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
