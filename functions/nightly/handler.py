"""Answers the schedule's event: signs the ledger's head, and writes down who did not answer; says both in one line each."""

from ocello.adapters.metrics import write_line
from ocello.domain.common.errors import LedgerBroken
from ocello.services.consent.asking.unanswered import Unanswered
from ocello.services.consent.heads import DailyHead


def answer(daily: DailyHead, unanswered: Unanswered) -> None:
    """Sign the head of the day, then note questions without an answer: a broken ledger gets no more lines by night.

    Raises LedgerBroken and Unavailable, for which an alarm rings.
    """
    try:
        head = daily.keep()
    except LedgerBroken as error:
        write_line("ledger broken", daily.clock(), {}, fault=error.text)
        raise
    write_line("ledger head signed", daily.clock(), {}, number=head.number, hash=head.hash)
    write_line("questions without an answer", daily.clock(), {}, noted=unanswered.note())
