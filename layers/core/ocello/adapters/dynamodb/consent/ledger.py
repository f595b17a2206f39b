"""The ledger of consent in the app table: lines that are written once, and one head for the whole stack."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast

from ocello.adapters.dynamodb import consent_keys, models, paging
from ocello.adapters.dynamodb.conditions import Attempt, absent, over
from ocello.adapters.dynamodb.consent.states import add_state, consent_of
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.keys import Key
from ocello.adapters.dynamodb.models import consent as consent_rows
from ocello.domain.consent import ledger
from ocello.domain.consent.ledger import Head, LedgerEntry
from ocello.domain.consent.states import SubjectConsent
from ocello.services.common.ports import Page
from ocello.services.consent.ports import Standing


class DynamoConsentLedger:
    """ConsentLedger and LedgerReader."""

    @unavailable
    def head(self) -> Head:
        """Return the last line's number and hash."""
        try:
            row = consent_rows.LedgerHeadRow.get(*consent_keys.LEDGER_HEAD, consistent_read=True)
        except consent_rows.LedgerHeadRow.DoesNotExist:
            return Head()
        return _head(row)

    @unavailable
    def standing(self, entries: Collection[LedgerEntry]) -> Standing:
        """Return how the ledger stands for some entries, in one request."""
        subjects = {consent_keys.consent(each.subject): each.subject for each in entries}
        named = {consent_keys.ledger_entry(each.subject, each.id) for each in entries}
        head, recorded, states = Head(), set[str](), dict[str, SubjectConsent]()
        wanted = [tuple(key) for key in (consent_keys.LEDGER_HEAD, *subjects, *named)]
        for row in models.Row.batch_get(wanted, consistent_read=True):
            if isinstance(row, consent_rows.LedgerHeadRow):
                head = _head(row)
            elif isinstance(row, consent_rows.ConsentRow):
                states[subjects[Key(row.pk, row.sk)]] = consent_of(row)
            else:
                recorded.add(row.sk)
        return Standing(head, frozenset(recorded), states)

    @unavailable
    def append(self, entries: Sequence[LedgerEntry], states: Mapping[str, SubjectConsent], head: Head) -> bool:
        """Write entries, states and the new head; False if the head or a state has changed, or an entry is there."""
        last = entries[-1]
        with Attempt() as attempt, models.transaction() as transaction:
            for each in entries:
                row = consent_rows.LedgerRow(
                    *consent_keys.ledger_entry(each.subject, each.id),
                    line=ledger.line(each),
                    gsi1pk=consent_keys.ledger_part(each.number),
                    gsi1sk=consent_keys.ledger_sort(each.number),
                )
                transaction.save(row, absent())
            for subject, consent in states.items():
                add_state(transaction, subject, consent)
            known = consent_rows.LedgerHeadRow
            transaction.save(
                known(*consent_keys.LEDGER_HEAD, number=last.number, hash=last.hash),
                over(known.number, head.number or None),
            )
        return attempt.succeeded

    @unavailable
    def of_subject(self, subject: str, limit: int, cursor: str | None) -> Page[LedgerEntry]:
        """List what a person said, newest first."""
        row = consent_rows.LedgerRow
        partition = consent_keys.ledger_entry(subject, "").pk
        rows, following = paging.read(row.query, partition, row.sk, limit, cursor, newest_first=True)
        return Page(tuple(ledger.read(each.line) for each in rows), following)

    @unavailable
    def lines(self, after: int, limit: int) -> Sequence[str]:
        """Return the lines that follow a number, in the order of the chain."""
        return list(_lines(after + 1, after + limit))


def _head(row: consent_rows.LedgerHeadRow) -> Head:
    return Head(int(row.number), row.hash)


def _lines(first: int, last: int) -> Iterator[str]:
    """Yield the lines of these numbers from the index, until there are no more."""
    row = consent_rows.LedgerRow
    while first <= last:
        end = min(last, (first // consent_keys.LEDGER_PART + 1) * consent_keys.LEDGER_PART - 1)
        bounds = models.Gsi1.gsi1sk.between(consent_keys.ledger_sort(first), consent_keys.ledger_sort(end))
        found = [
            cast("consent_rows.LedgerRow", each).line
            for each in row.by_gsi1.query(consent_keys.ledger_part(first), bounds)
        ]
        yield from found
        if len(found) <= end - first:
            return
        first = end + 1
