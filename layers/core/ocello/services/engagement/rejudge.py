"""Judges the hits of a message anew, for its owner or an administrator."""

from dataclasses import dataclass

from ocello.domain.common.errors import NotFound
from ocello.domain.engagement.summary import Engagement
from ocello.domain.people.users import User
from ocello.services.engagement.settle import Judge, Settled
from ocello.services.sending.ports import MessageStore


@dataclass(frozen=True)
class Rejudging:
    """Judges messages anew, with the stores that it was given."""

    messages: MessageStore
    judge: Judge

    def rejudge(self, by: User, message: str) -> tuple[Settled, Engagement]:
        """Judge a message's hits anew; say what it came to, and what they come to now.

        Alerts, lists and statistics follow the row, as after any hit. Raises NotFound for whom is neither, and Unavailable.
        """
        stored = self.messages.load(message)
        if stored is None or not (by.admin or stored.message.owner == by.id):
            raise NotFound("no such message")
        outcome = self.judge.rejudge(message)
        stored = self.messages.load(message)
        return outcome, stored.engagement if stored and stored.engagement else Engagement()
