"""Suggests people to write to, and finds the names of persons by their addresses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ocello.domain.messages import visibility
from ocello.domain.messages.inbox import split_words
from ocello.domain.messages.message import Mailbox
from ocello.domain.people import contacts
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.users import User
from ocello.services.items.items import ItemReader
from ocello.services.people.ports import ContactStore
from ocello.services.sending.ports import MessageStore, StoredMessage

_TAKEN = 50  # newest messages that are read for contacts at once


@dataclass(frozen=True, slots=True)
class ContactBook:
    """Suggests people whom a user knows: persons among the items, and earlier recipients."""

    items: ItemReader
    contacts: ContactStore
    messages: MessageStore

    def catch_up(self, user: User) -> None:
        """Add the recipients of a user's newest messages to the contacts, however these messages were sent."""
        known = self.contacts.read(user.id)
        newest = self.messages.page(user.id, tracked=False, limit=1, cursor=None).items
        if not newest or newest[0].message.id <= known.up_to:
            return
        found = self.messages.page(user.id, tracked=False, limit=_TAKEN, cursor=None).items
        people = known.people
        for stored in reversed([each for each in found if each.message.id > known.up_to]):
            people = contacts.add_contacts(people, (each.mailbox for each in stored.recipients))
        # If another window was faster, nothing is lost: it added the same mails.
        self.contacts.write(user.id, Contacts(people, found[0].message.id, known.version + 1))

    def complete(self, user: User, text: str, limit: int) -> tuple[Mailbox, ...]:
        """Return people whose name or address begins with `text`: persons that the user sees, then earlier recipients."""
        words = [word for word in split_words(text) if word]
        if not words:
            return ()
        found: dict[str, Mailbox] = {}
        for person in self.items.page(user, "person", text, limit, None).items:
            found |= {address: Mailbox(address, person.title) for address in person.addresses if address not in found}
        earlier = [each for each in self.contacts.read(user.id).people if contacts.matches(each, words)][:limit]
        known = self.names(user, [each.address for each in earlier if not each.name])
        for each in earlier:
            key = each.address.lower()
            found.setdefault(key, each if each.name else replace(each, name=known.get(key, "")))
        return tuple(found.values())[:limit]

    def names(self, user: User, addresses: Iterable[str]) -> Mapping[str, str]:
        """Return the names of the persons that a user sees, by address in lower case."""
        wanted = sorted({address.lower() for address in addresses})
        persons = self.items.items.persons_at(wanted) if wanted else ()
        seen = [person for person in persons if visibility.sees_item(user, person)]
        return {address: person.title for person in seen for address in person.addresses if address in wanted}

    def with_names(self, user: User, mails: Sequence[StoredMessage]) -> tuple[StoredMessage, ...]:
        """Return messages in which recipients without a name have that of the person at their address, if the user sees one."""
        unnamed = (each.mailbox.address for mail in mails for each in mail.recipients if not each.mailbox.name)
        known = self.names(user, unnamed)
        if not known:
            return tuple(mails)
        return tuple(
            replace(
                mail,
                recipients=tuple(replace(each, mailbox=_with_name(each.mailbox, known)) for each in mail.recipients),
            )
            for mail in mails
        )


def _with_name(mailbox: Mailbox, known: Mapping[str, str]) -> Mailbox:
    return mailbox if mailbox.name else replace(mailbox, name=known.get(mailbox.address.lower(), ""))
