"""The domains that mail is sent to, in the app table."""

from collections.abc import Collection, Mapping

from pynamodb.attributes import NumberAttribute

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, has_version
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models import MailDomainRow, Row
from ocello.domain.common.times import DAY_MS
from ocello.domain.verdicts.context import DomainHistory
from ocello.domain.verdicts.exchangers import Exchange, MxClass
from ocello.services.domains.ports import MailDomain

_KEPT_MS = 60 * DAY_MS  # after its last look-up


class DomainScansRow(Row, discriminator="DomainScans"):
    """What settling learned of scanners of mail to a domain: the figures of DomainHistory."""

    mails = NumberAttribute(null=True)
    bursts = NumberAttribute(null=True)
    early = NumberAttribute(null=True)
    early_machines = NumberAttribute(null=True)


class DynamoMailDomains:
    """MailDomains."""

    @unavailable
    def read(self, names: Collection[str]) -> Mapping[str, MailDomain]:
        """Return what is known about each domain, read in batches."""
        if not names:
            return {}
        rows = MailDomainRow.batch_get([tuple(keys.mail_domain(name)) for name in names])
        found = {domain.name: domain for domain in map(_domain, rows)}
        for learned in DomainScansRow.batch_get([tuple(keys.domain_scans(name)) for name in names]):
            name = _name(learned.pk)
            figures = (learned.mails, learned.bursts, learned.early, learned.early_machines)
            history = DomainHistory(*(int(figure or 0) for figure in figures))
            found[name] = found.get(name, MailDomain(name))._replace(history=history)
        return found

    @unavailable
    def mark_asked(self, domain: MailDomain, now: int) -> bool:
        """Store when the look-up was requested, unless another request is stored."""
        row = MailDomainRow
        with Attempt() as attempt:
            row(*keys.mail_domain(domain.name)).update(
                [models.kind_of(row), row.asked_at.set(now), row.ttl.set((now + _KEPT_MS) // 1000)],
                has_version(row.asked_at, domain.asked_at),
            )
        return attempt.succeeded

    @unavailable
    def resolved(self, name: str, exchange: Exchange, now: int) -> None:
        """Store who receives a domain's mail."""
        row = MailDomainRow
        row(*keys.mail_domain(name)).update(
            [
                models.kind_of(row),
                row.mx.set(exchange.mx),
                row.operator.set(exchange.operator),
                row.resolved_at.set(now),
                row.ttl.set((now + _KEPT_MS) // 1000),
            ]
        )


def _domain(row: MailDomainRow) -> MailDomain:
    """Return the domain of a row; a class that this release does not know is ignored."""
    exchange = Exchange(MxClass(row.mx), row.operator) if row.mx in set(MxClass) else None
    return MailDomain(
        name=_name(row.pk),
        exchange=exchange,
        resolved_at=int(row.resolved_at) if exchange else 0,
        asked_at=int(row.asked_at),
    )


def _name(partition: str) -> str:
    return partition.removeprefix(keys.mail_domain("").pk)
