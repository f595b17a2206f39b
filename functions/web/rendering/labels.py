"""The English words for the codes of the domain; the filter `say` translates them.

A code that has no words here fails tests/unit/web/rendering/test_web_words.py.
"""

from ocello.domain.consent.ladder import Basis
from ocello.domain.consent.ledger import ConsentChannel, ConsentEventName
from ocello.domain.consent.modes import Axis, Mode
from ocello.domain.consent.rules import ConsentState
from ocello.domain.consent.telling import Why
from ocello.domain.engagement.uncertainty import Uncertainty
from ocello.domain.mailboxes.judge import Kind
from ocello.domain.messages.message import MessageStatus, Status
from ocello.domain.people.audit import Action
from ocello.domain.people.users import Scope
from ocello.domain.retention.jobs import JobState, SubjectRight
from ocello.domain.verdicts.evidence import VerdictKind

STATUSES: dict[Status | MessageStatus, str] = {
    "queued": "on its way",
    "sending": "on its way",
    "sent": "sent",
    "partly_failed": "partly failed",
    "failed": "failed",
    "unknown": "not known",
    "bounced": "bounced",
    "complained": "complained",
}
RECEIVED: dict[Kind, str] = {
    "reply": "replied",
    "calendar": "answered the invitation",
    "auto": "automatic answer",
    "list": "through a mailing list",
    "bounce": "not delivered",
    "delay": "still trying to deliver",
    "report": "report on a mail",
    "receipt": "read receipt, as their program says",
    "complaint": "reported as unwanted",
    "unreadable": "cannot be read",
}
VERDICTS: dict[VerdictKind, str] = {
    "human": "a person",
    "proxy": "a person, through a proxy",
    "privacy_proxy": "a privacy proxy",
    "prefetch": "fetched ahead",
    "scanner": "a scanner",
    "bot": "a bot",
    "self": "you yourself",
    "unknown": "unclear",
}
UNTRACKED = {
    "scheme": "not a web address",
    "empty": "empty",
    "fragment": "leads within the mail",
    "unsubscribe": "a way to unsubscribe",
    "one-time": "works only once",
    "excluded-domain": "a domain that is left alone",
    "never-track": "a domain that you never track",
    "except": "left alone in this mail",
    "template": "an unfilled template",
    "too-long": "too long",
    "off": "marked so",
    "tracking-host": "our own address",
    "relative": "not a whole address",
    "malformed": "no valid address",
    "address-text": "its text shows an address",
    "ambiguous": "browsers may read it in two ways",
    "no-html": "no place for the picture",
    "signed": "signed: any change would break the signature",
    "encrypted": "encrypted",
    "pgp": "signed or encrypted",
    "charset": "its character set is not certain",
    "transfer-encoding": "its encoding is unknown or broken",
    "no-body": "nothing separates its head from its body",
    "no-boundary": "nothing separates its parts",
    "ambiguous-header": "its head contradicts itself",
    "header-size": "its head is too large",
    "too-many-links": "too many links",
    "too-many-parts": "too many parts",
    "nesting": "parts within parts, too deep",
    "too-large": "too large",
    "part": "no part that can be tracked",
    "signature-broken": "tracking breaks the signature it was given before",
    "own-user": "the address of one of the team's own users",
    "holds-address": "it holds the reader's own address",
    "no-footer": "no place for the footer",
    "copy": "the copy went out as it was written",
    "error": "a part of it could not be understood",
}
UNCERTAINTY: dict[Uncertainty, str] = {
    "untouched": "This copy went out just as it was written, so nothing of it can be seen",
    "together": "This mail is counted for all recipients together: nobody can tell who it was.",
    "no_picture": "The mail has no place for the picture that tells of an open.",
    "unclear": "Perhaps read: nobody can tell whether it was a person or a machine.",
    "machines": "Seen only by machines, such as a scanner or a privacy proxy: nobody can tell whether it was read.",
    "unseen": "Nothing seen yet: not opened, or pictures are blocked there.",
    "clicks_only": "Nothing seen yet: opens are not tracked in this mail, only clicks are.",
    "group": "Several people may read this address, and they cannot be told apart.",
    "spread": "Read in several places, perhaps forwarded.",
}
OFF: dict[Why, str] = {
    "pooled": "counted without knowing by whom",
    "rules": "the rules allow none",
    "workspace": "an administrator allows none",
    "own-user": "the address of one of the team's own users",
    "user": "switched off in settings",
    "message": "switched off for this mail",
    "consent-unknown": "no consent",
    "consent-refused": "consent refused",
    "consent-withdrawn": "consent withdrawn",
    "no-footer": "no place for the footer",
    "allowed": "allowed",
}
ITEMS = {"deal": "Deal", "lead": "Lead", "project": "Project", "person": "Person", "organization": "Organization"}
SCOPES: dict[Scope, str] = {
    "read": "read mails and figures",
    "send": "send in your name",
    "settings": "change settings",
    "consent:read": "read who consented",
    "consent:write": "record consent and ask for it",
}
MODES: dict[Mode, str] = {
    "off": "not tracked",
    "pooled": OFF["pooled"],
    "individual": "each reader by themself",
}
AXES: dict[Axis, str] = {"opens": "Opens", "links": "Clicks"}
CONSENT: dict[ConsentState, str] = {
    "unknown": "not known",
    "granted": "granted",
    "refused": "refused",
    "withdrawn": "withdrawn",
}
EVENTS: dict[ConsentEventName, str] = {
    "requested": "asked",
    "granted": "granted",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "objected": "objected",
    "no_answer": "no answer",
    "imported": "granted, imported",
    "corrected": "taken back as a mistake",
}
CHANNELS: dict[ConsentChannel, str] = {
    "page": "on the page of a mail",
    "double_opt_in": "by the mail that asks",
    "form": "by a form",
    "import": "by an import",
    "api": "by a program",
    "spoken": "said aloud",
}
BASES: dict[Basis, str] = {
    "consent": "with consent",
    "exempt": "exempt from consent",
    "none": "where no rules hold",
}
CLOSINGS: dict[str, str] = {
    "refused": "Refused",
    "withdrawn": "Consent withdrawn",
    "objected": "Objected",
}
RIGHTS: dict[SubjectRight, str] = {
    "export": "Export of what is held of a person",
    "erase": "Erasure of what is held of a person",
}
JOBS: dict[JobState, str] = {"queued": "waiting", "running": "under way", "done": "done", "failed": "failed"}
AUDIT_VALUES: dict[str, str] = {
    "company": "the whole company",
    "private": "private",
    "shared": "shared",
    "yes": "yes",
    "no": "no",
    "off": MODES["off"],
    "pooled": MODES["pooled"],
    "individual": MODES["individual"],
}
ACTIONS: dict[Action, str] = {
    "user.invited": "Invited",
    "user.invited-again": "Invited again",
    "user.joined": "Came in as a new user",
    "user.administrator": "Administrator, by the identity provider",
    "user.disabled": "User disabled",
    "user.enabled": "User enabled",
    "user.signed-out": "Signed out everywhere",
    "groups.changed": "Groups changed",
    "key.made": "API key created",
    "key.revoked": "API key revoked",
    "account.verified": "Sending account confirmed",
    "item.changed": "Item changed",
    "item.visibility": "Changed who sees an item",
    "item.deleted": "Item deleted",
    "mail.visibility": "Changed who sees a mail",
    "suppression.lifted": "Address allowed again",
    "subject.export": "Export of what is held of a person asked for",
    "subject.erase": "Erasure of what is held of a person asked for",
    "workspace.rules": "Rules of tracking made stricter",
    "workspace.opens": "Changed the most that is tracked of opens",
    "workspace.links": "Changed the most that is tracked of clicks",
    "workspace.footers": "Switched footers where no rules hold",
}
FIELDS = {
    "address": "Address",
    "addresses": "Addresses",
    "alert_choice": "Alerts",
    "attachments": "Attachment",
    "bcc": "Bcc",
    "cc": "Cc",
    "country": "Country",
    "at": "When it was said",
    "basis": "Basis",
    "do": "What to do",
    "evidence": "Evidence",
    "evidence.at": "When it was said",
    "evidence.source": "What was said",
    "heard": "Who heard it",
    "links": "Clicks",
    "opens": "Opens",
    "words": "What was said",
    "purposes": "Purposes",
    "expires_at": "Works until",
    "file": "File",
    "format": "Format",
    "from": "From",
    "group": "Group",
    "groups": "Groups",
    "html": "Text of the mail",
    "id": "Id",
    "image": "Image",
    "images": "Image",
    "in_reply_to": "In reply to",
    "items": "Linked items",
    "items.id": "Id of the linked item",
    "items.type": "Type of the linked item",
    "language": "Language",
    "name": "Name",
    "never_track": "Domains never to track",
    "organization": "Organization",
    "owner": "Owner",
    "person": "Person",
    "port": "Port",
    "quiet_hours.from": "Quiet from",
    "quiet_hours.to": "Quiet until",
    "reason": "Reason",
    "rules": "Rules",
    "scopes": "Permissions",
    "security": "Encryption",
    "signature": "Signature",
    "smtp.host": "Host",
    "smtp.password": "Password",
    "smtp.port": "Port",
    "smtp.username": "User name",
    "subject": "Subject",
    "text": "Text of the mail",
    "theme": "Theme",
    "title": "Title",
    "to": "To",
    "track": "Links left untracked",
    "type": "Type",
    "upload": "File",
    "visibility": "Visibility",
    "zone": "Time zone",
}


def untracked(reason: str) -> str:
    """Return why something was left untracked; the class of an error, as in `error: ValueError`, is not shown."""
    return UNTRACKED.get(reason.partition(":")[0], "its form cannot be changed safely")


RELIABILITY = {
    ("opens", "reliable"): "Opens can be relied on.",
    ("opens", "unreliable"): "Opens cannot be relied on.",
    ("opens", "unknown"): "It is not known how far opens can be relied on.",
    ("clicks", "reliable"): "Clicks can be relied on.",
    ("clicks", "unreliable"): "Clicks cannot be relied on.",
    ("clicks", "unknown"): "It is not known how far clicks can be relied on.",
}


def reliability(kind: str, level: str) -> str:
    """Return how far opens or clicks can be relied on, as a sentence."""
    return RELIABILITY[kind, level]
