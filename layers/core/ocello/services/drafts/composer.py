"""What the composer and the list of drafts show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ocello.domain.common.errors import Invalid
from ocello.domain.mail.addresses import format_mailbox, parse, split_typed
from ocello.domain.messages.drafts import StoredDraft
from ocello.domain.messages.message import ItemRef, Mailbox
from ocello.domain.people.users import TrackingSettings, User
from ocello.services.drafts.drafts import DraftEditor, MissingFiles
from ocello.services.inbox.contacts import ContactBook
from ocello.services.inbox.conversations import MailReader
from ocello.services.items.items import ItemReader
from ocello.services.sending.send import senders


class NewMail(NamedTuple):
    """What a new mail begins with: an id that a browser kept, a mail to answer or follow up, or an item and its address.

    Texts are '' where there are none. An item is its type and id; beside a mail to answer it counts for nothing.
    """

    draft: str = ""
    reply: str = ""
    to: str = ""
    item: tuple[str, str] | None = None


class ComposerView(NamedTuple):
    """A draft with what the composer needs beside it.

    `titles` are those of its items that the user may know, and `missing` its files that are no longer stored.
    """

    draft: StoredDraft
    settings: TrackingSettings
    senders: tuple[str, ...]
    titles: Mapping[ItemRef, str]
    missing: MissingFiles


class DraftsView(NamedTuple):
    """A page of drafts; `people` are the names or addresses of a draft's recipients, by its id."""

    drafts: tuple[StoredDraft, ...]
    people: Mapping[str, str]
    next: str | None


@dataclass(frozen=True, slots=True)
class ComposerViews:
    """What users see of their drafts; `images` returns the uploads that a body shows."""

    editor: DraftEditor
    reader: MailReader
    contacts: ContactBook
    items: ItemReader
    images: Callable[[str], Sequence[str]]

    def begin(self, user: User, signature: str, new: NewMail) -> ComposerView | None:
        """Return a new draft, not stored yet; None if the id that it names is a stored draft's. Raises NotFound."""
        if self.editor.find(user.id, new.draft) is not None:
            return None
        reply = self.reader.read(user, new.reply) if new.reply else None
        draft = self.editor.begin(user, new.draft, signature, reply)
        if new.item is not None and reply is None:
            to = self._with_name(user, new.to)
            draft = replace(draft, content=replace(draft.content, to=to, items=(new.item,)))
        return self.view(user, draft)

    def read(self, user: User, identifier: str) -> ComposerView:
        """Return a stored draft. Raises NotFound."""
        return self.view(user, self.editor.read(user.id, identifier))

    def view(self, user: User, draft: StoredDraft) -> ComposerView:
        """Return a draft with what the composer needs beside it."""
        self.contacts.catch_up(user)
        sending, content = self.editor.sending, draft.content
        return ComposerView(
            draft,
            sending.settings.read(user.id),
            tuple(account.address for account in senders(user, sending.accounts)),
            self.items.titles(user, [ItemRef(kind, identifier) for kind, identifier in content.items]),
            self.editor.missing_files(user.id, content, self.images(content.html)),
        )

    def page(self, user: User, limit: int, cursor: str | None) -> DraftsView:
        """Return a page of a user's drafts, the newest first. Raises Invalid for a bad cursor."""
        page = self.editor.page(user.id, limit, cursor)
        people = {draft.id: [_typed(text) for text in split_typed(draft.content.to)] for draft in page.items}
        known = self.contacts.names(user, (each.address for to in people.values() for each in to if not each.name))
        shown = {
            identifier: ", ".join(each.name or known.get(each.address.lower(), each.address) for each in to)
            for identifier, to in people.items()
        }
        return DraftsView(page.items, shown, page.next)

    def _with_name(self, user: User, address: str) -> str:
        """Return an address with the name of the person at it, if the user sees one, as people type it."""
        return format_mailbox(Mailbox(address, self.contacts.names(user, [address]).get(address.lower(), "")))


def _typed(text: str) -> Mailbox:
    """Return a typed recipient as a mailbox; a text that is not one yet stays as it is."""
    try:
        return parse("to", text)
    except Invalid:
        return Mailbox(text)
