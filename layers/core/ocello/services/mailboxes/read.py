"""Looks at a user's mailbox, and keeps what answers the user's mail.

The promise: a mail that the mailbox showed is kept before the place in the mailbox moves past it, and a mail that is
looked at twice changes nothing the second time. Mail that answers nothing of ours leaves no trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.texts import truncate
from ocello.domain.common.times import DAY_MS, day_of
from ocello.domain.consent.subjects import subject_of
from ocello.domain.mailboxes import heads
from ocello.domain.mailboxes.judge import ANSWERS, MailJudgement, judge
from ocello.domain.mailboxes.kept import MailboxState, ReceivedMail, pace_of, pause_after
from ocello.domain.mailboxes.received import ReceivedHeader
from ocello.domain.messages.delivery import Deferred, Feedback, Outcome, Rejected, SignInRefused
from ocello.domain.messages.message import Recipient
from ocello.domain.people.users import Account
from ocello.services.accounts.ports import AccountStore
from ocello.services.common.ports import Clock
from ocello.services.mailboxes.matching import MailMatch, MailMatching
from ocello.services.mailboxes.ports import Mailboxes, MailboxStates, ReceivedMails
from ocello.services.sending import feedback
from ocello.services.sending.ports import RecipientStore

DEADLINE_MS = 20_000  # of one look
MOST_MAILS = 200  # of one look; the next one goes on
_LONGEST_DIAGNOSTIC = 500
_OUTCOMES: dict[str, Outcome] = {"bounce": "bounced", "complaint": "complained"}


class Looked(NamedTuple):
    """What a look found: mails that were new, and those of them that were kept. `again`: there is more to look at now."""

    seen: int = 0
    kept: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class MailboxReading:
    """What looking at mailboxes needs of the world. `key` is the stack's key of subjects; mail is kept for some days."""

    mailboxes: Mailboxes
    accounts: AccountStore
    states: MailboxStates
    received: ReceivedMails
    matching: MailMatching
    recipients: RecipientStore
    key: bytes
    kept_days: int
    clock: Clock

    def begin(self, account: Account) -> None:
        """Let a mailbox be looked at from now on; one whose credential was refused goes on where it stood."""
        before = self.states.read(account.user, account.address)
        if before is None:
            self.states.write(MailboxState(account.user, account.address, self.clock(), version=1), None)
        elif before.refused or before.failures:
            self.states.write(_mended(before), before)

    def end(self, owner: str, address: str) -> None:
        """Look at a mailbox no more, and forget how far it was read."""
        self.states.delete(owner, address)

    def look(self, owner: str, address: str) -> Looked:
        """Look at a mailbox once, if it is time. Raises Unavailable; what was not kept then is looked at again."""
        state = self.states.read(owner, address)
        if state is None or state.refused or self.clock() < state.not_before:
            return Looked()
        known = self.accounts.of(owner)
        account = next((each for each in known if each.address == address), None)
        if account is None:
            return Looked()
        own = frozenset(each.address for each in known)
        seen = kept = 0
        try:
            with self.mailboxes.open(account, self.clock() + DEADLINE_MS) as mailbox:
                for batch in mailbox.look(state.place, state.since):
                    kept += sum(self._keep(account, own, mail) for mail in batch.mails)
                    seen += len(batch.mails)
                    moved = replace(_mended(state), place=batch.place)
                    if not self.states.write(moved, state):
                        return Looked(seen, kept)  # somebody else reads it, or it was connected anew: theirs holds
                    state = moved
                    if seen >= MOST_MAILS:
                        return Looked(seen, kept, again=True)
        except SignInRefused as refusal:
            self._failed(state, refusal.text, refused=True)
        except (Rejected, Deferred) as error:
            if seen:
                return Looked(seen, kept, again=True)
            self._failed(state, error.text)
        else:
            self._rested(state)
        return Looked(seen, kept)

    def _rested(self, state: MailboxState) -> None:
        """Note a look that went well: once a day, after failures, and if it is to be looked at more or less often."""
        now = self.clock()
        new_day = day_of(now) != day_of(state.last_read)
        pace = state.pace
        if new_day or pace != "1M":
            newest = self.matching.messages.page(state.owner, tracked=False, limit=1, cursor=None).items
            pace = pace_of(newest[0].message.created_at if newest else 0, now)
        if not (new_day or state.failures or pace != state.pace):
            return
        self.states.write(replace(_mended(state), pace=pace, last_read=now if new_day else state.last_read), state)

    def _failed(self, state: MailboxState, words: str, *, refused: bool = False) -> None:
        now, failures = self.clock(), state.failures + 1
        failed = replace(
            state,
            refused=refused,
            failures=failures,
            failing_since=state.failing_since or now,
            not_before=0 if refused else now + pause_after(failures) * 1_000,
            diagnostic=truncate(words, _LONGEST_DIAGNOSTIC),
            version=state.version + 1,
        )
        self.states.write(failed, state)

    def _keep(self, account: Account, own: frozenset[str], mail: ReceivedHeader) -> bool:
        """Keep a mail that answers one of ours, with all that follows from it; return whether it is new."""
        judged, head = judge(mail), heads.read(mail.head)
        writer = heads.writer(head)
        if writer.address in own:
            return False  # a copy of what the user wrote
        match = self.matching.by_ids(account.user, judged.answers)
        if match is None and judged.kind in ("bounce", "delay"):
            match = self.matching.by_address(account, judged.fates, mail.received_at)
        if match is None:
            return False
        about = _about(match, judged, writer.address)
        kept = ReceivedMail(
            name=heads.identity(head, mail.head),
            owner=account.user,
            account=account.address,
            conversation=match.conversation,
            message="" if match.stored is None else match.stored.message.id,
            recipients=tuple(each.index for each in about),
            sender=writer,
            at=mail.received_at,
            kind=judged.kind,
            reasons=(*judged.reasons, "by_address") if match.by_address else judged.reasons,
            ref=mail.ref,
            in_spam=mail.in_spam,
            blind=any(each.kind == "bcc" for each in about),
        )
        until = mail.received_at + self.kept_days * DAY_MS
        new = self.received.add(kept, subject_of(writer.address, self.key), until)
        self._follow(kept, about, judged)  # also of one that is kept: a death may have come between
        own_id = heads.own_id(head)
        if own_id:
            self.matching.conversations.claim(account.user, own_id, match.conversation)
        return new

    def _follow(self, kept: ReceivedMail, about: Sequence[Recipient], judged: MailJudgement) -> None:
        """Let recipients be marked as what the mail says of them; again changes nothing."""
        for recipient in about:
            if kept.kind in ANSWERS:
                self.recipients.note_reply(kept.message, recipient.index, kept.at)
            elif kept.kind == "auto":
                self.recipients.note_absence(kept.message, recipient.index, kept.at)
            elif kept.kind in _OUTCOMES:
                self._report(kept, recipient, judged)

    def _report(self, kept: ReceivedMail, recipient: Recipient, judged: MailJudgement) -> None:
        """Apply a bounce or a complaint, by the rules that hold for a mail service's reports; it suppresses no address."""
        told = [fate for fate in judged.fates if recipient.mailbox.address.lower() in fate.addresses]
        failed = next((fate for fate in told if fate.action == "failed"), None)
        if kept.kind == "bounce" and failed is None:
            return
        report = Feedback(
            kept.message,
            recipient.index,
            _OUTCOMES[kept.kind],
            recipient.provider_message_id,
            "" if failed is None else failed.diagnostic,
            status="" if failed is None else failed.status,
        )
        feedback.take(report, self.matching.messages, self.recipients, None, self.clock)


def _mended(state: MailboxState) -> MailboxState:
    """Return the next version of a state, without its failures."""
    well = replace(state, refused=False, failures=0, failing_since=0, not_before=0, diagnostic="")
    return replace(well, version=state.version + 1)


def _about(match: MailMatch, judged: MailJudgement, writer: str) -> tuple[Recipient, ...]:
    """Return the recipients of our mail whom a received mail is about: who wrote it, or whom a report names."""
    if match.stored is None:
        return ()
    named = {address for fate in judged.fates for address in fate.addresses} or {writer}
    found = tuple(each for each in match.stored.recipients if each.mailbox.address.lower() in named)
    if judged.kind == "complaint" and not found and len(match.stored.recipients) == 1:
        return match.stored.recipients
    return found
