"""Finds the mail of ours that a received mail answers or reports on: by ids alone, never by subject.

Subjects would credit wrong mails. A report that names no mail is matched by the address that it reports on, if a single
copy went there within five days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.mail.threads import MOST
from ocello.domain.mailboxes.reports import Fate
from ocello.domain.people.users import Account
from ocello.services.sending.ports import Conversations, MessageStore, StoredMessage

_RECENT_MS = 5 * DAY_MS
_AT_ONCE, _PAGES = 25, 4  # of the owner's newest mails that are looked through for an address


class MailMatch(NamedTuple):
    """The conversation that a received mail belongs to, and the mail of ours that it names, if it names one."""

    conversation: str
    stored: StoredMessage | None
    by_address: bool = False


@dataclass(frozen=True, slots=True)
class MailMatching:
    """Where Message-IDs and messages are looked up."""

    conversations: Conversations
    messages: MessageStore

    def by_ids(self, owner: str, ids: Sequence[str]) -> MailMatch | None:
        """Return the match of the first known id, nearest first; its mail is the first one of ours in that conversation."""
        ids = ids[:MOST]
        known = self.conversations.find(owner, ids) if ids else {}
        found = [known[each] for each in ids if each in known]
        if not found:
            return None
        conversation = found[0].conversation
        ours = next((each.message for each in found if each.message and each.conversation == conversation), "")
        stored = self.messages.load(ours) if ours else None
        mine = stored is not None and stored.message.owner == owner
        return MailMatch(conversation, stored if mine else None)

    def by_address(self, account: Account, fates: Sequence[Fate], at: int) -> MailMatch | None:
        """Return the only mail that went from an account to an address that a report names, within five days before `at`."""
        wanted = {address for fate in fates for address in fate.addresses}
        found, cursor = list[StoredMessage](), None
        for _ in range(_PAGES if wanted else 0):
            page = self.messages.page(account.user, tracked=False, limit=_AT_ONCE, cursor=cursor)
            recent = [each for each in page.items if each.message.created_at >= at - _RECENT_MS]
            found += [each for each in recent if each.message.created_at <= at and _went(each, account, wanted)]
            cursor = page.next
            if cursor is None or len(recent) < len(page.items):
                break
        return MailMatch(found[0].message.conversation_id, found[0], by_address=True) if len(found) == 1 else None


def _went(stored: StoredMessage, account: Account, wanted: set[str]) -> bool:
    sent = stored.message.sender.address.lower() == account.address
    return sent and any(each.mailbox.address.lower() in wanted for each in stored.recipients)
