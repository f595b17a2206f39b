"""Offers people to write to, and names addresses by the persons that a user sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ocello.domain.messages import visibility
from ocello.domain.messages.inbox import split
from ocello.domain.messages.message import Mailbox
from ocello.domain.people import contacts
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.users import User
from ocello.services.items import items
from ocello.services.items.ports import ItemStore
from ocello.services.people.ports import ContactStore
from ocello.services.sending.ports import MessageStore, StoredMessage

_TAKEN = 50  # newest messages that are looked at for contacts at once


def catch_up(user: User, messages: MessageStore, store: ContactStore) -> None:
    """Take the recipients of a user's newest messages among the contacts, whatever way these were sent."""
    known = store.read(user.id)
    newest = messages.page(user.id, tracked=False, limit=1, cursor=None).items
    if not newest or newest[0].message.id <= known.up_to:
        return
    found = messages.page(user.id, tracked=False, limit=_TAKEN, cursor=None).items
    people = known.people
    for stored in reversed([each for each in found if each.message.id > known.up_to]):
        people = contacts.met(people, (each.mailbox for each in stored.recipients))
    # Who loses against another window has lost nothing: that one took the same mails.
    store.write(user.id, Contacts(people, found[0].message.id, known.version + 1))


def complete(user: User, text: str, limit: int, store: ItemStore, kept: ContactStore) -> tuple[Mailbox, ...]:
    """Return people whose name or address begins as `text` says: persons that a user sees, then earlier recipients."""
    words = [word for word in split(text) if word]
    if not words:
        return ()
    found: dict[str, Mailbox] = {}
    for person in items.page(user, "person", text, limit, None, store).items:
        found |= {address: Mailbox(address, person.title) for address in person.addresses if address not in found}
    earlier = [each for each in kept.read(user.id).people if contacts.matches(each, words)][:limit]
    known = names(user, [each.address for each in earlier if not each.name], store)
    for each in earlier:
        key = each.address.lower()
        found.setdefault(key, each if each.name else replace(each, name=known.get(key, "")))
    return tuple(found.values())[:limit]


def names(user: User, addresses: Iterable[str], store: ItemStore) -> Mapping[str, str]:
    """Return the titles of the persons that a user sees, by their addresses in lower case."""
    wanted = sorted({address.lower() for address in addresses})
    persons = store.persons_at(wanted) if wanted else ()
    seen = [person for person in persons if visibility.sees_item(user, person)]
    return {address: person.title for person in seen for address in person.addresses if address in wanted}


def named(user: User, mails: Sequence[StoredMessage], store: ItemStore) -> tuple[StoredMessage, ...]:
    """Return messages whose recipients have the names of the persons that a user sees, where a mail gives them none."""
    unnamed = (each.mailbox.address for mail in mails for each in mail.recipients if not each.mailbox.name)
    known = names(user, unnamed, store)
    if not known:
        return tuple(mails)
    return tuple(
        replace(mail, recipients=tuple(replace(each, mailbox=_named(each.mailbox, known)) for each in mail.recipients))
        for mail in mails
    )


def _named(mailbox: Mailbox, known: Mapping[str, str]) -> Mailbox:
    return mailbox if mailbox.name else replace(mailbox, name=known.get(mailbox.address.lower(), ""))
