"""Returns messages, alerts, people and figures as JSON (docs/contract.md) for users who may see them."""

import re
from collections.abc import Iterable
from dataclasses import asdict

from ocello.domain.common.times import rfc3339
from ocello.domain.engagement.statistics import Figures
from ocello.domain.engagement.summary import Engagement, Summary
from ocello.domain.messages.message import (
    WHOLE,
    Kind,
    Link,
    Mailbox,
    Recipient,
    Report,
    Untracked,
    shown_status,
    status_of,
)
from ocello.domain.messages.visibility import shown_recipients
from ocello.domain.people.audit import AuditEntry
from ocello.domain.people.users import Account, ApiKey, User
from ocello.domain.tracking.tokens import EVERYONE
from ocello.domain.verdicts.verdict import explain
from ocello.services.accounts.accounts import notes_about
from ocello.services.alerts.ports import ShownAlert
from ocello.services.engagement.hits import JudgedHit
from ocello.services.sending.ports import StoredMessage
from ocello.services.statistics.statistics import Statistics

type Json = dict[str, object]

_ATOMS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*")


def message_json(stored: StoredMessage, viewer: str) -> Json:
    """Return a message as JSON for the user `viewer`; Bcc recipients are included only for its owner."""
    message, engagement = stored.message, stored.engagement or Engagement()
    shown = shown_recipients(viewer, message.owner, stored.recipients)
    return {
        "id": message.id,
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "status": status_of(stored.recipients),
        "from": message.sender.address,
        "to": _addresses(shown, "to"),
        "cc": _addresses(shown, "cc"),
        "bcc": _addresses(shown, "bcc"),
        "subject": message.subject,
        "sent_at": _sent_at(stored.recipients),
        "tracking": {"opens": message.track_opens, "clicks": message.track_clicks},
        "visibility": message.visibility,
        "items": [{"type": item.type, "id": item.id} for item in message.items],
        "opens": summary_json(engagement.message_opens),
        "clicks": summary_json(engagement.message_clicks),
        "recipients": [_recipient(recipient, engagement) for recipient in shown],
        "links": [_link(link, engagement) for link in stored.report.links],
        "untracked": [*map(_untracked, stored.report.untracked), *_untracked_copies(shown, stored.report)],
    }


def summary_json(summary: Summary) -> Json:
    """Return a summary as JSON; its times are oldest first."""
    return {
        "count": summary.count,
        "machine": summary.machine,
        "unknown": summary.unknown,
        "first": _time(summary.first),
        "last": _time(summary.last),
        "times": [rfc3339(at) for at in summary.times],
    }


def totals_json(engagement: Engagement) -> Json:
    """Show what all of a message's hits come to."""
    return {"opens": summary_json(engagement.message_opens), "clicks": summary_json(engagement.message_clicks)}


def hit_json(judged: JudgedHit) -> Json:
    """Return a hit and its present verdict as JSON; never the network address that it came from."""
    hit, verdict = judged.hit, judged.verdict
    return {
        "at": rfc3339(hit.at),
        "kind": hit.kind,
        "recipient": None if hit.recipient == EVERYONE else hit.recipient,
        "link": hit.link,
        "method": hit.method,
        "agent": hit.agent,
        "verdict": verdict.kind,
        "confidence": verdict.confidence,
        "reasons": [reason.code for reason in verdict.reasons],
        "explanation": explain(verdict),
        "folded": judged.folded,
    }


def alert_json(alert: ShownAlert) -> Json:
    """Return an alert as JSON."""
    return {
        "id": alert.id,
        "kind": alert.kind,
        "at": rfc3339(alert.at),
        "message": {"id": alert.message, "subject": alert.subject},
        "recipient": alert.recipient,
        "link": alert.link,
        "state": alert.state,
    }


def statistics_json(statistics: Statistics) -> Json:
    """Return figures per day, oldest first, and their total, as JSON."""
    return {
        "from": statistics.days[0][0],
        "to": statistics.days[-1][0],
        "days": [{"day": day, **figures_json(figures)} for day, figures in statistics.days],
        "total": figures_json(statistics.total),
    }


def figures_json(figures: Figures) -> Json:
    """Show figures of messages: what was seen and counts."""
    return {"sent": figures.sent, "tracked": figures.tracked, "opened": figures.opened, "clicked": figures.clicked}


def key_json(key: ApiKey) -> Json:
    """Return an API key as JSON, without anything of its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created_at": rfc3339(key.created_at),
        "last_used_at": _time(key.last_used_at or None),
        "expires_at": _time(key.expires_at or None),
    }


def audit_json(entry: AuditEntry) -> Json:
    """Return an entry of the audit trail as JSON."""
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "actor": entry.actor,
        "by_key": entry.by_key,
        "action": entry.action,
        "target": entry.target,
        "before": entry.before,
        "after": entry.after,
    }


def account_json(account: Account) -> Json:
    """Return a sending account as JSON, without its password."""
    smtp = account.smtp
    return {
        "address": account.address,
        "name": account.name,
        "transport": account.transport,
        "verified": account.verified,
        "smtp": None
        if smtp is None
        else {"host": smtp.host, "port": smtp.port, "security": smtp.security, "username": smtp.username},
        "warnings": list(notes_about(account)),
    }


def user_json(user: User) -> Json:
    """Return a user as JSON for an administrator."""
    return {
        "id": user.id,
        "address": user.address,
        "name": user.name,
        "admin": user.admin,
        "groups": list(user.all_groups),
        "given_groups": list(user.given_groups),
        "disabled": user.disabled,
        "state": user.state,
        "created_at": rfc3339(user.created_at),
    }


def mailbox_text(mailbox: Mailbox) -> str:
    """Return a mailbox in the form of RFC 5322, section 3.4; a name beyond ASCII is not encoded."""
    if not mailbox.name:
        return mailbox.address
    if _ATOMS.fullmatch(mailbox.name):
        return f"{mailbox.name} <{mailbox.address}>"
    quoted = mailbox.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{mailbox.address}>'


def _addresses(recipients: Iterable[Recipient], kind: Kind) -> list[str]:
    return [mailbox_text(recipient.mailbox) for recipient in recipients if recipient.kind == kind]


def _sent_at(recipients: Iterable[Recipient]) -> str | None:
    """Return the time at which the first copy was sent, or None."""
    return _time(min((recipient.sent_at for recipient in recipients if recipient.sent_at), default=None))


def _recipient(recipient: Recipient, engagement: Engagement) -> Json:
    actions = engagement.recipient(recipient.index)
    return {
        "index": recipient.index,
        "address": recipient.mailbox.address,
        "kind": recipient.kind,
        "status": shown_status(recipient.status),
        "words": recipient.diagnostic,
        "message_id": recipient.provider_message_id or None,
        "tracking": None if recipient.tracking is None else asdict(recipient.tracking),
        "replied_at": _time(recipient.replied_at or None),
        "away_at": _time(recipient.away_at or None),
        "bounce": {"status": recipient.bounce_status or None, "diagnostic": recipient.diagnostic}
        if recipient.status == "bounced"
        else None,
        "opens": summary_json(actions.opens),
        "clicks": summary_json(actions.clicks),
    }


def _link(link: Link, engagement: Engagement) -> Json:
    return {
        "index": link.index,
        "url": link.url,
        "text": link.text,
        "clicks": summary_json(engagement.link(link.index)),
    }


def _untracked(entry: Untracked) -> Json:
    return {"what": entry.what, "where": entry.where, "reason": entry.reason}


def _untracked_copies(recipients: Iterable[Recipient], report: Report) -> list[Json]:
    """Return the copies that were sent without tracking, by address, unless the whole mail was."""
    if any(entry.what == WHOLE for entry in report.untracked):
        return []
    copies = (Untracked("copy", each.mailbox.address, each.untracked) for each in recipients if each.untracked)
    return [_untracked(copy) for copy in copies]


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
