"""Signs, each day, what the ledger's last line is; checks the lines that came since the last time before it does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ocello.domain.common.errors import LedgerBroken
from ocello.domain.common.times import day_of
from ocello.domain.consent import heads, ledger
from ocello.domain.consent.heads import SignedHead
from ocello.domain.consent.ledger import Head
from ocello.services.common.ports import Clock
from ocello.services.consent.ports import DocumentSigner, HeadStore, LedgerReader

LAST_HEAD = "ledger/head.json"
_PAGE = 1_000
_LATE = "is missing"  # what `verify` says of a line that the index may not have yet
_LOOKS, _SECONDS = 5, 1.0  # how often, and after which time, is looked for such a line


def head_name(day: str) -> str:
    """Return the name in the bucket of the head of a day."""
    return f"ledger/heads/{day}.json"


@dataclass(frozen=True, slots=True)
class DailyHead:
    """The ledger, the key, and where signed heads are kept; `wait` waits for seconds."""

    reader: LedgerReader
    signer: DocumentSigner
    store: HeadStore
    clock: Clock
    wait: Callable[[float], None]

    def keep(self) -> Head:
        """Sign the ledger's head and keep it under its day; return it.

        Raises LedgerBroken, and signs nothing, if the lines do not lead from the last signed head to the present one;
        Unavailable if table, key or bucket fail.
        """
        last = self.store.get(LAST_HEAD)
        after = heads.head_in(last) if last else Head()
        head = self.reader.head()
        fault = self._fault(after, head)
        if fault is not None:
            raise LedgerBroken(fault)
        now = self.clock()
        signature = self.signer.sign(heads.statement(head, now))
        document = SignedHead(head, now, self.signer.public_key(), signature).document().encode()
        self.store.put(head_name(day_of(now)), document, "application/json")
        self.store.put(LAST_HEAD, document, "application/json")
        return head

    def _fault(self, after: Head, head: Head) -> str | None:
        for _ in range(_LOOKS - 1):
            fault = ledger.verify(lines_between(self.reader, after.number, head.number), head, after)
            if fault is None or not fault.endswith(_LATE):
                return fault
            self.wait(_SECONDS)
        return ledger.verify(lines_between(self.reader, after.number, head.number), head, after)


def lines_between(reader: LedgerReader, after: int, last: int) -> Iterator[str]:
    """Yield the lines after one number, to another, until one is missing at the end of a page."""
    while after < last:
        page = reader.lines(after, min(_PAGE, last - after))
        yield from page
        if not page:
            return
        after += len(page)
