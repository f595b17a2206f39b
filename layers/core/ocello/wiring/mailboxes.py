"""The parts of received mail: its rows, and how far mailboxes were read."""

from functools import cached_property
from typing import TYPE_CHECKING

from ocello.wiring.storage import StorageWiring

if TYPE_CHECKING:
    from ocello.services.mailboxes.ports import ReceivedMails


class MailboxWiring(StorageWiring):
    """The parts of a function that reads received mail, or shows it."""

    @cached_property
    def received_mails(self) -> "ReceivedMails":
        """The received mails that answer ours."""
        from ocello.adapters.dynamodb.mailboxes.received_mails import DynamoReceivedMails

        return DynamoReceivedMails()
