"""Finds the recipients of a mail who are its sender or use this installation: their copies are not tracked."""

from collections.abc import Sequence
from dataclasses import replace

from ocello.domain.common import hosts
from ocello.domain.messages.message import OWN_USER, Message, Recipient
from ocello.domain.people.users import User
from ocello.services.sending.outgoing import SendingPorts


def mark_own(
    message: Message, recipients: Sequence[Recipient], user: User, sending: SendingPorts
) -> tuple[Message, tuple[Recipient, ...]]:
    """Return a message and its recipients, with our own recipients marked; unchanged if nothing is tracked.

    Our own addresses are the sender's, all verified addresses of its user, and those at which the team's users who are
    not disabled sign in or from which they send. Accounts of earlier versions are recorded as such when their user
    sends.
    """
    if sending.own_users is None or not message.tracked:
        return message, tuple(recipients)
    addresses = {_normalized(each.mailbox.address) for each in recipients}
    verified = [account for account in sending.accounts.of(user.id) if account.verified]
    for account in verified:
        if not account.claimed:
            sending.accounts.claim(account)
    own = (account.address for account in verified)
    mine = {_normalized(each) for each in (message.sender.address, user.address, *own)} & addresses
    ours = mine | sending.own_users.among(sorted(addresses - mine))
    found = tuple(
        replace(each, untracked=OWN_USER) if _normalized(each.mailbox.address) in ours else each for each in recipients
    )
    return replace(message, own_copies=tuple(each.index for each in found if each.untracked == OWN_USER)), found


def _normalized(address: str) -> str:
    """Return an address in the form in which addresses are compared."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower()}@{hosts.normalized(domain)}"
