"""Saves, sends and discards drafts. What another window saved meanwhile is never lost."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ocello.domain.common import ids
from ocello.domain.common.errors import Conflict, Invalid, NotFound, OcelloError, TooLarge, TooMany, Unavailable
from ocello.domain.mail.compose import Draft
from ocello.domain.messages.drafts import DraftContent, StoredDraft, append_signature, follow_up, is_untouched
from ocello.domain.people.users import Principal, User
from ocello.services.common.ports import Page
from ocello.services.drafts.ports import DraftStore
from ocello.services.inbox import inbox
from ocello.services.inbox.ports import InboxStore
from ocello.services.sending.outgoing import SendingPorts, read_image, upload_name
from ocello.services.sending.ports import StoredMessage
from ocello.services.sending.send import request_digest, senders
from ocello.services.sending.submission import Submission

RESTORED_MS = 600_000  # how long a discarded draft can be restored

SaveOutcome = Literal["untouched", "saved", "known", "apart", "gone"]


class SavedDraft(NamedTuple):
    """The outcome of saving, and the draft as it is stored now.

    *untouched*: nothing was typed, and nothing is stored. *known*: the same content was saved before. *apart*: another
    window saved something else meanwhile, so this content became a new draft. *gone*: the draft was sent or discarded,
    so this content became a new draft too.
    """

    outcome: SaveOutcome
    draft: StoredDraft


class SendOutcome(NamedTuple):
    """The outcome of sending a draft: the message, or the error and the draft to be shown again."""

    draft: StoredDraft
    message: StoredMessage | None
    refusal: OcelloError | None


class MissingFiles(NamedTuple):
    """Files that a draft names but that are no longer stored: names of attachments, and whether an image of the text is one."""

    attachments: tuple[str, ...]
    image: bool


@dataclass(frozen=True, slots=True)
class DraftEditor:
    """Saves, sends and discards drafts."""

    drafts: DraftStore
    inbox: InboxStore
    sending: SendingPorts

    def begin(self, user: User, identifier: str, signature: str, reply_to: StoredMessage | None = None) -> StoredDraft:
        """Return a new draft, not stored yet, with the id `identifier` or a new one; it may answer or follow up a mail."""
        settings = self.sending.settings.read(user.id)
        content = DraftContent(
            html=append_signature("", signature), opens=settings.track_opens, clicks=settings.track_clicks
        )
        if reply_to is not None:
            sender = reply_to.message.sender.address
            own = any(sender == each.address for each in senders(user, self.sending.accounts))
            content = follow_up(content, reply_to.message, reply_to.recipients, sender if own else "")
        return StoredDraft(identifier if ids.is_id(identifier) else self._new_id(), 0, 0, content)

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[StoredDraft]:
        """Return a page of a user's drafts, the newest first. Raises Invalid for a bad cursor."""
        return self.drafts.page(owner, limit, cursor)

    def find(self, owner: str, identifier: str) -> StoredDraft | None:
        """Return a draft of a user's; None if there is none, or if `identifier` is not an id."""
        return self.drafts.get(owner, identifier) if ids.is_id(identifier) else None

    def read(self, owner: str, identifier: str) -> StoredDraft:
        """Return a draft of a user's. Raises NotFound."""
        draft = self.find(owner, identifier)
        if draft is None:
            raise NotFound("there is no such draft")
        return draft

    def check_current(self, owner: str, identifier: str, version: int) -> None:
        """Raise Conflict if a draft is not what its window saved last: a window sends only what it shows."""
        draft = self.find(owner, identifier)
        if (draft.version if draft else 0) != version:
            raise Conflict("this draft has been changed, sent or discarded in another window")

    def within_settings(self, owner: str, content: DraftContent) -> DraftContent:
        """Return content without the tracking that its owner's settings switch off: a form cannot switch that on."""
        settings = self.sending.settings.read(owner)
        return replace(
            content, opens=content.opens and settings.track_opens, clicks=content.clicks and settings.track_clicks
        )

    def save(self, owner: str, identifier: str, version: int, content: DraftContent, signature: str) -> SavedDraft:
        """Save content that was made from `version` (0: never saved). Raises NotFound if `identifier` is not an id."""
        now = self.sending.clock()
        draft = StoredDraft(identifier, version + 1, now, content)
        if version == 0 and is_untouched(content, signature):
            return SavedDraft("untouched", draft)
        _check_id(identifier)
        if self.drafts.write(owner, draft, version or None):
            return SavedDraft("saved", draft)
        present = self.drafts.get(owner, draft.id)
        if present is not None and present.content == content:
            return SavedDraft("known", present)
        apart = StoredDraft(self._new_id(), 1, now, content)
        self.drafts.write(owner, apart, None)
        return SavedDraft("gone" if present is None else "apart", apart)

    def discard(self, owner: str, identifier: str, content: DraftContent | None, signature: str) -> bool:
        """Discard a draft as its window showed it (None: as it is stored); it can be restored for some minutes.

        Return False if nothing was stored and nothing typed, so that there is nothing to restore. Raises NotFound if
        `identifier` is not an id.
        """
        _check_id(identifier)
        stored = self.drafts.get(owner, identifier)
        if content is None:
            content = stored.content if stored else DraftContent()
        if stored is None and is_untouched(content, signature):
            return False
        now = self.sending.clock()
        draft = StoredDraft(identifier, stored.version + 1 if stored else 1, now, content)
        self.drafts.discard(owner, draft, now + RESTORED_MS)
        return True

    def restore(self, owner: str, identifier: str) -> None:
        """Restore a discarded draft. Raises NotFound if it is no longer stored."""
        if not ids.is_id(identifier) or self.drafts.restore(owner, identifier, self.sending.clock()) is None:
            raise NotFound("this draft is no longer kept")

    def send(
        self, principal: Principal, identifier: str, version: int, content: DraftContent, mail: Draft
    ) -> SendOutcome:
        """Send `mail`, which was made from `content`. Raises NotFound if `identifier` is not an id.

        The content is saved first, and the draft is deleted only once the mail is queued.
        """
        _check_id(identifier)
        owner = principal.user.id
        draft = StoredDraft(identifier, version + 1, self.sending.clock(), content)
        saved = self.drafts.write(owner, draft, version or None)
        # The key is a digest of the content: however an earlier try ended, the same mail of a draft is never sent twice.
        key = f"draft {draft.id} {request_digest(mail)}"
        try:
            stored = Submission(self.sending).submit(principal, mail, key)
        except (Invalid, Conflict, TooLarge, TooMany, Unavailable) as error:
            return SendOutcome(draft if saved else replace(draft, version=version), None, error)
        inbox.add_message(stored, self.inbox)
        if saved:  # otherwise another window has saved something else meanwhile, which must stay
            self.drafts.delete(owner, draft.id)
        return SendOutcome(draft, stored, None)

    def missing_files(self, owner: str, content: DraftContent, images: Iterable[str]) -> MissingFiles:
        """Return which attachments and `images` of a draft are no longer stored: uploads expire, drafts do not."""
        mail = self.sending.mail
        files = (each.filename for each in content.attachments if mail.size(upload_name(owner, each.upload)) is None)
        return MissingFiles(tuple(files), any(read_image(owner, each, mail) is None for each in images))

    def _new_id(self) -> str:
        return ids.uuid7(self.sending.clock(), self.sending.random_bytes(10))


def _check_id(identifier: str) -> None:
    """Raise NotFound for a text that is not an id: it would be the key of another row."""
    if not ids.is_id(identifier):
        raise NotFound("there is no such draft")
