"""What is known of people's consent, in the app table."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from pynamodb.transactions import TransactWrite

from ocello.adapters.dynamodb import consent_keys, keys
from ocello.adapters.dynamodb.conditions import over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models import consent as consent_rows
from ocello.domain.consent.states import AxisConsent, SubjectConsent


class DynamoConsentStates:
    """ConsentStates."""

    @unavailable
    def of(self, subjects: Collection[str]) -> Mapping[str, SubjectConsent]:
        """Return what is known of those of whom something is; a hundred in a request, as they are at this moment."""
        wanted = {consent_keys.consent(subject): subject for subject in subjects}
        rows = consent_rows.ConsentRow.batch_get([tuple(key) for key in wanted], consistent_read=True)
        return {wanted[keys.Key(row.pk, row.sk)]: consent_of(row) for row in rows}


def add_state(transaction: TransactWrite, subject: str, consent: SubjectConsent) -> None:
    """Add to a transaction what is known of a person, if the row still has the consent's version."""
    row = consent_rows.ConsentRow(
        *consent_keys.consent(subject),
        opens=list(consent.opens),
        links=list(consent.links),
        version=consent.version + 1,
    )
    transaction.save(row, over(consent_rows.ConsentRow.version, consent.version or None))


def consent_of(row: consent_rows.ConsentRow) -> SubjectConsent:
    """Return what a row says."""
    return SubjectConsent(_axis(row.opens), _axis(row.links), int(row.version))


def _axis(fields: object) -> AxisConsent:
    if not fields:
        return AxisConsent()
    state, at, entry, own, until, asked = cast("Sequence[Any]", fields)
    return AxisConsent(state, int(at), entry, bool(own), int(until), int(asked))
