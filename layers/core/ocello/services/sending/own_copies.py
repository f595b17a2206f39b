"""Decides for whom a mail is tracked: not for its sender and our own users, for all others as far as the ladder allows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocello.domain.common import hosts
from ocello.domain.messages.message import OWN_USER, WHOLE, ItemRef, Message, Recipient, Report, with_decisions
from ocello.domain.messages.visibility import sees_item
from ocello.domain.people.users import User
from ocello.services.consent.deciding import Choice, Countries, without_footers
from ocello.services.items.ports import ItemStore
from ocello.services.sending.outgoing import FooterDates, SendingPorts
from ocello.services.sending.ports import StoredMessage


def decide_for(
    recipients: Sequence[Recipient],
    choice: Choice,
    sender: str,
    user: User,
    sending: SendingPorts,
    items: Sequence[ItemRef] = (),
    prefix: str = "track.",
) -> tuple[Recipient, ...]:
    """Return the recipients of a mail from the address `sender` about `items`, each with how they are tracked.

    Raises TrackingNotPermitted, whose field is `prefix` and the axis, and Unavailable.
    """
    wanted = choice.wanted or sending.decisions.footers
    marked = mark_own(recipients, sender, user, sending) if wanted else tuple(recipients)
    countries = _countries(marked, user, items, sending.items) if sending.decisions.by_country else {}
    return sending.decisions.decided(marked, choice, countries, prefix)


def planned(
    message: Message,
    recipients: Sequence[Recipient],
    raw: bytes,
    choice: Choice,
    sending: SendingPorts,
    prefix: str = "track.",
) -> StoredMessage:
    """Return a mail as it is to be stored, with what tracking will find in `raw`.

    Where its copies have to carry a footer and cannot, nothing is tracked. Raises TrackingNotPermitted, whose field is
    `prefix` and the axis, if a mode was named all the same.
    """
    message = with_decisions(message, recipients)
    if not message.tracked:
        return StoredMessage(message, tuple(recipients), Report(), None)
    dates: FooterDates = {} if sending.decisions.footers else None
    report = sending.tracker.report(raw, message, recipients, dates)
    if dates is not None and any(entry.what == WHOLE for entry in report.untracked):
        recipients = without_footers(recipients, choice, prefix)
        message = with_decisions(message, recipients)
    return StoredMessage(message, tuple(recipients), report, None)


def _countries(
    recipients: Sequence[Recipient], user: User, refs: Sequence[ItemRef], items: ItemStore
) -> Mapping[int, Countries]:
    """Return what the items that a sender sees say of the recipients' countries: persons of themselves, the linked ones else."""
    addresses = {each.index: each.mailbox.address.lower() for each in recipients}
    persons = [each for each in items.persons_at(sorted(set(addresses.values()))) if sees_item(user, each)]
    own = {address: each.country for each in reversed(persons) if each.country for address in each.addresses}
    linked = items.several(refs)
    about = next(
        (each.country for ref in refs if (each := linked.get(ref)) and each.country and sees_item(user, each)), ""
    )
    return {index: Countries(own.get(address, ""), about) for index, address in addresses.items()}


def mark_own(recipients: Sequence[Recipient], sender: str, user: User, sending: SendingPorts) -> tuple[Recipient, ...]:
    """Return the recipients of a mail from the address `sender`, with our own marked.

    Our own addresses are the sender's, all verified addresses of its user, and those at which the team's users who are
    not disabled sign in or from which they send. Accounts of earlier versions are recorded as such when their user
    sends.
    """
    if sending.own_users is None:
        return tuple(recipients)
    addresses = {_normalized(each.mailbox.address) for each in recipients}
    verified = [account for account in sending.accounts.of(user.id) if account.verified]
    for account in verified:
        if not account.claimed:
            sending.accounts.claim(account)
    own = (account.address for account in verified)
    mine = {_normalized(each) for each in (sender, user.address, *own)} & addresses
    ours = mine | sending.own_users.among(sorted(addresses - mine))
    return tuple(
        replace(each, untracked=OWN_USER) if _normalized(each.mailbox.address) in ours else each for each in recipients
    )


def _normalized(address: str) -> str:
    """Return an address in the form in which addresses are compared."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower()}@{hosts.normalized(domain)}"
