"""Reports before sending what tracking will do to a mail, and what it cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ocello.domain.common import hosts, ids
from ocello.domain.consent.modes import OFF
from ocello.domain.engagement.uncertainty import is_group
from ocello.domain.mail import compose
from ocello.domain.mail.addresses import domain_of
from ocello.domain.mail.bodies import html_to_text
from ocello.domain.mail.compose import Draft, Track
from ocello.domain.mail.link_texts import bare_addresses, links_showing_address
from ocello.domain.messages.message import Mailbox, Message, Recipient, Report
from ocello.domain.people.users import Account, User
from ocello.services.accounts import accounts
from ocello.services.consent.deciding import choice_of
from ocello.services.sending.outgoing import SendingPorts, upload_name
from ocello.services.sending.own_copies import decide_for, planned
from ocello.services.sending.send import attachment_bytes, sending_account

CLIPPED_AT = 102_000  # bytes of HTML; of more, some clients show only the beginning
NEAR_CLIPPING = 80_000
NEAR_REFUSAL = 20_000_000  # encoded bytes; Gmail, Microsoft 365 and many others refuse 25 MB and more
ENCODED = 4 / 3 * 78 / 76  # how much base64 and its line ends enlarge a file
NOTHING = Track(opens=False, clicks=False)

Limit = Literal["empty", "clipped", "near", "heavy", "group", "unaligned", "apart", "blocked", "forwarded"]


@dataclass(frozen=True, slots=True)
class Precheck:
    """What will be tracked, what not and why, and the limits that apply."""

    sender: str
    report: Report
    limits: tuple[Limit, ...]
    groups: tuple[str, ...] = ()  # addresses behind which several people may be
    tracked: tuple[str, ...] = ()  # addresses whose copies will be tracked in any way
    own: tuple[str, ...] = ()  # addresses of our own users, whose copies are not tracked
    recipients: tuple[Recipient, ...] = ()  # each with how they will be tracked
    track: Track = NOTHING  # what will be tracked in any copy
    weight: int = 0  # bytes of the encoded mail, approximately
    warnings: tuple[str, ...] = ()  # about the account
    bare: tuple[str, ...] = ()  # addresses in the text that are not links
    unnamed: tuple[str, ...] = ()  # links whose text is a full address: some clients stop a click on these


def precheck(draft: Draft, user: User, sending: SendingPorts) -> Precheck:
    """Check a draft as sending would, and store nothing. Raises as `send` does."""
    composed = compose.check(draft)
    account, settings = sending_account(user, sending.accounts, draft.sender), sending.settings.read(user.id)
    now, random_bytes = sending.clock(), sending.random_bytes(22)
    identifier = ids.uuid7(now, random_bytes[:10])
    sender = Mailbox(account.address, account.name or user.name)
    message_id = compose.message_id_of(identifier, sender)
    raw = compose.build_original(
        composed, sender, message_id, at_ms=now, attachments=(), random_bytes=random_bytes[10:]
    )
    message = Message(
        id=identifier,
        owner=user.id,
        message_id=message_id,
        conversation_id=identifier,
        sender=sender,
        subject=composed.subject,
        created_at=now,
        excepted=composed.excepted,
        never_track=settings.never_track,
    )
    choice = choice_of(draft.track or NOTHING, settings)
    recipients = decide_for(composed.recipients, choice, sender.address, user, sending, composed.items)
    whole = planned(message, recipients, raw, choice, sending)
    message, recipients, report = whole.message, whole.recipients, whole.report
    track = Track(message.track_opens, message.track_clicks)
    pictures = sum(sending.mail.size(upload_name(user.id, each)) or 0 for each in draft.images)
    weight = len(raw) + int((attachment_bytes(user, draft, sending) + pictures) * ENCODED)
    own = tuple(each.mailbox.address for each in recipients if each.untracked)
    tracked = tuple(each.mailbox.address for each in recipients if message.modes_of(each).of_individuals != OFF)
    groups = tuple(address for address in tracked if is_group(address))
    limits = (
        *_limits_of_content(draft, track, weight),
        *_limits_of_links(report, track, account, sending),
        *_limits_of_recipients(composed.recipients, track, groups),
    )
    warnings = accounts.warnings_about(account) if track.opens or track.clicks else ()
    html = draft.html or ""
    return Precheck(
        account.address,
        report,
        limits,
        groups,
        tracked,
        own,
        recipients,
        track,
        weight,
        warnings,
        bare_addresses(html),
        _unnamed_links(html, track, sending.tracker.origin),
    )


def _limits_of_content(draft: Draft, track: Track, weight: int) -> list[Limit]:
    size = len((draft.html or "").encode())
    found: list[Limit] = []
    if track.opens and not (draft.text or html_to_text(draft.html or "")).strip():
        found.append("empty")
    if size > CLIPPED_AT:
        found.append("clipped")
    elif size > NEAR_CLIPPING:
        found.append("near")
    if weight > NEAR_REFUSAL:
        found.append("heavy")
    return found


def _limits_of_recipients(recipients: Sequence[Recipient], track: Track, groups: Sequence[str]) -> list[Limit]:
    found: list[Limit] = []
    if not (track.opens or track.clicks):
        return found
    if groups:
        found.append("group")
    if len(recipients) > 1:
        found.append("apart")
    if track.opens:
        found.append("blocked")
    return [*found, "forwarded"]


def _limits_of_links(report: Report, track: Track, account: Account, sending: SendingPorts) -> list[Limit]:
    found: list[Limit] = []
    if track.clicks and report.links and not aligned(account.address, sending.tracker.origin):
        found.append("unaligned")
    return found


def _unnamed_links(html: str, track: Track, origin: str) -> tuple[str, ...]:
    """Return the links at which some clients stop: the text is a full address, and the link leads to another domain first."""
    if not track.clicks:
        return ()
    ours = hosts.registrable_domain(hosts.host_of(origin))
    return tuple(each for each in links_showing_address(html) if hosts.registrable_domain(hosts.host_of(each)) != ours)


def aligned(sender: str, origin: str) -> bool:
    """Return whether links to `origin` look like the sender's own: both are in the same registered domain."""
    return hosts.registrable_domain(hosts.host_of(origin)) == hosts.registrable_domain(domain_of(sender))
