"""Says before sending what tracking will do to a mail, and what it honestly cannot do."""

from dataclasses import dataclass
from typing import Literal

from ocello.domain import compose, ids
from ocello.domain.bodies import text_of
from ocello.domain.compose import Draft, Track
from ocello.domain.doubts import is_group
from ocello.domain.mailboxes import domain_of
from ocello.domain.messages import Mailbox, Message, Report
from ocello.domain.people import User
from ocello.services.outgoing import PostOffice
from ocello.services.send import sending_account

CLIPPED_AT = 102_000  # bytes of HTML beyond which some clients show only the beginning
NEAR_CLIPPING = 80_000

Limit = Literal["empty", "clipped", "near", "group", "many", "unaligned", "address"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will be tracked, what not and why, and the limits that apply."""

    sender: str
    report: Report
    limits: tuple[Limit, ...]
    groups: tuple[str, ...] = ()  # addresses behind which several people may be


def forecast(draft: Draft, track: Track, user: User, office: PostOffice) -> Forecast:
    """Rehearse the sending of a draft, with nothing stored. Raises as `send` does."""
    composed = compose.check(draft)
    account = sending_account(user, office.accounts)
    now, chance = office.clock(), office.chance(22)
    identifier = ids.uuid7(now, chance[:10])
    sender = Mailbox(account.address, account.name or user.name)
    message_id = compose.message_id_of(identifier, sender)
    raw = compose.original(composed, sender, message_id, at_ms=now, attachments=(), chance=chance[10:])
    message = Message(
        id=identifier,
        owner=user.id,
        message_id=message_id,
        conversation_id=identifier,
        sender=sender,
        subject=composed.subject,
        created_at=now,
        track_opens=track.opens,
        track_clicks=track.clicks,
    )
    report = office.tracker.report(raw, message) if message.tracked else Report()
    addresses = [recipient.mailbox.address for recipient in composed.recipients]
    groups = tuple(address for address in addresses if is_group(address))
    return Forecast(account.address, report, _limits(draft, track, report, groups, sender, office), groups)


def _limits(
    draft: Draft, track: Track, report: Report, groups: tuple[str, ...], sender: Mailbox, office: PostOffice
) -> tuple[Limit, ...]:
    size = len((draft.html or "").encode())
    tracked = track.opens or track.clicks
    found: list[Limit] = []
    if tracked and not (draft.text or text_of(draft.html or "")).strip():
        found.append("empty")
    if size > CLIPPED_AT:
        found.append("clipped")
    elif size > NEAR_CLIPPING:
        found.append("near")
    if tracked and groups:
        found.append("group")
    if any(link.shows_address for link in report.links):
        found.append("address")
    if track.clicks and report.links and not aligned(sender.address, office.tracker.origin):
        found.append("unaligned")
    return tuple(found)


def aligned(sender: str, origin: str) -> bool:
    """Tell whether links to `origin` look like the sender's own: the same domain, or one below the same two labels."""
    host = origin.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    domain = domain_of(sender).lower()
    return host == domain or host.split(".")[-2:] == domain.split(".")[-2:]
