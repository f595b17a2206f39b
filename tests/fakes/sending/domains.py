"""Fakes of what use cases around recipients' domains need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ocello.domain.common.errors import Unavailable
from ocello.domain.verdicts.exchangers import Exchange
from ocello.services.domains.ports import MailDomain


@dataclass
class MemoryMailDomains:
    """MailDomains."""

    rows: dict[str, MailDomain] = field(default_factory=dict)

    def read(self, names: Collection[str]) -> Mapping[str, MailDomain]:
        return {name: self.rows[name] for name in names if name in self.rows}

    def mark_asked(self, domain: MailDomain, now: int) -> bool:
        stands = self.rows.get(domain.name, MailDomain(domain.name))
        if stands.asked_at != domain.asked_at:
            return False
        self.rows[domain.name] = stands._replace(asked_at=now)
        return True

    def resolved(self, name: str, exchange: Exchange, now: int) -> None:
        self.rows[name] = self.rows.get(name, MailDomain(name))._replace(exchange=exchange, resolved_at=now)


@dataclass
class MemoryMailExchangers:
    """MailExchangers: hosts by domain; a domain that is not in it cannot be looked up now."""

    hosts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, name: str) -> Sequence[str]:
        if name not in self.hosts:
            raise Unavailable("DNS: Timeout")
        return self.hosts[name]


@dataclass
class MemoryLookupQueue:
    """LookupQueue."""

    asked: list[str] = field(default_factory=list)

    def look_up(self, name: str) -> None:
        self.asked.append(name)
