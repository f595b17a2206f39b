"""Answers the schedule's event: signs the ledger's head, and says so in one line."""

from ocello.adapters.metrics import write_line
from ocello.domain.common.errors import LedgerBroken
from ocello.services.consent.heads import DailyHead


def answer(daily: DailyHead) -> None:
    """Sign the head of the day. Raises LedgerBroken and Unavailable, for which an alarm rings."""
    try:
        head = daily.keep()
    except LedgerBroken as error:
        write_line("ledger broken", daily.clock(), {}, fault=error.text)
        raise
    write_line("ledger head signed", daily.clock(), {}, number=head.number, hash=head.hash)
